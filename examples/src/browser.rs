//! Opens an address in whatever browser there is.

use std::{
    env,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

/// Opens `url` by the first command that can be started: those in `$BROWSER`, with colons between
/// them, then the desktop's own. Where there is none, nothing happens.
pub fn open_browser(url: &str) {
    let named = env::var("BROWSER").unwrap_or_default();
    let _opened = named.split(':').chain([DESKTOP]).any(|command| start(command, url));
}

/// Whether it could be started; what becomes of it is its own affair, as is a Ctrl-C.
fn start(command: &str, url: &str) -> bool {
    let mut words = command.split_whitespace();
    let Some(program) = words.next() else { return false };
    let mut command = Command::new(program);
    command.args(words).arg(url).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

const DESKTOP: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
