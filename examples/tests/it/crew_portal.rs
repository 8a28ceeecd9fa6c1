//! `crew_portal` as an operator runs it: it listens, serves, and ends in order.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{
    Charter, CharterId, CharterRepository, Currency, DynamoCharters, EmbeddedEngine,
};

use crate::crew::Desk;
use crate::office::{call, mails, office};
use crate::program::{Bench, Ended, command, run_example, terminate};

/// A portal that runs.
struct Portal {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Portal {
    fn start(bench: &Bench, words: &str) -> Self {
        Self::start_at(bench, "127.0.0.1:0", words)
    }

    fn start_at(bench: &Bench, listen: &str, words: &str) -> Self {
        Self::spawn(command("crew_portal", &bench.path(""), &[]), listen, words)
    }

    fn spawn(mut command: Command, listen: &str, words: &str) -> Self {
        command.args(["--listen", listen]).args(words.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let line = line_of(&mut stdout);
        let behind = line.split_once("/crew is the crew's page, which is served on ");
        let direct = || line.strip_prefix("http://")?.strip_suffix("/crew is the crew's page");
        let address = behind.map(|(_, address)| address).or_else(direct);
        let address = address.unwrap_or_else(|| panic!("{line}")).to_owned();
        Self { child, stdout, address }
    }

    /// Sends the beginning of a request.
    fn begin(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }

    fn get(&self, path: &str) -> String {
        answer(self.begin(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")))
    }

    /// Reads a page in a browser that holds this cookie.
    fn get_as(&self, cookie: &str, path: &str) -> String {
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n");
        answer(self.begin(&format!("{head}connection: close\r\n\r\n")))
    }

    /// Reads the page in a browser of its own, and gives back the cookie that tells it from others.
    fn nonce(&self) -> String {
        cookie_in(&self.get("/crew")).to_owned()
    }

    /// Presses the button of a page, and gives back the answer's head and body.
    fn press(&self, token: &str) -> String {
        let body = format!("token={token}");
        answer(self.begin(&format!("{}{body}", head_of_post("/crew", body.len(), &self.nonce()))))
    }

    /// Reads the page of an ask, presses a button of it, and gives back the page that it leads to.
    fn answer(&self, link: &str, word: &str) -> String {
        let page = self.get(&format!("/crew/answer?token={}", token_in(link)));
        let (nonce, sailing) = (cookie_in(&page), value_of(&page, "sailing"));
        let body = format!("token={}&sailing={sailing}&answer={word}", token_in(link));
        let head = head_of_post("/crew/answer", body.len(), nonce);
        let pressed = answer(self.begin(&format!("{head}{body}")));
        assert!(pressed.starts_with("HTTP/1.1 303"), "{pressed}");
        self.get_as(cookie_in(&pressed), "/crew/answered")
    }

    fn terminate(&self) {
        terminate(&self.child);
    }

    fn ended(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // It has ended by itself in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line_of(stdout: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

fn head_of_post(path: &str, length: usize, nonce: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nsec-fetch-site: same-origin\r\n\
         cookie: {nonce}\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n"
    )
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn cookie_in(answer: &str) -> &str {
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    cookie.split(';').next().unwrap()
}

/// The value of a hidden field, as a form sends it.
fn value_of(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.replace(' ', "+").replace(':', "%3A")
}

fn token_in(line: &str) -> &str {
    let (_, rest) = line.split_once("?token=").unwrap();
    rest.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap()
}

#[test]
fn without_a_store_it_has_a_crew_to_click_through() {
    let bench = Bench::new();
    let mut portal = Portal::start(&bench, "--brand Sails");
    let line = line_of(&mut portal.stdout);
    assert!(line.ends_with(" is its captain's link"), "{line}");
    let page = portal.get(&format!("/crew?token={}", token_in(&line)));
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Open my page"), "{page}");
    assert!(page.contains("Sails"));
    let opened = portal.press(token_in(&line));
    let cookie = cookie_in(&opened);
    let roster = portal.get_as(cookie, "/crew/roster");
    assert!(roster.contains("Ada Marsh") && roster.contains("edda.strand@example.com"), "{roster}");
    let charters = portal.get_as(cookie, "/crew/events");
    let first = charters.split_once("href=\"event?charter=").unwrap().1;
    let charter = first.split_once('"').unwrap().0;
    let charter = portal.get_as(cookie, &format!("/crew/event?charter={charter}"));
    assert!(charter.starts_with("HTTP/1.1 200") && charter.contains("East Harbour"), "{charter}");
    assert!(!charter.contains("450") && !charter.contains("40 EUR"), "{charter}");
    assert!(bench.names().is_empty(), "nothing is written: {:?}", bench.names());
}

#[test]
fn without_a_store_captains_are_asked_and_the_first_to_say_yes_sails() {
    let bench = Bench::new();
    let mut portal = Portal::start(&bench, "--operations +15550100100");
    line_of(&mut portal.stdout);
    let asked = [line_of(&mut portal.stdout), line_of(&mut portal.stdout)];
    assert!(asked[0].contains("/crew/answer?token="), "{asked:?}");
    assert!(asked[0].ends_with(" asks Ada Marsh to sail on F-100"), "{asked:?}");
    let page = portal.get(&format!("/crew/answer?token={}", token_in(&asked[0])));
    assert!(page.contains("Can you sail on ") && page.contains("tel:+15550100100"), "{page}");
    let shown = page.replace(token_in(&asked[0]), "");
    assert!(page.contains("[amount removed]") && !shown.contains("450"), "{page}");
    assert!(portal.answer(&asked[0], "accept").contains("<h1>You sail on "));
    let late = portal.get(&format!("/crew/answer?token={}", token_in(&asked[1])));
    assert!(late.contains("<h1>The berth is filled</h1>") && !late.contains("<form"), "{late}");
}

#[test]
fn a_mail_of_a_call_leads_to_the_page_of_a_database_and_its_answer_is_mailed_by_the_next_look() {
    let bench = office();
    call(&bench, "C-1");
    let link_to = |name: &str| {
        let mail =
            mails(&bench, "outbox").into_iter().find(|mail| mail.to()[0].email().starts_with(name));
        let text = mail.unwrap().text().to_owned();
        text.lines().find(|line| line.contains("token=")).unwrap().to_owned()
    };
    let started = |words: &str| {
        let mut command =
            command("crew_portal", &bench.path(""), &[("JADA_SECRETS_DIR", "secrets")]);
        command.args(["--db", "office.db"]);
        Portal::spawn(command, "127.0.0.1:0", words)
    };
    let without = started("");
    assert!(without.get("/crew/answer?token=x").starts_with("HTTP/1.1 404"));
    drop(without);
    let portal = started("--time-zone America/New_York");
    assert!(portal.answer(&link_to("bruno"), "decline").contains("<h1>You do not sail</h1>"));
    assert!(portal.answer(&link_to("ada"), "accept").contains("<h1>You sail on "));
    let before = mails(&bench, "outbox").len();
    call(&bench, "C-1");
    assert_eq!(mails(&bench, "outbox").len(), before + 1);
    let told = |mail: &jada_mail::Received| mail.subject().contains("You sail on");
    assert!(mails(&bench, "outbox").iter().any(told));
}

#[test]
fn behind_a_proxy_links_lead_to_the_proxy() {
    let bench = Bench::new();
    let mut portal = Portal::start(&bench, "--portal https://crew.example.com/crew");
    let line = line_of(&mut portal.stdout);
    assert!(line.starts_with("https://crew.example.com/crew?token="), "{line}");
    assert!(portal.press(token_in(&line)).starts_with("HTTP/1.1 303"));
    let words = "--listen 127.0.0.1:0 --portal http://crew.example.com/crew";
    let refused = run_example("crew_portal", words, &bench.path(""), &[]);
    assert!(refused.error().contains("--portal"), "{}", refused.stderr);
}

#[test]
fn on_all_addresses_links_lead_to_this_machine_and_that_is_warned_of() {
    let bench = Bench::new();
    let mut portal = Portal::start_at(&bench, "0.0.0.0:0", "");
    assert!(portal.address.starts_with("127.0.0.1:"), "{}", portal.address);
    assert!(line_of(&mut portal.stdout).starts_with("http://127.0.0.1:"));
    portal.terminate();
    let mut warned = String::new();
    portal.child.stderr.take().unwrap().read_to_string(&mut warned).unwrap();
    assert!(warned.contains("over https alone") && warned.contains("--portal"), "{warned}");
}

#[test]
fn the_link_of_add_crew_opens_the_page_of_a_database() {
    let bench = Bench::new();
    let store = "--db crew.db --secrets-dir secrets";
    let words = format!(
        "--name Ada --phone +15550100101 --email ada@example.com --role captain --level 1 \
         --id ada {store}"
    );
    let added = run_example("add_crew", &words, &bench.path(""), &[]);
    assert_eq!(added.status, 0, "{}", added.stderr);
    let link = added.stdout.lines().find(|line| line.contains("?token=")).unwrap();
    let mut portal = Portal::start(&bench, &format!("{store} --invite ada --invite ada"));
    let once = line_of(&mut portal.stdout);
    assert!(once.ends_with("opens once, for ada"), "{once}");
    for (token, status) in [(token_in(link), 303), (token_in(&once), 303), (token_in(&once), 403)] {
        let answer = portal.press(token);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    portal.terminate();
    assert_eq!(portal.ended(), 0);
}

#[tokio::test]
async fn a_plain_link_of_an_older_tool_opens_where_that_is_asked_for_and_it_is_long_enough() {
    let (desk, _) = Desk::with_ada();
    let client = EmbeddedEngine::open(&desk.0.path().join("crew.db")).unwrap().client();
    for (id, link) in [("7", "plain-text-of-old"), ("8", "of-old")] {
        let row = client.put_item().table_name("crew-roster");
        let attributes = [("crew_id", id), ("name", "Old Hand"), ("magic_token", link)];
        let with = |row: PutItemFluentBuilder, (name, value): (&str, &str)| {
            row.item(name, AttributeValue::S(value.to_owned()))
        };
        attributes.into_iter().fold(row, with).send().await.unwrap();
    }
    let started = |words: &str| Portal::spawn(desk.command("crew_portal"), "127.0.0.1:0", words);
    let status = |portal: &Portal, token| portal.press(token).split(' ').nth(1).map(str::to_owned);
    let portal = started("");
    assert_eq!(status(&portal, "plain-text-of-old").unwrap(), "403");
    let portal = started("--plain-links");
    assert_eq!(status(&portal, "of-old").unwrap(), "403");
    assert_eq!(status(&portal, "plain-text-of-old").unwrap(), "303");
}

#[tokio::test]
async fn a_member_of_a_database_sees_the_charters_that_were_published() {
    let (desk, link) = Desk::with_ada();
    let started = || Portal::spawn(desk.command("crew_portal"), "127.0.0.1:0", "");
    let listed = |portal: &Portal| {
        let opened = portal.press(token_in(&link));
        portal.get_as(cookie_in(&opened), "/crew/events")
    };
    let portal = started();
    assert!(listed(&portal).starts_with("HTTP/1.1 404"), "nothing was published");
    drop(portal);
    let client = EmbeddedEngine::open(&desk.0.path().join("crew.db")).unwrap().client();
    let charters = DynamoCharters::new(client);
    charters.ensure_table().await.unwrap();
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let charter = Charter::builder(CharterId::new("C-1").unwrap(), today, Currency::USD);
    charters.save(&[charter.build().unwrap()]).await.unwrap();
    let month = today.strftime("%Y-%m").to_string();
    let published = Ended::of(desk.command("event").args(["publish", "--month", &month]));
    assert_eq!(published.status, 0, "{}", published.stderr);
    let page = listed(&started());
    assert!(page.contains("href=\"event?charter=C-1\""), "a captain sees all: {page}");
}

#[test]
fn a_request_that_is_under_way_is_answered_before_it_ends() {
    let bench = Bench::new();
    let mut portal = Portal::start(&bench, "");
    let line = line_of(&mut portal.stdout);
    let body = format!("token={}", token_in(&line));
    let mut stream = portal.begin(&head_of_post("/crew", body.len(), &portal.nonce()));
    // An answer to another shows that the first has been taken in.
    assert!(portal.get("/crew").starts_with("HTTP/1.1 200"));
    portal.terminate();
    while TcpStream::connect(&portal.address).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    stream.write_all(body.as_bytes()).unwrap();
    let answer = answer(stream);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(portal.ended(), 0);
}

#[test]
fn what_it_cannot_begin_with_is_told_in_one_line_with_its_mend() {
    let bench = Bench::new();
    let portal = Portal::start(&bench, "");
    let run = |words: &str| -> Ended { run_example("crew_portal", words, &bench.path(""), &[]) };
    let taken = run(&format!("--listen {}", portal.address));
    assert!(taken.error().contains("name another address by --listen"), "{}", taken.stderr);
    let missing = run("--listen 127.0.0.1:0 --db none.db --secrets-dir secrets");
    assert!(missing.error().contains("add_crew creates it"), "{}", missing.stderr);
    let zone = run("--time-zone Nowhere/At_All");
    assert!(zone.error().contains("--time-zone"), "{}", zone.stderr);
    let stranger = run("--listen 127.0.0.1:0 --invite nobody");
    assert_eq!(stranger.status, 1);
    assert!(stranger.stderr.contains("there is no crew member `nobody`"), "{}", stranger.stderr);
    assert!(!bench.path("none.db").exists());
}
