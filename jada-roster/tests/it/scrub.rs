//! Amounts of money leave notes, and nothing else does.

mod corpus;

use jada_roster::ScrubRules;

use self::corpus::{CURRENCIES, LABELS, MIXED, PLAIN};

const MARK: &str = "[amount removed]";

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
    let corpus: Vec<&str> = [CURRENCIES, LABELS, MIXED, PLAIN].concat();
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
