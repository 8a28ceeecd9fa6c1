//! What ties a line of the manifest to all that stands before it, so that an edit shows.

use sha2::{Digest, Sha256};

use crate::artefact::hex;

/// Follows the lines of a manifest from the first one on.
///
/// The seal of a line is SHA-256 of the seal before it, of whatever stands between them, and of the
/// line itself up to its seal, which comes last in it.
#[derive(Default)]
pub(super) struct Seals {
    digest: Sha256,
    have_begun: bool,
}

/// Whether a line is what was written there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seal {
    /// It is, and so is what stands between it and the seal before.
    Right,
    /// It, or what stands before it, is not.
    Wrong { expected: String, found: String },
    /// It has none, though others before it have.
    Missing,
    /// It was written before there were seals.
    NotYet,
}

impl Seals {
    /// Of what is there, each line with its end.
    pub(super) fn of(content: &[u8]) -> Self {
        let mut seals = Self::default();
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            seals.follow(line);
        }
        seals
    }

    /// Looks at the next line, with its end.
    pub(super) fn follow(&mut self, line: &[u8]) -> Seal {
        let Some((content, found)) = split(line) else {
            self.digest.update(line);
            return if self.have_begun { Seal::Missing } else { Seal::NotYet };
        };
        self.digest.update(content);
        let expected = hex(&self.digest.finalize_reset());
        self.digest.update(found);
        self.have_begun = true;
        match String::from_utf8_lossy(found).into_owned() {
            found if found == expected => Seal::Right,
            found => Seal::Wrong { expected, found },
        }
    }

    /// Seals a JSON object that is to be the next line, and ends it.
    pub(super) fn seal(mut self, mut line: Vec<u8>) -> Vec<u8> {
        line.pop();
        self.digest.update(&line);
        let seal = hex(&self.digest.finalize());
        line.extend_from_slice(BEFORE);
        line.extend_from_slice(seal.as_bytes());
        line.extend_from_slice(b"\"}\n");
        line
    }
}

/// The line up to its seal, and the seal.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, seal) = line.trim_ascii_end().strip_suffix(b"\"}")?.split_last_chunk::<DIGITS>()?;
    let is_digest = seal.iter().all(u8::is_ascii_hexdigit);
    rest.strip_suffix(BEFORE).filter(|_| is_digest).map(|content| (content, seal.as_slice()))
}

const BEFORE: &[u8] = b",\"seal\":\"";
const DIGITS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(lines: &[&str]) -> Vec<u8> {
        lines.iter().fold(Vec::new(), |mut all, line| {
            let next = Seals::of(&all).seal(line.as_bytes().to_vec());
            all.extend(next);
            all
        })
    }

    /// The seals of a manifest, by their first letters.
    fn seals(content: &[u8]) -> String {
        let mut seals = Seals::default();
        let lines = content.split_inclusive(|byte| *byte == b'\n');
        let letter = |seal| match seal {
            Seal::Right => 'r',
            Seal::Wrong { .. } => 'w',
            Seal::Missing => 'm',
            Seal::NotYet => 'n',
        };
        lines.map(|line| letter(seals.follow(line))).collect()
    }

    #[test]
    fn an_edit_shows_at_its_line_and_at_no_other() {
        let lines = ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"];
        let whole = String::from_utf8(sealed(&lines)).unwrap();
        assert_eq!(seals(whole.as_bytes()), "rrr");
        assert_eq!(seals(whole.replace("{\"a\":2", "{\"a\":7").as_bytes()), "rwr");
        let without = |at: usize| {
            let left = whole.split_inclusive('\n').enumerate().filter(|(line, _)| *line != at);
            left.map(|(_, line)| line).collect::<String>()
        };
        assert_eq!(seals(without(0).as_bytes()), "wr");
        assert_eq!(seals(without(1).as_bytes()), "rw");
        let twice = whole.replacen("{\"a\":2", "{\"a\":9}\n{\"a\":2", 1);
        assert_eq!(seals(twice.as_bytes()), "rmwr");
        assert_eq!(seals(format!("{whole}{{\"a\":4}}\n").as_bytes()), "rrrm");
    }

    #[test]
    fn what_a_crash_or_an_earlier_version_left_is_sealed_with_the_next_line() {
        for before in ["{\"a\":0}\n", "{\"a\":0}\n{\"half\n"] {
            let mut content = before.as_bytes().to_vec();
            let line = Seals::of(&content).seal(b"{\"a\":1}".to_vec());
            content.extend(line);
            assert!(seals(&content).ends_with("nr"), "{before:?}");
            content[2] = b'b';
            assert!(seals(&content).ends_with("nw"), "{before:?}");
        }
    }
}
