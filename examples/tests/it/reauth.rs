//! `reauth` as an operator runs it, with an address that is pasted, and with a browser that is a
//! script.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
};

use jada_auth::{OAuthClient, SecretsDir};
use jada_loopback_issuer::Issuer;
use serde_json::json;

use crate::program::{Ended, example, run_example};

struct Operator {
    issuer: Issuer,
    folder: tempfile::TempDir,
}

impl Operator {
    fn new() -> Self {
        let issuer = Issuer::builder().rotating().scope("mail drive").start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let client = OAuthClient::new(issuer.client_id(), issuer.token_uri());
        let client = client.with_secret(issuer.client_secret());
        let client = client.with_auth_uri(issuer.authorize_uri());
        SecretsDir::new(folder.path()).save_client(&client).unwrap();
        Self { issuer, folder }
    }

    fn words(&self, more: &str) -> String {
        format!("--secrets-dir {} --scope mail {more}", self.folder.path().display())
    }

    fn run(&self, example: &str, more: &str) -> Ended {
        run_example(example, &self.words(more), self.folder.path(), &[])
    }

    /// Starts `reauth`, up to where it has printed the address.
    fn start(&self, more: &str, browser: &str) -> Reauth {
        let mut command = Command::new(example("reauth"));
        command.args(self.words(more).split_whitespace()).env("BROWSER", browser);
        command.env_remove("GOOGLE_CLIENT_ID").env_remove("RUST_LOG");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = [(); 2].map(|()| String::new());
        for line in &mut lines {
            stdout.read_line(line).unwrap();
        }
        let [_, url] = lines.map(|line| line.trim().to_owned());
        assert!(url.starts_with(&self.issuer.authorize_uri()), "{url}");
        Reauth { child, stdout, url }
    }

    /// The address that the browser of whoever allows it ends at.
    fn allow(&self, url: &str) -> String {
        let (_, query) = url.split_once('?').unwrap();
        let form = format!("{query}&decision=allow");
        let authority =
            self.issuer.authorize_uri().replace("http://", "").replace("/authorize", "");
        let mut stream = TcpStream::connect(&authority).unwrap();
        write!(
            stream,
            "POST /authorize/decision HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
        location.unwrap().to_owned()
    }

    fn has_seed(&self) -> bool {
        self.folder.path().join("refresh_token.json").exists()
    }
}

struct Reauth {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    url: String,
}

impl Reauth {
    fn paste(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn end(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let status = self.child.wait().unwrap().code().unwrap();
        Ended { status, stdout, stderr }
    }
}

#[test]
fn an_address_that_is_pasted_gives_consent_and_tokens_follow() {
    let operator = Operator::new();
    assert_eq!(operator.run("access_token", "").status, 2);
    let mut reauth = operator.start("--no-browser", "false");
    let redirected = operator.allow(&reauth.url);
    reauth.paste("what is this?");
    reauth.paste("");
    reauth.paste(&redirected);
    let ended = reauth.end();
    assert_eq!((ended.status, ended.stderr.lines().count()), (0, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains("`code=` and `state=`"), "{}", ended.stderr);
    let seed = operator.folder.path().join("refresh_token.json");
    let last = format!("granted: mail; saved in {}", seed.display());
    assert_eq!(ended.stdout.lines().last(), Some(&*last));
    assert_eq!(operator.run("access_token", "").status, 0);
}

#[test]
fn a_browser_is_opened_at_an_address_without_a_secret() {
    let operator = Operator::new();
    let (script, opened) =
        (operator.folder.path().join("browser"), operator.folder.path().join("opened"));
    // Renamed, so that it is whole where it is there.
    let text = "#!/bin/sh\necho \"$@\" >\"$1.new\"\nmv \"$1.new\" \"$1\"\n";
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let browser = format!("no-such-browser:{} {}", script.display(), opened.display());
    let mut reauth = operator.start("--timeout 60", &browser);
    while !opened.exists() {
        assert!(reauth.child.try_wait().unwrap().is_none(), "no browser was opened");
        std::thread::yield_now();
    }
    let told = fs::read_to_string(&opened).unwrap();
    let start = told.trim().rsplit(' ').next().unwrap();
    let port = start.strip_prefix("http://127.0.0.1:").unwrap().strip_suffix('/').unwrap();
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.to_lowercase().contains("location: ") && answer.contains(&reauth.url));

    // Ctrl-C ends it in order.
    let pid = reauth.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let ended = reauth.end();
    assert_eq!(ended.status, 3);
    assert!(ended.stderr.starts_with("error: stopped by a signal"), "{}", ended.stderr);
    assert!(!operator.has_seed());
}

#[test]
fn nobody_who_answers_is_status_2_and_what_a_person_mends_is_status_1() {
    let operator = Operator::new();
    let ended = operator.run("reauth", "--no-browser --timeout 0");
    assert_eq!((ended.status, ended.stderr.lines().count()), (2, 1), "{}", ended.stderr);
    assert!(ended.stderr.contains("nobody answered"), "{}", ended.stderr);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = operator.run("reauth", &format!("--no-browser --port {port}"));
    assert!(ended.error().contains(&format!("127.0.0.1:{port} was refused")));
    let web = json!({ "client_id": "charter", "redirect_uris": [
        format!("http://127.0.0.1:{port}/callback"),
    ]});
    let client = operator.folder.path().join("gmail_credentials.json");
    let good = fs::read(&client).unwrap();
    fs::write(client, json!({ "web": web }).to_string()).unwrap();
    let ended = operator.run("reauth", "--no-browser");
    assert!(ended.error().contains(&format!("127.0.0.1:{port} was refused")));
    let ended = operator.run("reauth", "--no-browser --subject ops@charter.example");
    assert!(ended.error().contains("leave the subject out"));
    let folder =
        format!("--no-browser --timeout 1 --secrets-dir {}", operator.folder.path().display());
    fs::write(operator.folder.path().join("gmail_credentials.json"), &good).unwrap();
    let ended = run_example("reauth", &folder, operator.folder.path(), &[]);
    assert!(ended.error().contains("name at least one scope"));
    assert!(!operator.has_seed());
}
