//! A human is asked in a browser, and the client exchanges the answer.

use std::time::Duration;

use jada_loopback_issuer::{Issuer, IssuerBuilder};

use crate::client::{Client, FORM, Reply};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:4242/callback";

struct Human {
    issuer: Issuer,
    client: Client,
    request: String,
}

impl Human {
    fn at(issuer: IssuerBuilder) -> Self {
        let issuer = issuer.start().unwrap();
        let request = format!(
            "client_id={}&redirect_uri={REDIRECT}&response_type=code&scope=a+b&state=x%26y\
             &code_challenge={CHALLENGE}&code_challenge_method=S256",
            issuer.client_id()
        );
        let client = Client::of(&issuer);
        Self { issuer, client, request }
    }

    fn page(&mut self) -> Reply {
        self.client.get(&format!("/authorize?{}", self.request), "")
    }

    /// Where the browser is sent.
    fn decide(&mut self, decision: &str) -> String {
        let form = format!("{}&decision={decision}", self.request);
        self.client.send("POST /authorize/decision", FORM, &form);
        let reply = self.client.reply().unwrap();
        assert_eq!(reply.status, 303);
        reply.header("Location").unwrap().to_owned()
    }

    fn allow(&mut self) -> String {
        let location = self.decide("allow");
        let code = location.strip_prefix(&format!("{REDIRECT}?code=")).unwrap();
        code.strip_suffix("&state=x%26y").unwrap().to_owned()
    }

    fn exchange(&mut self, code: &str, changed: [&str; 2]) -> Reply {
        let (id, secret) = (self.issuer.client_id(), self.issuer.client_secret());
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={REDIRECT}\
             &code_verifier={VERIFIER}&client_id={id}&client_secret={secret}"
        );
        self.client.post("", &form.replace(changed[0], changed[1]))
    }
}

const UNCHANGED: [&str; 2] = ["", ""];

fn dead() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn a_human_who_allows_it_leaves_a_code_that_is_good_for_a_refresh_token() {
    let mut human = Human::at(Issuer::builder());
    human.request.push_str("&access_type=offline&prompt=consent");
    let page = human.page();
    let body = String::from_utf8(page.body.clone()).unwrap();
    assert_eq!(page.status, 200);
    assert!(body.contains("<li>a</li><li>b</li>") && body.contains("value=\"x&amp;y\""), "{body}");
    let code = human.allow();
    let answer = human.exchange(&code, UNCHANGED);
    assert_eq!((answer.status, answer.text("scope")), (200, "a b".to_owned()));
    assert!(human.issuer.is_live(&answer.text("access_token")));
    let refreshed = human.client.refresh(&answer.text("refresh_token")).unwrap();
    assert_eq!(refreshed.status, 200);
    assert_eq!(human.issuer.recorded()[0].code.as_deref(), Some(&*code));
}

#[test]
fn a_human_who_denies_it_is_sent_back_without_a_code() {
    let mut human = Human::at(Issuer::builder());
    let location = human.decide("deny");
    assert_eq!(location, format!("{REDIRECT}?error=access_denied&state=x%26y"));
}

#[test]
fn a_code_that_is_used_twice_revokes_what_came_of_it() {
    let mut human = Human::at(Issuer::builder());
    human.request.push_str("&access_type=offline");
    let code = human.allow();
    let first = human.exchange(&code, UNCHANGED);
    assert_eq!(human.exchange(&code, UNCHANGED).verdict(), dead());
    assert!(!human.issuer.is_live(&first.text("access_token")));
    let refreshed = human.client.refresh(&first.text("refresh_token")).unwrap();
    assert_eq!(refreshed.verdict(), dead());
}

#[test]
fn a_code_is_bound_to_its_verifier_its_redirect_and_its_time() {
    let mut human = Human::at(Issuer::builder());
    let code = human.allow();
    let [verifier, other] = [VERIFIER, &VERIFIER.replace('d', "e")];
    assert_eq!(human.exchange(&code, [verifier, other]).verdict(), dead());
    assert_eq!(human.exchange(&code, [REDIRECT, "http://127.0.0.1:4242/"]).verdict(), dead());
    assert_eq!(human.exchange("nonsense", UNCHANGED).verdict(), dead());
    let secret = human.issuer.client_secret().to_owned();
    assert_eq!(human.exchange(&code, [&secret, "wrong"]).status, 401);
    // None of that used it up.
    assert_eq!(human.exchange(&code, UNCHANGED).status, 200);
    let code = human.allow();
    human.issuer.age(Duration::from_secs(61));
    assert_eq!(human.exchange(&code, UNCHANGED).verdict(), dead());
}

#[test]
fn a_human_may_grant_less_and_a_client_that_does_not_ask_gets_no_refresh_token() {
    let mut human = Human::at(Issuer::builder().scope("b c"));
    let code = human.allow();
    let answer = human.exchange(&code, UNCHANGED);
    assert_eq!(answer.text("scope"), "b");
    assert!(answer.json().get("refresh_token").is_none());
    human.request = human.request.replace("scope=a+b", "scope=b+offline_access");
    let code = human.allow();
    assert!(human.exchange(&code, UNCHANGED).json().get("refresh_token").is_some());
}

#[test]
fn a_malformed_request_is_told_so_and_sent_nowhere() {
    let mut human = Human::at(Issuer::builder());
    let good = human.request.clone();
    for (from, to, told) in [
        (human.issuer.client_id().to_owned(), "%3Cb%3E", "client_id"),
        (REDIRECT.to_owned(), "https://example.com/", "redirect_uri"),
        ("response_type=code".to_owned(), "response_type=token", "response_type"),
        ("S256".to_owned(), "plain", "code_challenge_method"),
        (CHALLENGE.to_owned(), "short", "code_challenge"),
        ("scope=a+b".to_owned(), "scope=", "scope"),
        ("state".to_owned(), "scope", "client_id"),
    ] {
        human.request = good.replace(&from, to);
        let page = human.page();
        let body = String::from_utf8(page.body.clone()).unwrap();
        assert_eq!((page.status, page.header("Location")), (400, None), "{to}");
        assert!(body.contains(&format!("<p>{told}: ")), "{body}");
        let form = format!("{}&decision=allow", human.request);
        human.client.send("POST /authorize/decision", FORM, &form);
        assert_eq!(human.client.reply().unwrap().status, 400, "{to}");
    }
}
