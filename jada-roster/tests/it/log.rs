//! All that is logged, at the level at which most is.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// All that was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Logs what this thread does, as far as a filter lets it, until the guards are dropped.
    ///
    /// While a process has one subscriber alone, whoever comes to a line first decides by the
    /// subscriber of their own thread whether it is ever logged: so there is a second one.
    pub(crate) fn begin(filter: &str) -> (Self, [DefaultGuard; 2]) {
        let (log, second) = (Self::default(), tracing_subscriber::registry().set_default());
        let ours = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone());
        (log, [ours.with_ansi(false).finish().set_default(), second])
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clear(&self) {
        self.bytes().clear();
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
