//! Amounts of money leave notes, and nothing else does.

mod corpus;

use std::sync::LazyLock;

use jada_roster::ScrubRules;
use proptest::prelude::*;

const MARK: &str = "[amount removed]";

static RULES: LazyLock<ScrubRules> = LazyLock::new(ScrubRules::default);

/// A note of the corpus: as it is written, as it is to be, and what is to be taken out.
struct Note {
    written: String,
    left: String,
    removed: Vec<String>,
}

impl Note {
    fn of(text: &str) -> Self {
        let mut note = Self { written: String::new(), left: String::new(), removed: Vec::new() };
        for (number, piece) in text.split(['{', '}']).enumerate() {
            note.written += piece;
            if number % 2 == 0 {
                note.left += piece;
            } else {
                note.left += MARK;
                note.removed.push(piece.to_owned());
            }
        }
        note
    }
}

fn removed(rules: &ScrubRules, text: &str) -> (String, Vec<String>) {
    let scrubbed = rules.scrub(text);
    let removed = scrubbed.removed.iter().map(|removed| removed.expose().to_owned());
    (scrubbed.value.as_str().to_owned(), removed.collect())
}

#[test]
fn every_amount_of_the_corpus_leaves_its_note_and_nothing_else_does() {
    let rules = ScrubRules::default();
    let corpus: Vec<&str> = corpus::ALL.concat();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    let mut wrong = Vec::new();
    for text in corpus {
        let note = Note::of(text);
        let (left, taken) = removed(&rules, &note.written);
        if left != note.left || taken != note.removed {
            wrong.push(format!("{text:?}\n   left {left:?}\n  taken {taken:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} notes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_office_adds_words_of_its_own() {
    let (text, left) =
        ("Trinkgeld 40, 850 R am Tor, 12 Gäste", "Trinkgeld 40, 850 R am Tor, 12 Gäste");
    assert_eq!(removed(&ScrubRules::default(), text).0, left, "these are no words of the default");
    let rules = ScrubRules::default().with_label("Trinkgeld").with_currency("R");
    let left = format!("Trinkgeld {MARK}, {MARK} am Tor, 12 Gäste");
    assert_eq!(removed(&rules, text).0, left);
    let text = "fee 12 Gäste, 300";
    assert_eq!(removed(&rules, text).0, format!("fee {MARK} Gäste, {MARK}"));
    let rules = rules.with_counted("Gäste");
    assert_eq!(removed(&rules, text).0, format!("fee 12 Gäste, {MARK}"));
}

#[test]
fn what_was_removed_is_shown_to_the_caller_alone() {
    let scrubbed = ScrubRules::default().scrub("Ann pays $1,200 and 45 EUR");
    let shown = format!("{scrubbed:?} {:?}", scrubbed.value);
    assert!(!shown.contains("1,200") && !shown.contains("45"), "{shown}");
    let removed: Vec<_> = scrubbed.removed.iter().map(|removed| removed.expose()).collect();
    assert_eq!(removed, ["$1,200", "45 EUR"]);
    assert!(scrubbed.removed.iter().all(|removed| removed.place() == "text"));
}

/// Things that crew have to read, none of which is money.
const FACTS: [&str; 16] = [
    "12 guests",
    "at 10:30",
    "09:00-13:00",
    "call +1 555 010 0101",
    "phone 555-0100",
    "slip 300",
    "42 ft boat",
    "on 2026-05-03",
    "on 3 May",
    "VHF 72",
    "8 adults and 4 kids",
    "12.5 m mast",
    "wind 18 kn",
    "flight BA 2490",
    "dock 7",
    "bring sun cream",
];

/// Ways to write an amount that the scanner's tables were not made from: `N` is the number.
const WRITTEN: [&str; 36] = [
    "$N",
    "$ N",
    "N$",
    "N $",
    "€N",
    "N€",
    "N €",
    "£ N",
    "US$N",
    "AU$ N",
    "N USD",
    "USD N",
    "usd N",
    "NUSD",
    "EURN",
    "N Eur",
    "CHF N",
    "N sek",
    "JPY N",
    "N PLN",
    "N dollars",
    "N Euros",
    "N bucks",
    "N US dollars",
    "(N EUR)",
    "*N EUR*",
    "fee: N",
    "Deposit N",
    "tip = N",
    "payout of N",
    "Price is N",
    "balance — N",
    "Revenue: ca. N",
    "commission (N)",
    "cost ... N",
    "N deposit",
];

fn number(value: u32, style: usize) -> String {
    let thousands = |separator: &str| match value {
        0..1_000 => value.to_string(),
        _ => format!("{}{separator}{:03}", value / 1_000, value % 1_000),
    };
    match style {
        0 => value.to_string(),
        1 => thousands(","),
        2 => thousands("."),
        3 => thousands("'"),
        4 => thousands("\u{202f}"),
        5 => format!("{}.00", thousands(",")),
        6 => format!("{},50", thousands(".")),
        _ => thousands(",").chars().map(full_width).collect(),
    }
}

fn full_width(c: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32(0xff10 + digit)).unwrap_or(c)
}

fn cases() -> u32 {
    if std::env::var("JADA_SWEEP").is_ok_and(|sweep| sweep == "full") { 20_000 } else { 300 }
}

fn piece() -> impl Strategy<Value = (String, bool)> {
    let amount = (0..WRITTEN.len(), 25..99_999_u32, 0..8_usize).prop_map(|(form, value, style)| {
        (WRITTEN[form].replacen('N', &number(value, style), 1), true)
    });
    prop_oneof![amount, (0..FACTS.len()).prop_map(|fact| (FACTS[fact].to_owned(), false))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() })]

    #[test]
    fn amounts_planted_among_facts_are_gone_and_the_facts_are_there(
        pieces in proptest::collection::vec((piece(), 0..6_usize), 1..8),
    ) {
        const JOINTS: [&str; 6] = [", ", ". ", "; ", "\n", " / ", "! "];
        let mut text = String::new();
        for ((piece, _), joint) in &pieces {
            text += piece;
            text += JOINTS[*joint];
        }
        let mut left = removed(&RULES, &text).0;
        for ((fact, is_amount), _) in &pieces {
            if !is_amount {
                prop_assert!(left.contains(fact.as_str()), "{fact:?} of {text:?}: {left:?}");
                left = left.replacen(fact.as_str(), "", 1);
            }
        }
        let digits = left.chars().filter(|c| c.is_numeric()).count();
        prop_assert_eq!(digits, 0, "{:?}: {:?}", text, left);
    }

    #[test]
    fn identifiers_and_addresses_stay_whole(
        id in prop_oneof![
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            "01[0-9A-HJKMNP-TV-Z]{24}",
            "[0-9a-f]{40}",
            "(ch|pi|cus)_[0-9A-Za-z]{24}",
            "https://[a-z]{3,9}\\.example\\.com/[a-z]{1,6}/[0-9]{1,6}",
            "[a-z]{1,6}[0-9]{1,4}@[a-z]{1,8}\\.example\\.com",
        ].prop_filter("an identifier changes between letters and digits", |id| {
            let kinds: Vec<bool> = id.bytes().map(|byte| byte.is_ascii_digit()).collect();
            id.contains('@') || id.contains(':') || kinds.windows(2).filter(|two| two[0] != two[1]).count() > 7
        }),
        before in prop_oneof![Just(""), Just("See "), Just("Booked as "), Just("Paid: ")],
    ) {
        let text = format!("{before}{id} for Ann");
        prop_assert_eq!(removed(&RULES, &text).0, text);
    }

    #[test]
    fn doing_it_again_changes_nothing(
        pieces in proptest::collection::vec(
            prop_oneof![
                3 => piece().prop_map(|(piece, _)| piece),
                1 => "[ -~]{0,6}",
                1 => "\\PC{0,4}",
                1 => prop_oneof![Just(" "), Just("\n"), Just("-"), Just("fee"), Just("12"), Just("or"), Just("$")]
                    .prop_map(str::to_owned),
            ],
            0..10,
        ),
        joint in prop_oneof![Just(" "), Just(""), Just(", "), Just("/")],
    ) {
        let once = RULES.scrub(&pieces.join(joint)).value;
        let twice = RULES.scrub(once.as_str());
        prop_assert!(twice.removed.is_empty());
        prop_assert_eq!(once, twice.value);
    }
}
