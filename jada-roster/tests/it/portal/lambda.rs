//! The same router in a Lambda: events of an API Gateway in, answers for it out, and no server.

use lambda_http::lambda_runtime::{Context, LambdaEvent};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service};
use serde_json::{Value, json};

use super::*;

/// An event as an HTTP API sends it, payload format 2.0.
fn event(method: &str, path: &str, query: &str, cookies: &[&str], body: Option<&str>) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": cookies,
        "headers": {
            "accept": "text/html,application/xhtml+xml",
            "host": "crew.example.com",
            "sec-fetch-site": if method == "POST" { "same-origin" } else { "cross-site" },
            "user-agent": "Mozilla/5.0",
            "x-forwarded-for": "203.0.113.9",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "crew.example.com",
            "domainPrefix": "crew",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9",
                "userAgent": "Mozilla/5.0"
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "10/Dec/2026:09:00:00 +0000",
            "timeEpoch": 1_796_893_200_000_u64
        },
        "isBase64Encoded": false
    });
    if let Some(body) = body {
        event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
        event["body"] = json!(body);
    }
    event
}

/// What the Lambda answers: JSON as the API Gateway reads it.
async fn invoke(app: &Router, event: Value) -> Value {
    let event: LambdaRequest = serde_json::from_value(event).unwrap();
    let mut lambda = Adapter::from(app.clone());
    let answer = lambda.call(LambdaEvent::new(event, Context::default())).await.unwrap();
    serde_json::to_value(answer).unwrap()
}

fn cookie(answer: &Value) -> &str {
    let cookies = answer["cookies"].as_array().unwrap();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    cookies[0].as_str().unwrap().split(';').next().unwrap()
}

/// The cookie by which a browser is known that has read the page.
async fn nonce(app: &Router) -> String {
    let page = invoke(app, event("GET", "/crew", "", &[], None)).await;
    cookie(&page).to_owned()
}

#[tokio::test]
async fn the_whole_way_in_works_in_a_lambda() {
    let bench = Bench::with(|portal| portal.trusting_header("x-forwarded-for")).await;
    let link = bench.single_use("di").await;
    let token = format!("token={}", link.text.expose());
    let page = invoke(&bench.app, event("GET", "/crew", &token, &[], None)).await;
    assert_eq!(page["statusCode"], 200);
    assert_eq!(page["isBase64Encoded"], false);
    assert_eq!(page["headers"]["cache-control"], "no-store");
    assert!(page["body"].as_str().unwrap().contains("Open my page"));
    let nonce = cookie(&page);
    assert!(nonce.starts_with("__Host-jada-browser="));

    let press = || event("POST", "/crew", "", &[nonce], Some(&token));
    let opened = invoke(&bench.app, press()).await;
    assert_eq!(
        (&opened["statusCode"], &opened["headers"]["location"]),
        (&json!(303), &json!("crew/roster"))
    );
    let session = cookie(&opened);
    assert!(session.starts_with("__Host-jada-session="));
    assert_eq!(invoke(&bench.app, press()).await["statusCode"], 303, "a double click");

    let roster = event("GET", "/crew/roster", "month=2026-12", &[nonce, session], None);
    let roster = invoke(&bench.app, roster).await;
    assert_eq!(roster["statusCode"], 200);
    let body = roster["body"].as_str().unwrap();
    assert!(body.contains("Di Brook") && body.contains("<legend>December 2026</legend>"));

    let key = body.split_once("name=\"key\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let days = form(&[("key", key), ("version", "1"), ("month", "2026-12"), ("2026-12-24", "yes")]);
    let saved = event("POST", "/crew/availability", "", &[nonce, session], Some(&days));
    assert_eq!(invoke(&bench.app, saved).await["statusCode"], 303);
    assert_eq!(bench.member("di").await.availability().days().count(), 1);
}

#[tokio::test]
async fn a_body_in_base64_is_read_and_a_used_link_refused() {
    let bench = Bench::new().await;
    let nonce = nonce(&bench.app).await;
    let mut press = event("POST", "/crew", "", &[&nonce], Some("dG9rZW49eA=="));
    press["isBase64Encoded"] = json!(true);
    let refused = invoke(&bench.app, press).await;
    assert_eq!(refused["statusCode"], 403);
    assert!(refused["body"].as_str().unwrap().contains("This link does not open anything"));
}

#[tokio::test]
async fn in_a_lambda_addresses_are_limited_by_the_gateways_header() {
    let bench = Bench::with(|portal| portal.trusting_header("x-forwarded-for")).await;
    let (nonce, mut through) = (nonce(&bench.app).await, 0);
    for n in 0..40 {
        let body = format!("token=A{n:022}");
        let mut press = event("POST", "/crew", "", &[&nonce], Some(&body));
        press["headers"]["x-forwarded-for"] = json!(format!("198.51.100.{n}, 203.0.113.9"));
        through += usize::from(invoke(&bench.app, press).await["statusCode"] != 429);
    }
    assert_eq!(through, 30);
}

#[tokio::test]
async fn a_stage_in_the_path_is_nested_like_any_other() {
    let bench = Bench::new().await;
    let portal = Portal::builder(Arc::new(bench.roster.clone()), Arc::new(bench.links.clone()));
    let app = Router::new().nest("/prod", portal.build().unwrap().router());
    let mut event = event("GET", "/crew", "token=x", &[], None);
    event["requestContext"]["stage"] = json!("prod");
    let page = invoke(&app, event).await;
    assert_eq!(page["statusCode"], 200);
    assert!(page["body"].as_str().unwrap().contains("action=\"crew\""));
}
