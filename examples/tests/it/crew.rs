//! `add_crew` and `crew` as an operator runs them, on a database file and a folder of secrets.

use std::fs;
use std::process::Command;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jada_roster::{
    DynamoLinks, EmbeddedEngine, Error, LinkUrl, MagicLinks, Peppers, Presented, Purpose, Verified,
};
use serde_json::{Value, json};

use crate::program::{Ended, command, run_example};

/// A folder with a database file and a folder of secrets, once something has made them.
pub(crate) struct Desk(pub(crate) tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn crew(&self, words: &str) -> Ended {
        Ended::of(self.command("crew").args(words.split_whitespace()))
    }

    pub(crate) fn command(&self, example: &str) -> Command {
        command(example, self.0.path(), &PLACES)
    }

    /// Adds a member by this name, phone number and e-mail address.
    fn add(&self, [name, phone, email]: [&str; 3], words: &str) -> Ended {
        let mut add = self.command("add_crew");
        add.args(["--name", name, "--phone", phone, "--email", email, "--role", "captain"]);
        Ended::of(add.args(["--level", "1"]).args(words.split_whitespace()))
    }

    /// Adds Ada, whose id is `ada`, and gives back her link.
    pub(crate) fn with_ada() -> (Self, String) {
        let desk = Self::new();
        let added = desk.add(ADA, "--id ada --json").summary();
        (desk, link_in(&added))
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    pub(crate) fn listed(&self) -> Vec<Value> {
        let list = self.crew("list --json");
        assert_eq!((list.status, list.stderr.as_str()), (0, ""));
        list.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn client(&self) -> Client {
        EmbeddedEngine::open(&self.0.path().join("crew.db")).unwrap().client()
    }

    /// What tells the pepper under which links are made from others.
    fn fingerprint(&self) -> String {
        let peppers = Peppers::open(&self.0.path().join("secrets/link_peppers.json")).unwrap();
        peppers.current().fingerprint()
    }

    /// Opens a link as the portal does.
    async fn open(&self, link: &str) -> Result<Verified, Error> {
        let peppers = Peppers::open(&self.0.path().join("secrets/link_peppers.json"))?;
        let links = DynamoLinks::builder(self.client(), peppers).build()?;
        links.verify(&Presented::new(LinkUrl::parse(link)?, Purpose::portal())).await
    }
}

#[tokio::test]
async fn who_is_added_gets_a_link_that_opens_and_is_not_added_twice() {
    let desk = Desk::new();
    let added = desk.add(ADA, "--id ada");
    assert_eq!((added.status, added.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = added.stdout.lines().collect();
    assert_eq!(lines[..2], ["Ada Marsh, captain, called at level 1", "id    ada"]);
    let link = lines[2].strip_prefix("link  ").unwrap();
    assert!(link.starts_with("http://127.0.0.1:8080/crew?token="), "{link}");
    assert_eq!(desk.open(link).await.unwrap().crew.as_str(), "ada");

    for (contact, words, field) in [
        ([ADA[0], ADA[1], "other@example.com"], "", "phone number"),
        ([ADA[0], "+15550100199", "ADA@example.com"], "", "e-mail address"),
        ([ADA[0], "+15550100199", "other@example.com"], "--id ada", "id"),
    ] {
        let refused = desk.add(contact, words);
        let said = format!(
            "error: another crew member (`ada`) has this {field} already; nobody was added; \
             `crew show ada` tells more"
        );
        assert_eq!((refused.error(), refused.stderr.lines().count()), (said.as_str(), 1));
    }
    assert_eq!(desk.listed().len(), 1);
}

#[tokio::test]
async fn the_same_command_run_twice_adds_nobody_and_leaves_the_link_as_it_is() {
    let (desk, link) = Desk::with_ada();
    let again = desk.add(ADA, "--id ada");
    let said = "error: another crew member (`ada`) has this id already; nobody was added; \
                `crew show ada` tells more";
    assert_eq!((again.error(), again.stdout.as_str(), again.status), (said, "", 1));
    assert_eq!(desk.listed().len(), 1);
    assert!(desk.open(&link).await.is_ok());
}

#[tokio::test]
async fn a_link_leads_where_the_operator_says_if_that_is_safe() {
    let desk = Desk::new();
    let added = desk.add(ADA, "--portal https://crew.example.com/crew --json").summary();
    assert!(link_in(&added).starts_with("https://crew.example.com/crew?token="));
    let refused = desk.add(BO_ALONE, "--portal http://crew.example.com/crew");
    assert!(refused.error().contains("--portal"), "{}", refused.stderr);
}

#[test]
fn a_link_is_on_stdout_and_nowhere_else() {
    let desk = Desk::new();
    // Whoever has the database open keeps its log from being cleared away.
    let open = EmbeddedEngine::open(&desk.0.path().join("crew.db")).unwrap();
    let mut links = Vec::new();
    for words in ["--id ada", "--id bo --json"] {
        let traced = [PLACES[0], PLACES[1], ("RUST_LOG", "trace")];
        let [name, phone, email] = if links.is_empty() { ADA } else { BO_ALONE };
        let mut add = command("add_crew", desk.0.path(), &traced);
        add.args(["--name", name, "--phone", phone, "--email", email, "--role", "mate"]);
        let added = Ended::of(add.args(["--level", "1"]).args(words.split_whitespace()));
        assert_eq!(added.status, 0, "{}", added.stderr);
        assert!(added.stderr.contains("jada_roster::audit"), "tracing is on");
        links.push((added.stdout.clone(), added.stderr));
    }
    let rotate = desk.crew("rotate-link ada --grace 1h");
    links.push((rotate.stdout, rotate.stderr));
    let held = files_of(&desk);
    assert!(held.iter().any(|(name, _)| name.ends_with("crew.db-wal")), "{held:?}");
    for (stdout, stderr) in &links {
        let text = stdout.split("token=").nth(1).unwrap();
        let secret: String =
            text.chars().take_while(char::is_ascii_alphanumeric).skip(12).collect();
        assert_eq!(secret.len(), 22);
        assert!(!stderr.contains(&secret), "stderr has the link");
        for (name, bytes) in &held {
            let is_in = bytes.windows(22).any(|window| window == secret.as_bytes());
            assert!(!is_in, "{name} has the link");
        }
    }
    drop(open);
}

#[tokio::test]
async fn a_rotated_link_opens_as_long_as_its_grace_and_the_new_one_after_that() {
    let (desk, first) = Desk::with_ada();
    let rotated = desk.crew("rotate-link ada --grace 10m --json").summary();
    let second = link_in(&rotated);
    let first_opens = desk.open(&first).await.unwrap();
    let until = first_opens.expires_at.unwrap().as_second();
    let told: jiff::Timestamp = rotated["replaced_until"].as_str().unwrap().parse().unwrap();
    assert!(until.abs_diff(told.as_second()) <= 1, "{until} {told}");
    assert_eq!(desk.open(&second).await.unwrap().expires_at, None);
    let shown = desk.crew("show ada").stdout;
    assert!(shown.contains("links   standing for `portal`, replaced, opens until "), "{shown}");

    let third = link_in(&desk.crew("rotate-link ada --json").summary());
    for gone in [&first, &second] {
        assert!(matches!(desk.open(gone).await, Err(Error::LinkRefused { .. })));
    }
    assert!(desk.open(&third).await.is_ok());
    assert!(desk.crew("rotate-link ada --grace soon").error().contains("--grace"));
    assert!(desk.crew("rotate-link bo").error().contains("there is no crew member `bo`"));
}

#[tokio::test]
async fn what_is_revoked_opens_nothing_and_is_not_shown() {
    let (desk, link) = Desk::with_ada();
    assert_eq!(desk.crew("revoke ada --purpose answer --json").summary()["revoked"], 0);
    let none = desk.crew("revoke ada --purpose portl").stdout;
    assert_eq!(none, "`ada` has no link for `portl` and no session; nothing was taken back\n");
    assert!(desk.open(&link).await.is_ok());
    let revoked = json!({"crew_id": "ada", "purpose": "portal", "revoked": 1});
    assert_eq!(desk.crew("revoke ada --json").summary(), revoked);
    assert!(matches!(desk.open(&link).await, Err(Error::LinkRefused { .. })));
    let second = link_in(&desk.crew("rotate-link ada --json").summary());
    assert!(desk.crew("revoke --help").stdout.contains("sessions end whatever it is"));
    let all = desk.crew("revoke ada --all");
    assert_eq!(all.stdout, "links and sessions of `ada` that were taken back: 1\n");
    assert!(desk.open(&second).await.is_err());
    assert_eq!(desk.crew("show ada --json").summary()["links"], json!([]));
    let none = desk.crew("revoke ada --all").stdout;
    assert_eq!(none, "`ada` has no link and no session; nothing was taken back\n");
    assert!(desk.crew("revoke bo").error().contains("there is no crew member `bo`"));
    assert!(desk.crew("revoke ada --all --purpose portal").error().contains("cannot be used with"));
}

#[tokio::test]
async fn a_member_is_shown_with_what_they_have_and_removed_with_all_of_it() {
    let (desk, link) = Desk::with_ada();
    let shown = desk.crew("show ada").stdout;
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[..6],
        [
            "Ada Marsh",
            "  id      ada",
            "  role    captain, called at level 1",
            "  phone   +15550100101",
            "  e-mail  ada@example.com",
            "  days    none",
        ]
    );
    assert!(lines[6].starts_with("  links   standing for `portal`, issued 20"), "{shown}");
    assert_eq!(lines.len(), 7);
    let page = desk.crew("show ada --json").summary();
    assert_eq!(
        (&page["phone_claimed_by"], &page["email_claimed_by"]),
        (&json!("ada"), &json!("ada"))
    );

    let removed = desk.crew("remove ada").stdout;
    assert_eq!(removed, "removed `ada`, Ada Marsh, with their links\n");
    assert!(matches!(desk.open(&link).await, Err(Error::LinkRefused { .. })));
    assert!(desk.crew("remove ada").error().contains("there is no crew member `ada`"));
    assert!(desk.crew("show ada").error().contains("there is no crew member `ada`"));
    assert_eq!(desk.add(ADA, "").status, 0, "what they claimed is free again");
}

#[tokio::test]
async fn crew_of_an_older_tool_is_claimed_before_anybody_is_added_and_what_is_contested_is_told() {
    let (desk, _) = Desk::with_ada();
    for (id, phone) in [("7", "+1 555 010 0107"), ("8", "(+1) 555-010-0107"), ("9", ADA[1])] {
        let row = desk.client().put_item().table_name("crew-roster");
        let row = row.item("crew_id", text(id)).item("name", text("Old Hand"));
        row.item("phone", text(phone)).send().await.unwrap();
    }
    let unclaimed = desk.crew("show 7").stdout;
    assert!(unclaimed.contains("(not claimed; `crew import` claims it)"), "{unclaimed}");
    let refused = desk.add(["Gus", "+15550100107", "gus@example.com"], "");
    assert!(refused.error().contains("(`7`) has this phone number already"), "{}", refused.stderr);
    let warned = "warning: crew member `9` has the phone number of `ada`";
    assert!(refused.stderr.lines().any(|line| line == warned), "{}", refused.stderr);
    assert!(desk.crew("show 9").stdout.contains("(claimed by `ada`)"));
}

#[tokio::test]
async fn a_link_of_an_older_tool_is_shown_and_revoked() {
    let (desk, _) = Desk::with_ada();
    let row = desk.client().put_item().table_name("crew-roster").item("crew_id", text("7"));
    let row = row.item("name", text("Old Hand")).item("magic_token", text("plain-text-of-old"));
    row.send().await.unwrap();
    let shown = desk.crew("show 7").stdout;
    assert!(shown.contains("links   standing for `portal`, of an older tool"), "{shown}");
    assert!(!shown.contains("plain-text-of-old"));
    assert_eq!(desk.crew("revoke 7 --json").summary()["revoked"], 1);
    let stored = desk.client().get_item().table_name("crew-roster").key("crew_id", text("7"));
    let row = stored.send().await.unwrap().item.unwrap();
    assert!(!row.contains_key("magic_token"));
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_named_and_the_others_listed() {
    let (desk, _) = Desk::with_ada();
    let row = desk.client().put_item().table_name("crew-roster").item("crew_id", text("7"));
    row.item("name", AttributeValue::Bool(true)).send().await.unwrap();
    let list = desk.crew("list --json");
    assert_eq!((list.status, list.stdout.lines().count()), (1, 1));
    let lines: Vec<&str> = list.stderr.lines().collect();
    assert!(lines[0].starts_with("table `crew-roster`, row `7`: attribute `name`"), "{}", lines[0]);
    assert_eq!(lines[1], "error: rows that cannot be read: 1; mend them");
}

#[tokio::test]
async fn a_link_that_was_there_before_its_member_is_told_with_what_replaces_it() {
    let (desk, _) = Desk::with_ada();
    // As if an older script had deleted her row, and nothing else.
    let row = desk.client().delete_item().table_name("crew-roster").key("crew_id", text("ada"));
    row.send().await.unwrap();
    let added = desk.add(ADA, "--id ada");
    let mend = "error: `ada` is on the crew, with a link that was made before and may be in use; \
                `crew rotate-link ada` replaces it: ";
    assert!(added.error().starts_with(mend), "{}", added.stderr);
    let link = link_in(&desk.crew("rotate-link ada --json").summary());
    assert!(desk.open(&link).await.is_ok());
}

#[tokio::test]
async fn links_under_an_older_pepper_open_until_it_is_lost() {
    let (desk, first) = Desk::with_ada();
    let rotated = desk.crew("rotate-peppers --json").summary();
    let fingerprint = desk.fingerprint();
    let told = json!({"pepper": "B", "fingerprint": fingerprint, "older": ["A"], "lost": []});
    assert_eq!(rotated, told);
    let second = link_in(&desk.add(BO_ALONE, "--json").summary());
    assert!(desk.open(&first).await.is_ok() && desk.open(&second).await.is_ok());
    assert!(desk.crew("rotate-peppers --lost").error().contains("no pepper is lost"));

    let (secrets, moved) = (desk.0.path().join("secrets"), desk.0.path().join("moved"));
    fs::rename(&secrets, &moved).unwrap();
    let new = ["Cy", "+15550100103", "cy@example.com"];
    for refused in [desk.add(new, ""), desk.crew("rotate-link ada"), desk.crew("rotate-peppers")] {
        let mends = [
            "error: links can be neither made nor opened: ",
            "secrets/link_peppers.json`: the file is missing, and links exist",
            "restore it from a backup",
            "; only where they are lost for good, `crew rotate-peppers --lost` gives up the links",
        ];
        let places = mends.map(|said| refused.error().find(said));
        assert!(places.iter().all(Option::is_some), "{}", refused.stderr);
        assert!(places.is_sorted(), "what destroys comes last: {}", refused.stderr);
        assert!(!secrets.exists(), "no new peppers take the place of those that are lost");
    }
    assert_eq!(desk.listed().len(), 2, "nobody was added without a link");
    assert_eq!(desk.crew("revoke ada --json").summary()["revoked"], 1, "that needs no peppers");

    let lost = desk.crew("rotate-peppers --lost --json").summary();
    let fingerprint = desk.fingerprint();
    assert_eq!(
        lost,
        json!({"pepper": "C", "fingerprint": fingerprint, "older": [], "lost": ["A", "B"]}),
        "a new pepper has no name that a lost one had"
    );
    assert!(desk.open(&second).await.is_err());
    let link = link_in(&desk.crew("rotate-link ada --json").summary());
    assert!(desk.open(&link).await.is_ok());
}

#[test]
fn what_was_lost_is_told_apart_when_it_is_found_again() {
    let (desk, _) = Desk::with_ada();
    let (secrets, moved) = (desk.0.path().join("secrets"), desk.0.path().join("moved"));
    fs::rename(&secrets, &moved).unwrap();
    let lost = desk.crew("rotate-peppers --lost").stdout;
    let said = format!("links are made under pepper B ({}) from now on; ", desk.fingerprint());
    assert!(lost.starts_with(&said) && lost.contains("under A, which are lost, "), "{lost}");
    assert!(desk.crew("rotate-peppers --lost").error().contains("no pepper is lost"));
    fs::remove_dir_all(&secrets).unwrap();
    fs::rename(&moved, &secrets).unwrap();
    let refused = desk.crew("rotate-link ada");
    assert!(refused.error().contains("`B`"), "{}", refused.stderr);
}

#[test]
fn peppers_that_others_may_read_are_refused_with_what_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let (desk, _) = Desk::with_ada();
    let file = desk.0.path().join("secrets/link_peppers.json");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = desk.crew("rotate-link ada");
    assert!(refused.error().contains("run `chmod 600 "), "{}", refused.stderr);
    assert!(!refused.stderr.contains("--lost"), "nothing is lost");
}

#[test]
fn a_file_that_is_no_database_is_told_in_an_operators_words() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.write("crew.db", &"no database, ".repeat(1_000));
    let file = desk.0.path().join("crew.db");
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    let refused = desk.crew("list");
    assert!(refused.error().contains("crew.db` cannot be opened: it is no database"));
    assert!(refused.error().ends_with("is damaged"), "{}", refused.stderr);
}

#[test]
fn what_is_not_there_is_told_with_what_creates_it() {
    let desk = Desk::new();
    let missing = "error: database `crew.db` does not exist; add_crew creates it";
    for words in
        ["list", "show ada", "rotate-link ada", "revoke ada", "remove ada", "rotate-peppers"]
    {
        assert_eq!(desk.crew(words).error(), missing);
    }
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 0);
    EmbeddedEngine::open(&desk.0.path().join("crew.db")).unwrap();
    let empty = desk.crew("show ada");
    let creates = "error: table `crew-roster` does not exist; add_crew or `crew import` creates it";
    assert_eq!(empty.error(), creates);
    assert_eq!(desk.crew("list").error(), creates, "a table without rows would have a head");

    let nowhere = run_example("crew", "list", desk.0.path(), &[]);
    assert!(nowhere.error().contains("--db FILE or --dynamodb says it"), "{}", nowhere.stderr);
    assert!(desk.crew("import none.csv").error().contains("`none.csv` cannot be read"));
}

#[test]
fn without_a_store_nothing_is_kept_and_that_is_said() {
    let desk = Desk::new();
    let mut add = command("add_crew", desk.0.path(), &[]);
    add.args(["--name", ADA[0], "--phone", ADA[1], "--email", ADA[2], "--role", "captain"]);
    let added = Ended::of(add.args(["--level", "1"]));
    assert!(added.stdout.contains("?token="), "{}", added.stderr);
    let note = "note: the crew is kept in memory, for this run alone; --db FILE keeps it\n";
    assert_eq!((added.status, added.stderr.as_str()), (0, note));
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 0);
}

#[test]
fn help_tells_what_there_is() {
    let desk = Desk::new();
    let help = desk.crew("--help").stdout;
    for word in
        ["list", "show", "rotate-link", "revoke", "import", "remove", "rotate-peppers", "JADA_DB"]
    {
        assert!(help.contains(word), "{word}");
    }
    assert!(run_example("add_crew", "--help", desk.0.path(), &[]).stdout.contains("--portal"));
    assert!(desk.crew("").error().contains("--help tells"));
}

fn link_in(shown: &Value) -> String {
    shown["link"].as_str().unwrap().to_owned()
}

/// Every file of the desk but the peppers, with its bytes.
fn files_of(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(desk.0.path()).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

const PLACES: [(&str, &str); 2] = [("JADA_DB", "crew.db"), ("JADA_SECRETS_DIR", "secrets")];
pub(crate) const ADA: [&str; 3] = ["Ada Marsh", "+15550100101", "ada@example.com"];
const BO_ALONE: [&str; 3] = ["Bo Field", "+15550100102", "bo@example.com"];
