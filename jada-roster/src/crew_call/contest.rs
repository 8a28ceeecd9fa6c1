//! Another who writes the same row at once: all is tried again, a few times.

use std::time::Duration;

use crate::error::Error;

/// How often one write has lost to another.
#[derive(Debug, Default)]
pub(super) struct Contest {
    lost: u32,
}

impl Contest {
    /// Waits until it is to be tried again, longer each time and never as long as another does; gives
    /// the conflict back once that was often enough.
    pub(super) async fn lost(&mut self, conflict: Error) -> Result<(), Error> {
        self.lost += 1;
        if self.lost >= ATTEMPTS {
            return Err(conflict);
        }
        let most = FIRST_WAIT * 2_u32.pow(self.lost - 1);
        tokio::time::sleep(most.mul_f64(fastrand::f64())).await;
        Ok(())
    }
}

/// Nobody is kept for longer than 2.5 s, and for 1.3 s on average.
const ATTEMPTS: u32 = 8;
const FIRST_WAIT: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_losing_gives_up() {
        let conflict = || Error::conflict("charter", &"C-1");
        let (mut contest, began) = (Contest::default(), tokio::time::Instant::now());
        for _ in 1..ATTEMPTS {
            contest.lost(conflict()).await.unwrap();
        }
        let given_up = contest.lost(conflict()).await.unwrap_err();
        assert!(given_up.is_transient(), "{given_up}");
        let waited = began.elapsed();
        assert!(waited > Duration::ZERO && waited < FIRST_WAIT * 128, "{waited:?}");
    }
}
