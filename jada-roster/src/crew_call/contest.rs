//! How often one who loses a write to others tries it again.

use crate::error::Error;

/// Counts the writes that were lost to others. Each round somebody wins, so that whoever comes to the
/// end of this is refused for another reason, or is one of very many.
#[derive(Debug, Default)]
pub(super) struct Contest {
    lost: u32,
}

impl Contest {
    /// Lets it be tried again, or gives the conflict back once that was often enough.
    pub(super) fn lost(&mut self, conflict: Error) -> Result<(), Error> {
        self.lost += 1;
        if self.lost < ATTEMPTS { Ok(()) } else { Err(conflict) }
    }
}

/// Between two of them the row is read again, which takes its time.
const ATTEMPTS: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_on_losing_gives_up() {
        let conflict = || Error::conflict("charter", &"C-1");
        let mut contest = Contest::default();
        for _ in 1..ATTEMPTS {
            contest.lost(conflict()).unwrap();
        }
        let given_up = contest.lost(conflict()).unwrap_err();
        assert!(given_up.is_transient(), "{given_up}");
    }
}
