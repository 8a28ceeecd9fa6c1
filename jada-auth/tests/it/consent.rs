//! A human is asked for consent in a browser of a few lines, by an issuer on loopback.

mod desk;

use std::{
    fs,
    io::{self, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use jada_auth::{Consent, Error, FileProblem, OAuthClient, TokenProvider};
use jada_loopback_issuer::{Fault, Issuer};
use serde_json::{Value, json};

use self::desk::{Asked, Desk, get, request};
use crate::support::{key_of, put, scopes};

#[tokio::test]
async fn a_human_who_allows_it_leaves_a_seed_that_every_process_adopts() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let start = get(&asked.start_url).await;
    assert_eq!((start.status, start.header("Location")), (303, Some(&*asked.url)));
    let again = get(&asked.start_url).await;
    assert!(again.status == 410 && again.body.contains("the address that the program printed"));

    let redirected = asked.decide("allow").await;
    let page = request("GET", &redirected, "Connection: keep-alive\r\n").await;
    // A connection that is kept would keep the program waiting.
    assert_eq!((page.status, page.header("Connection")), (200, Some("close")));
    assert!(page.body.contains("<h1>Consent is given</h1><p>Granted: drive mail."), "{page:?}");
    let consented = asked.outcome().await.unwrap();
    assert_eq!(consented.scopes, scopes("mail drive"));
    let seed: Value = serde_json::from_slice(&fs::read(desk.seed()).unwrap()).unwrap();
    assert_eq!(seed["refresh_token"], consented.refresh_token.expose());
    let provider = desk.secrets().provider(scopes("mail")).unwrap().build();
    let token = provider.token(&scopes("mail")).await.unwrap();
    assert!(desk.issuer.is_live(token.secret().expose()));
}

#[tokio::test]
async fn pages_load_nothing_run_nothing_and_are_kept_nowhere() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let mut pages = vec![get(&asked.start_url).await, get(&asked.start_url).await];
    pages.push(get(&format!("{}callback", asked.start_url)).await);
    pages.push(get(&asked.decide("allow").await).await);
    for page in pages {
        let policy = page.header("Content-Security-Policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("Cache-Control"), Some("no-store"));
        assert_eq!(page.header("Referrer-Policy"), Some("no-referrer"));
        assert_eq!(page.header("X-Frame-Options"), Some("DENY"));
        assert_eq!(page.header("X-Content-Type-Options"), Some("nosniff"));
        for foreign in ["<script", "src=", "href=", "url(", "@import", asked.state()] {
            assert!(!page.body.contains(foreign), "{}", page.body);
        }
    }
    asked.outcome().await.unwrap();
}

#[tokio::test]
async fn a_human_who_denies_it_is_told_and_nothing_is_saved() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let page = get(&asked.decide("deny").await).await;
    let told = "consent was denied in the browser: run `reauth` again";
    assert!(
        page.body.contains("Consent was not given") && page.body.contains("was denied"),
        "{page:?}"
    );
    let error = asked.outcome().await.unwrap_err();
    assert!(error.needs_consent() && error.to_string() == told, "{error}");
    assert!(!desk.seed().exists() && desk.issuer.requests() == 0);
}

#[tokio::test]
async fn a_wrong_state_is_told_and_the_right_one_counts_afterwards() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let right = asked.decide("allow").await;
    let other = right.replace(asked.state(), &"A".repeat(43));
    for wrong in [&*other, &right.replace("state", "estate"), &right.replace("&state=", "&state=A")]
    {
        let page = get(wrong).await;
        assert_eq!(page.status, 400);
        assert!(page.body.contains("This is the answer to another request"), "{page:?}");
    }
    let empty = get(&asked.answer("")).await;
    assert!(empty.status == 400 && empty.body.contains("There is no answer"), "{empty:?}");
    assert_eq!(desk.issuer.requests(), 0);
    assert_eq!(get(&right).await.status, 200);
    asked.outcome().await.unwrap();
}

#[tokio::test]
async fn of_two_that_come_at_once_one_is_exchanged_and_the_other_is_told() {
    let desk = Desk::new();
    desk.issuer.fail_next(Fault::Gate);
    let asked = desk.ask().await;
    let redirected = asked.decide("allow").await;
    let both = [(); 2].map(|()| redirected.clone());
    let [mut one, mut other] = both.map(|url| tokio::spawn(async move { get(&url).await }));
    let (loser, winner) = tokio::select! {
        loser = &mut one => (loser, other),
        loser = &mut other => (loser, one),
    };
    assert_eq!(loser.unwrap().status, 409);
    desk.arrived().await;
    desk.issuer.open_gate();
    assert_eq!(winner.await.unwrap().status, 200);
    asked.outcome().await.unwrap();
    assert_eq!(desk.issuer.requests(), 1);
}

#[tokio::test]
async fn a_code_is_exchanged_once_even_if_the_window_is_closed_meanwhile() {
    let desk = Desk::new();
    desk.issuer.fail_next(Fault::Gate);
    let asked = desk.ask().await;
    let redirected = asked.decide("allow").await;
    let (authority, target) = redirected[7..].split_once('/').unwrap();
    let mut window = TcpStream::connect(authority).unwrap();
    write!(window, "GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n").unwrap();
    desk.arrived().await;
    drop(window);
    let again = get(&redirected).await;
    assert!(again.status == 409 && again.body.contains("This was answered already"), "{again:?}");
    desk.issuer.open_gate();
    asked.outcome().await.unwrap();
    assert_eq!(desk.issuer.requests(), 1);
    assert!(desk.seed().exists());
}

#[tokio::test]
async fn a_code_of_another_consent_is_worth_nothing() {
    let desk = Desk::new();
    let (theirs, ours) = (desk.ask().await, desk.ask().await);
    // Whoever knew our state could bring the code of a consent of theirs.
    let injected = theirs.decide("allow").await.replace(theirs.state(), ours.state());
    let (_, query) = injected.split_once('?').unwrap();
    let page = get(&format!("{}callback?{query}", ours.start_url)).await;
    assert!(page.body.contains("invalid_grant"), "{page:?}");
    assert!(ours.not_given().await.contains("takes the code no more (invalid_grant)"));
    assert!(!desk.seed().exists());
    theirs.waiting.abort();
}

#[tokio::test]
async fn a_code_that_is_too_old_is_told_with_what_mends_it() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let redirected = asked.decide("allow").await;
    desk.issuer.age(Duration::from_secs(61));
    let page = get(&redirected).await;
    assert!(page.body.contains("used before, or is too old: run `reauth` again"), "{page:?}");
    assert!(asked.not_given().await.contains("invalid_grant"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_for_ever() {
    let desk = Desk::new();
    let consent = desk.builder().start().await.unwrap();
    let started = tokio::time::Instant::now();
    let paste = consent.paste();
    let redirected = consent.url().replace("response_type", "code");
    let error = consent.wait().await.unwrap_err();
    assert_eq!(started.elapsed(), Consent::TIMEOUT);
    let told = "nobody answered in the browser within 300 s: run `reauth` again";
    assert_eq!(error.to_string(), told);
    let late = paste.redirected(&redirected).unwrap_err().to_string();
    assert!(late.contains("answered already, or is over"), "{late}");

    // However long that is.
    desk.builder().timeout(Duration::MAX).start().await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_what_mends_it() {
    let desk = Desk::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let error = desk.builder().port(port).start().await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}")), "{text}");
    assert!(text.contains("name another port"), "{text}");
    drop(other);
    let consent = desk.builder().port(port).start().await.unwrap();
    assert_eq!(consent.start_url(), format!("http://127.0.0.1:{port}/"));
}

#[tokio::test]
async fn an_address_that_was_copied_counts_as_a_redirect() {
    for whole in [true, false] {
        let desk = Desk::new();
        let asked = desk.ask().await;
        let redirected = asked.decide("allow").await;
        let paste = asked.paste.clone();
        for (wrong, told) in [
            ("", "with `code=` and `state=` in it"),
            ("y", "with `code=` and `state=` in it"),
            (&*asked.url, "with `code=` and `state=` in it"),
            ("http://127.0.0.1:1/callback?code=a&state=b", "it answers another consent"),
        ] {
            let error = paste.redirected(wrong).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        let pasted = if whole { &*redirected } else { redirected.split_once('?').unwrap().1 };
        paste.redirected(&format!(" {pasted}\n")).unwrap();
        let late = paste.redirected(pasted).unwrap_err().to_string();
        assert!(late.contains("answered already"), "{late}");
        asked.outcome().await.unwrap();
        assert!(desk.seed().exists());
        assert_eq!(desk.issuer.requests(), 1);
    }
}

#[tokio::test]
async fn a_consent_that_is_dropped_closes_its_port() {
    let desk = Desk::new();
    let consent = desk.builder().start().await.unwrap();
    let port = consent.start_url()[17..].trim_end_matches('/').parse().unwrap();
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).map(drop);
    assert_eq!(free(port).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    drop(consent);
    free(port).unwrap();

    // While the code is being exchanged, too.
    desk.issuer.fail_next(Fault::Hang);
    let asked = desk.ask().await;
    let (port, redirected) = (asked.port(), asked.decide("allow").await);
    asked.paste.redirected(&redirected).unwrap();
    desk.arrived().await;
    asked.waiting.abort();
    assert!(asked.waiting.await.unwrap_err().is_cancelled());
    free(port).unwrap();
    assert!(!desk.seed().exists());
}

#[tokio::test]
async fn scopes_that_were_not_granted_are_named_and_the_old_seed_stays() {
    let desk = Desk::at(Issuer::builder().scope("mail"));
    put(&desk.seed(), &json!({ "refresh_token": "the-one-before" }));
    let before = fs::read(desk.seed()).unwrap();
    let asked = desk.ask().await;
    let page = get(&asked.decide("allow").await).await;
    assert!(
        page.body.contains("consent was given without drive, so nothing was saved"),
        "{page:?}"
    );
    assert!(asked.not_given().await.contains("without drive"));
    assert_eq!(fs::read(desk.seed()).unwrap(), before);
}

#[tokio::test]
async fn an_issuer_without_a_refresh_token_is_told_what_mends_it() {
    let desk = Desk::new();
    let online = json!({ "access_token": "at", "expires_in": 3599, "scope": "mail drive" });
    desk.issuer.fail_next(Fault::answer(online));
    let asked = desk.ask().await;
    let page = get(&asked.decide("allow").await).await;
    assert!(page.body.contains("ask for the scope `offline_access` too"), "{page:?}");
    let error = asked.outcome().await.unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert!(!desk.seed().exists());
}

#[tokio::test]
async fn what_an_issuer_does_not_repeat_is_granted_all_the_same() {
    let desk = Desk::new();
    let asked_for = scopes("mail offline_access");
    // The one by the refresh token itself; and all of them where none is named. GitHub writes commas.
    for (answer, granted) in [
        (
            json!({ "access_token": "at", "scope": "mail,drive", "refresh_token": "rt" }),
            scopes("drive mail mail,drive"),
        ),
        (json!({ "access_token": "at", "scope": "", "refresh_token": "rt" }), asked_for.clone()),
        (json!({ "access_token": "at", "scope": "mail", "refresh_token": "rt" }), scopes("mail")),
        (json!({ "access_token": "at", "refresh_token": "rt" }), asked_for.clone()),
    ] {
        desk.issuer.fail_next(Fault::answer(answer));
        let asked = Asked::by(desk.secrets().consent(asked_for.clone()).unwrap()).await;
        get(&asked.decide("allow").await).await;
        assert_eq!(asked.outcome().await.unwrap().scopes, granted);
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_told_in_the_browser_too() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let redirected = asked.decide("allow").await;
    fs::remove_dir_all(desk.folder.path()).unwrap();
    let page = get(&redirected).await;
    assert!(
        page.body.contains("Consent was not given") && page.body.contains("is missing"),
        "{page:?}"
    );
    let error = asked.outcome().await.unwrap_err();
    assert!(matches!(error, Error::File { problem: FileProblem::Missing, .. }), "{error:?}");
}

#[tokio::test]
async fn nothing_but_a_human_who_opens_it_uses_an_address_up() {
    let desk = Desk::new();
    let asked = desk.ask().await;
    let callback = asked.decide("allow").await;
    for url in [&asked.start_url, &callback] {
        let others = [
            ("HEAD", "", 204),
            ("POST", "", 405),
            ("GET", "Sec-Purpose: prefetch;prerender\r\n", 503),
            ("GET", "Purpose: prefetch\r\n", 503),
            ("GET", "Sec-Fetch-Dest: iframe\r\n", 503),
            ("GET", "Host: evil.example\r\n", 421),
            ("GET", "Host: 127.0.0.1:1\r\n", 421),
            ("GET", "Host: 127.0.0.1\r\nHost: 127.0.0.1\r\n", 421),
        ];
        for (method, headers, status) in others {
            let reply = request(method, url, headers).await;
            assert_eq!(reply.status, status, "{method} {headers}");
            assert_eq!(reply.header("Location"), None);
        }
    }
    for path in ["favicon.ico", "callback/", "robots.txt"] {
        let query = callback.split_once('?').unwrap().1;
        let reply = get(&format!("{}{path}?{query}", asked.start_url)).await;
        assert_eq!(reply.status, 404, "{path}");
    }
    assert_eq!(desk.issuer.requests(), 0);
    let by_name = asked.start_url.replace("127.0.0.1", "localhost");
    let navigation = "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n";
    assert_eq!(request("GET", &by_name, navigation).await.status, 303);
    assert_eq!(request("GET", &callback, navigation).await.status, 200);
    asked.outcome().await.unwrap();
}

#[tokio::test]
async fn each_way_to_refuse_says_what_heals_it() {
    let desk = Desk::new();
    let table = [
        ("error=access_denied", "consent", "was denied in the browser"),
        ("error=login_required", "consent", "(login_required)"),
        ("error=server_error", "time", "(server_error) failed for now"),
        ("error=temporarily_unavailable", "time", "(temporarily_unavailable)"),
        ("error=invalid_scope", "a human", "check the scopes"),
        ("error=invalid_request", "a human", "check the client's `auth_uri`"),
        ("error=admin_policy_enforced", "a human", "administrator"),
        ("error=%3Cscript%3Ehunter2", "a human", "(a code that is not known)"),
    ];
    for (query, heals, told) in table {
        let asked = desk.ask().await;
        let page = get(&asked.answer(query)).await;
        assert!(page.status == 200 && !page.body.contains("hunter2"), "{page:?}");
        let error = asked.outcome().await.unwrap_err();
        let kind = match (error.is_transient(), error.needs_consent()) {
            (true, _) => "time",
            (_, true) => "consent",
            _ => "a human",
        };
        assert_eq!(kind, heals, "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(desk.issuer.requests(), 0);
}

#[tokio::test]
async fn an_exchange_that_fails_says_what_heals_it() {
    let table = [
        (Fault::error(401, "invalid_client"), false, "check the client id"),
        (Fault::error(503, "temporarily_unavailable"), true, "(temporarily_unavailable)"),
        (Fault::LostAnswer, true, "(answer lost)"),
        (Fault::Html, true, "(not json)"),
    ];
    for (fault, transient, told) in table {
        let desk = Desk::new();
        desk.issuer.fail_always(fault);
        let asked = desk.ask().await;
        let page = get(&asked.decide("allow").await).await;
        assert!(page.body.contains(told), "{page:?}");
        let error = asked.outcome().await.unwrap_err();
        assert!(error.is_transient() == transient && !error.needs_consent(), "{error:?}");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(desk.issuer.requests(), 1);
    }
}

#[tokio::test]
async fn a_folder_that_consent_does_not_write_is_told_before_a_browser_opens() {
    let desk = Desk::new();
    let user = json!({ "type": "authorized_user", "client_id": "id", "refresh_token": "r" });
    let key = key_of(&desk.issuer.token_uri());
    let others = [
        ("unified_token.json", &user),
        ("application_default_credentials.json", &user),
        ("service_account.json", &key),
    ];
    for (name, content) in others {
        let path = desk.folder.path().join(name);
        put(&path, content);
        let error = desk.secrets().consent(scopes("mail")).unwrap_err();
        let mend = format!("run `mv {0} {0}.old`", path.display());
        assert!(matches!(error, Error::Refused { .. }) && error.to_string().contains(&mend));
        fs::remove_file(path).unwrap();
    }
    let error = desk.secrets().with_subject("ops@charter.example").consent(scopes("mail"));
    assert!(error.unwrap_err().to_string().contains("leave the subject out"));
    let google = OAuthClient::new("1234.apps.example.com", jada_auth::GOOGLE_TOKEN_URI);
    let error = Asked::refused(Consent::builder(google, scopes(""))).await;
    assert!(error.contains("name at least one scope"), "{error}");
}

#[tokio::test]
async fn a_client_without_a_page_to_ask_at_is_told_which_field_is_missing() {
    let desk = Desk::new();
    let path = desk.folder.path().join("gmail_credentials.json");
    let elsewhere = OAuthClient::new("charter", "https://issuer.example/token");
    for (client, mend) in [
        (elsewhere.clone(), "name there the page at which the issuer asks humans"),
        (elsewhere.clone().with_auth_uri("http://issuer.example/"), "write an https URL"),
    ] {
        desk.secrets().save_client(&client).unwrap();
        let error = desk.secrets().consent(scopes("mail")).unwrap_err();
        let told = format!("`{}` has no usable field `auth_uri`: {mend}", path.display());
        assert!(error.to_string().starts_with(&told), "{error}");
        let error = Asked::refused(Consent::builder(client, scopes("mail"))).await;
        assert!(error.contains("authorization endpoint"), "{error}");
    }
    let google = OAuthClient::new("charter", jada_auth::GOOGLE_TOKEN_URI);
    desk.secrets().save_client(&google).unwrap();
    let consent = desk.builder().login_hint("ops@charter.example").start().await.unwrap();
    let url = consent.url();
    assert!(url.starts_with("https://accounts.google.com/o/oauth2/v2/auth?client_id=charter&"));
    assert!(url.ends_with("&login_hint=ops%40charter.example"), "{url}");
}

#[tokio::test]
async fn a_web_application_comes_back_to_the_port_that_is_registered() {
    let desk = Desk::new();
    let path = desk.folder.path().join("gmail_credentials.json");
    let registered = |uris: &[&str]| {
        put(&path, &json!({ "web": { "client_id": "charter", "redirect_uris": uris } }));
        desk.secrets().consent(scopes("mail"))
    };
    for none in [&["https://charter.example/callback"][..], &[]] {
        let error = registered(none).unwrap_err().to_string();
        assert!(error.contains("`web.redirect_uris`: register `http://127.0.0.1:8085/callback`"));
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ours = format!("http://127.0.0.1:{port}/callback");
    let builder = registered(&["http://localhost/", &ours]).unwrap();
    let refused = Asked::refused(builder).await;
    assert!(refused.contains(&format!("127.0.0.1:{port}")), "{refused}");
}

#[tokio::test]
async fn a_client_may_say_who_it_is_in_a_header() {
    let desk = Desk::new();
    for builder in [desk.builder(), desk.builder().basic_auth()] {
        let asked = Asked::by(builder).await;
        get(&asked.decide("allow").await).await;
        asked.outcome().await.unwrap();
    }
    let by: Vec<_> = desk.issuer.recorded().into_iter().map(|request| request.basic).collect();
    assert_eq!(by, [None, Some(desk.issuer.client_id().to_owned())]);
}

/// Consents that come to a good end and to a bad one, for whoever looks for secrets in all that
/// they tell.
pub(crate) async fn tell(told: &mut String, secrets: &mut Vec<String>) {
    for fault in [None, Some(Fault::error(400, "invalid_grant")), Some(Fault::Html)] {
        let desk = Desk::new();
        fault.into_iter().for_each(|fault| desk.issuer.fail_next(fault));
        let builder = desk.builder();
        told.push_str(&format!("{builder:?}"));
        let consent = builder.start().await.unwrap();
        told.push_str(&format!("{consent:#?} {:?}", consent.paste()));
        let asked = Asked::of(consent);
        let redirected = asked.decide("allow").await;
        let wrong = asked.paste.redirected(&redirected.replace("state=", "state=A")).unwrap_err();
        told.push_str(&format!("{wrong} {wrong:?}"));
        let challenge = asked.url.split_once("code_challenge=").unwrap().1[..43].to_owned();
        let code = redirected.split_once("code=").unwrap().1.split('&').next().unwrap();
        secrets.extend([asked.state().to_owned(), challenge, code.to_owned()]);
        told.push_str(&get(&redirected).await.body);
        let outcome = asked.outcome().await;
        told.push_str(&format!("{outcome:?}"));
        match outcome {
            Ok(consented) => secrets.push(consented.refresh_token.expose().to_owned()),
            Err(error) => told.push_str(&error.to_string()),
        }
        secrets.push(desk.issuer.client_secret().to_owned());
    }
}
