//! Service keys as two services use them: made, hashed, configured, presented, replaced.

mod timing;

use http::{HeaderMap, HeaderName, HeaderValue, Request};
use jada_auth::{Error, KeyRefusal, Secret, ServiceKey, ServiceKeyHash, ServiceKeys};

const HEADER: &str = "X-Service-Key";
const ORIGIN: &str = "JADA_SERVICE_KEY_HASH";

/// From the tests of argon2's reference implementation: the key `password`, the salt `somesalt`.
const REFERENCE: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ\
                         $nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[test]
fn two_hashes_are_valid_during_a_rotation_and_tell_which_key_was_presented() {
    let [old, new, other] = [0; 3].map(|_| ServiceKey::generate().unwrap());
    let keys = ServiceKeys::new(HEADER, [old.hash(), new.hash()]).unwrap();
    assert_eq!(present(&keys, &old).unwrap(), 0);
    assert_eq!(present(&keys, &new).unwrap(), 1);
    assert_eq!(present(&keys, &other), Err(KeyRefusal::Wrong));

    let keys = ServiceKeys::new(HEADER, [new.hash()]).unwrap();
    assert_eq!(present(&keys, &new).unwrap(), 0);
    assert_eq!(present(&keys, &old), Err(KeyRefusal::Wrong));
}

#[test]
fn a_rotation_leads_from_a_chosen_key_to_a_generated_one() {
    let generated = ServiceKey::generate().unwrap();
    let text = format!("  {REFERENCE}\n{}\n", generated.hash());
    let keys = parse(&text).unwrap();
    assert!(keys.is_slow() && !parse(&generated.hash().to_string()).unwrap().is_slow());
    assert_eq!(keys.verify_text("password").unwrap().index(), 0);
    assert_eq!(present(&keys, &generated).unwrap(), 1);
    assert_eq!(keys.verify_text("passwore"), Err(KeyRefusal::Wrong));
    // Who has a hash has no key.
    assert_eq!(keys.verify_text(REFERENCE), Err(KeyRefusal::Wrong));
    assert_eq!(keys.verify_text(&generated.hash().to_string()), Err(KeyRefusal::Wrong));
}

#[test]
fn of_two_equal_hashes_the_first_counts() {
    let key = ServiceKey::generate().unwrap();
    let keys = ServiceKeys::new(HEADER, [key.hash(), key.hash()]).unwrap();
    assert_eq!(present(&keys, &key).unwrap(), 0);
}

#[test]
fn hashes_are_those_that_other_programs_write() {
    let key: ServiceKey = format!("jsk_{}", "A".repeat(43)).parse().unwrap();
    // printf %s jsk_AAA... | sha256sum
    let sha256 = "sha256:3a176a0c33ef354bc89c899c7c993ad40425804578a293d425dccfc7e9a3d336";
    assert_eq!(key.hash().to_string(), sha256);

    assert_eq!(REFERENCE.parse::<ServiceKeyHash>().unwrap().to_string(), REFERENCE);
    let keys = parse(REFERENCE).unwrap();
    assert_eq!(keys.verify_text("password").unwrap().index(), 0);
    assert_eq!(keys.verify_text("passwore"), Err(KeyRefusal::Wrong));

    let chosen = ServiceKeyHash::of_chosen(&"correct-horse-battery".into()).unwrap().to_string();
    assert!(chosen.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{chosen}");
    let again = ServiceKeyHash::of_chosen(&"correct-horse-battery".into()).unwrap();
    assert_ne!(chosen, again.to_string());
}

#[test]
fn a_missing_or_malformed_hash_is_refused_at_start_and_said_what_is_wrong() {
    let key = ServiceKey::generate().unwrap();
    let hash = key.hash().to_string();
    let upper = hash.to_uppercase().replace("SHA256:", "sha256:");
    let argon = |from, to| {
        assert!(REFERENCE.contains(from), "{from}");
        REFERENCE.replace(from, to)
    };
    let table = [
        (String::new(), "is empty"),
        (" \n".to_owned(), "is empty"),
        (key.expose().to_owned(), "is a plain key: make a new key"),
        (key.expose()[..46].to_owned(), "is a plain key"),
        (format!("{} {hash}", key.expose()), "hash 1 in `JADA_SERVICE_KEY_HASH` is a plain key"),
        (format!("{hash} {}", key.expose()), "hash 2 in `JADA_SERVICE_KEY_HASH` is a plain key"),
        ("correct-horse-battery".to_owned(), "begins neither"),
        (hash[7..].to_owned(), "begins neither"),
        (format!("{hash},{hash}"), "has a comma in it"),
        (hash[..70].to_owned(), "64 lower-case"),
        (format!("{hash}0"), "64 lower-case"),
        (upper, "64 lower-case"),
        (format!("sha256:{}", "\u{e4}".repeat(32)), "64 lower-case"),
        (SHA256_OF_NOTHING.to_owned(), "an empty text"),
        (SHA256_OF_A_LINE_BREAK.to_owned(), "an empty text"),
        (format!("{hash} {hash} {hash}"), "are 3"),
        (argon("$argon2id", "$argon2i"), "other than argon2id"),
        (argon("$argon2id", "$argon2d"), "other than argon2id"),
        (argon("v=19", "v=16"), "version 19"),
        (argon("$v=19", ""), "version 19"),
        (argon("m=256,", ""), "lacks one of the parameters"),
        (argon("m=256,t=2,p=1", "t=2,m=256,p=1"), "lacks one of the parameters"),
        (argon(",p=1", ""), "lacks one of the parameters"),
        (argon("m=256", "m=4294967296"), "lacks one of the parameters"),
        (argon("m=256", "m=262145"), "exhaust this host"),
        (argon("m=256,t=2", "m=262144,t=5"), "exhaust this host"),
        (argon("t=2", "t=4097"), "exhaust this host"),
        (argon("m=256", "m=7"), "does not allow"),
        (argon("t=2", "t=0"), "does not allow"),
        (argon("p=1", "p=33"), "does not allow"),
        (argon("m=256", "m=0256"), "does not allow"),
        (argon("m=256", "m=+256"), "does not allow"),
        (argon("p=1", "p=1,data=AAAA"), "does not allow"),
        (argon("$c29tZXNhbHQ", "$"), "has no salt"),
        (argon("$c29tZXNhbHQ", "$c29tZXNhbA"), "fewer than 8 bytes in its salt"),
        (argon("$c29tZXNhbHQ", "$c29tZXNhbHQ="), "not base64 without padding in its salt"),
        (argon("$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", ""), "has no output"),
        (argon("EsF5h7TKyQwu9U1bMCHGi/4", ""), "fewer than 16 bytes in its output"),
        (argon("Gi/4", "Gi/5"), "not base64 without padding in its output"),
        (format!("{REFERENCE}$"), "goes on after its output"),
        // What a shell makes of it between double quotes.
        ("=19=256,t=2,p=1/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4".to_owned(), "has lost its `$`"),
    ];
    for (text, said) in table {
        let told = refused(&parse(&text).unwrap_err());
        assert!(told.contains(said) && told.contains(": "), "{text}: {told}");
        for word in text.split_whitespace() {
            assert!(!told.contains(word), "{told}");
        }
        // The same words stand in the error of a hash that is parsed alone.
        assert!(text.split_whitespace().count() > 1 || text.parse::<ServiceKeyHash>().is_err());
    }
    let told = refused(&ServiceKeys::parse(HEADER, ORIGIN, None).unwrap_err());
    assert!(told.starts_with("`JADA_SERVICE_KEY_HASH` is not set: write what"), "{told}");
}

#[test]
fn keys_without_a_hash_or_without_a_header_s_name_are_refused() {
    let key = ServiceKey::generate().unwrap();
    let told = refused(&ServiceKeys::new(HEADER, []).unwrap_err());
    assert!(told.contains("are missing"), "{told}");
    let hash = key.hash().to_string();
    for header in ["", "X Service Key", "X-Service-Key:", "sch\u{f6}n", key.expose(), &hash] {
        let told = refused(&ServiceKeys::new(header, [key.hash()]).unwrap_err());
        assert!(told.contains("no name of a header"), "{told}");
        assert!(header.is_empty() || !told.contains(header), "{told}");
    }
    let keys = ServiceKeys::new("X-Dashboard-Token", [key.hash()]).unwrap();
    assert_eq!(keys.header(), "x-dashboard-token");
}

#[test]
fn a_chosen_key_is_hashed_when_a_client_can_present_it_and_nobody_can_guess_it() {
    let generated = ServiceKey::generate().unwrap();
    let hash = generated.hash().to_string();
    let (long, too_long) = ("k".repeat(256), "k".repeat(257));
    let refusals = [
        ("", "is empty"),
        ("hunter2", "fewer than 12"),
        ("hunter2-hun", "fewer than 12"),
        ("Bearer of bad tidings", "begins with `Bearer`"),
        (" correct horse battery", "white space around it"),
        ("correct-horse-battery\n", "white space around it"),
        ("correct\thorse\tbattery", "neither visible ASCII nor a space"),
        ("correct-h\u{f6}rse-battery", "neither visible ASCII nor a space"),
        ("correct-horse-\u{7}", "neither visible ASCII nor a space"),
        (&too_long, "longer than 256"),
        (generated.expose(), "was generated"),
        (&generated.expose()[..46], "and is none"),
        (&hash, "is a hash already"),
        (REFERENCE, "is a hash already"),
    ];
    for (key, said) in refusals {
        let told = refused(&ServiceKeyHash::of_chosen(&Secret::new(key)).unwrap_err());
        assert!(told.contains(said), "{told}");
        assert!(key.is_empty() || !told.contains(key), "{told}");
    }
    for key in ["hunter2-hunt", "correct horse battery", long.as_str()] {
        let hash = ServiceKeyHash::of_chosen(&Secret::new(key)).unwrap();
        let keys = parse(&hash.to_string()).unwrap();
        assert_eq!(keys.verify(&headers(&[(HEADER, key)])).unwrap().index(), 0);
    }
}

#[test]
fn a_header_that_went_missing_on_the_way_is_told_from_a_wrong_key() {
    let keys = ServiceKeys::new(HEADER, [ServiceKey::generate().unwrap().hash()]).unwrap();
    let told = |pairs: &[(&str, &str)]| keys.verify(&headers(pairs)).unwrap_err();
    let header = HeaderName::from_static("x-service-key");

    assert_eq!(told(&[]), KeyRefusal::Missing { header: header.clone() });
    let through = told(&[("Via", "1.1 varnish"), ("CF-Ray", "8a-FRA"), ("X-Forwarded-For", "::1")]);
    let by = "`cf-ray` (Cloudflare), `via`, `x-forwarded-for`".to_owned();
    assert_eq!(through, KeyRefusal::Stripped { header: header.clone(), by });
    // A key that did arrive was not removed, whatever came with it.
    assert_eq!(told(&[("Via", "1.1 varnish"), (HEADER, "hunter2")]), KeyRefusal::Wrong);
    assert_eq!(told(&[("Via", "1.1 varnish"), (HEADER, "")]), KeyRefusal::Empty);
    assert_eq!(told(&[(HEADER, "a"), (HEADER, "a")]), KeyRefusal::Repeated { header });
}

#[test]
fn what_no_key_is_like_is_malformed_and_not_wrong() {
    let keys = parse(REFERENCE).unwrap();
    let megabyte = "k".repeat(1024 * 1024);
    for text in ["password\n", "pass\tword", "p\u{e4}ssword", "password\u{0}", &megabyte] {
        let refusal = keys.verify_text(text).unwrap_err();
        assert!(matches!(refusal, KeyRefusal::Malformed { .. }), "{refusal}");
    }
    let mut opaque = HeaderMap::new();
    opaque.insert("x-service-key", HeaderValue::from_bytes(b"password\xff").unwrap());
    let refusal = keys.verify(&opaque).unwrap_err();
    assert!(matches!(refusal, KeyRefusal::Malformed { .. }), "{refusal}");
    // White space around a header's value is no part of it.
    assert!(keys.verify(&headers(&[(HEADER, " password\t")])).is_ok());
}

#[test]
fn in_authorization_a_key_stands_after_bearer() {
    let key = ServiceKey::generate().unwrap();
    let keys = ServiceKeys::new("Authorization", [key.hash()]).unwrap();
    let verify = |value: &str| keys.verify(&headers(&[("authorization", value)]));
    for scheme in ["Bearer ", "bearer ", "BEARER  "] {
        assert!(verify(&format!("{scheme}{}", key.expose())).is_ok());
    }
    assert_eq!(verify("Bearer hunter2"), Err(KeyRefusal::Wrong));
    assert_eq!([verify("Bearer"), verify("")], [Err(KeyRefusal::Empty), Err(KeyRefusal::Empty)]);
    for value in [key.expose(), &format!("Basic {}", key.expose()), "Bearerx"] {
        let refusal = verify(value).unwrap_err();
        assert!(matches!(refusal, KeyRefusal::Malformed { .. }), "{refusal}");
    }
    // Elsewhere the key stands alone.
    let keys = ServiceKeys::new(HEADER, [key.hash()]).unwrap();
    let refusal = keys.verify(&headers(&[(HEADER, &format!("Bearer {}", key.expose()))]));
    assert!(matches!(refusal, Err(KeyRefusal::Malformed { .. })));
}

#[test]
fn each_refusal_is_one_sentence_that_says_what_mends_it() {
    let header = HeaderName::from_static("x-service-key");
    let refusals = [
        KeyRefusal::Missing { header: header.clone() },
        KeyRefusal::Stripped { header: header.clone(), by: "`via`".to_owned() },
        KeyRefusal::Empty,
        KeyRefusal::Repeated { header },
        KeyRefusal::Malformed { what: "is longer than 256 bytes" },
        KeyRefusal::Wrong,
        KeyRefusal::OutOfMemory,
    ];
    for refusal in refusals {
        let text = refusal.to_string();
        let (what, mend) = text.split_once(": ").unwrap();
        assert!(!what.is_empty() && !mend.is_empty() && !mend.contains('\n'), "{refusal}");
        assert_eq!(refusal.is_transient(), mend == "try again later", "{refusal}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let key = ServiceKey::generate().unwrap();
    let chosen = "correct-horse-battery";
    let hashes = [key.hash(), REFERENCE.parse().unwrap()];
    let mut secrets = vec![key.expose().to_owned(), chosen.to_owned()];
    // A chosen key can be guessed by its hash, so that is shown on demand alone.
    secrets.extend(hashes.iter().map(|hash| hash.to_string()[40..].to_owned()));

    let value = HeaderValue::try_from(&key).unwrap();
    let request = Request::get("/").header(HEADER, &key).body(()).unwrap();
    let keys = ServiceKeys::new(HEADER, hashes.clone()).unwrap();
    let mut printed = vec![format!("{key:#?} {value:?} {request:?} {keys:#?} {hashes:?}")];
    printed.push(format!("{:?}", keys.verify(request.headers())));

    for text in [key.expose(), chosen, &format!("{}\n", key.expose()), &format!("{chosen} ")] {
        printed.extend([
            format!("{:?}", keys.verify_text(&format!("{text}x")).unwrap_err()),
            keys.verify(&headers(&[("Authorization", text.trim())])).unwrap_err().to_string(),
            refused(&format!("{text}x").parse::<ServiceKey>().map(drop).unwrap_err()),
            refused(&text.parse::<ServiceKeyHash>().unwrap_err()),
            refused(&parse(text).unwrap_err()),
        ]);
    }
    for text in printed {
        assert!(!text.is_empty());
        for secret in &secrets {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

fn parse(text: &str) -> Result<ServiceKeys, Error> {
    ServiceKeys::parse(HEADER, ORIGIN, Some(text))
}

/// What a client sends, as far as the service sees it.
fn present(keys: &ServiceKeys, key: &ServiceKey) -> Result<usize, KeyRefusal> {
    let request = Request::get("/bookings").header(HEADER, key).body(()).unwrap();
    Ok(keys.verify(request.headers())?.index())
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let pair = |&(name, value): &(&str, &str)| {
        (HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    HeaderMap::from_iter(pairs.iter().map(pair))
}

/// All that can be printed of it, when it is the one error of this kind.
fn refused(error: &Error) -> String {
    assert!(matches!(error, Error::MalformedServiceKey { .. }), "{error}");
    assert!(!error.is_transient());
    format!("{error}\n{error:?}")
}

const SHA256_OF_NOTHING: &str =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SHA256_OF_A_LINE_BREAK: &str =
    "sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b";
