//! Who a statement's mail is from and to, where the rules leave it open.

use jada_mail::Address;
use jada_reports::Rules;

use crate::output::warn;

/// The rules' sender, and the recipients: those given, else the rules', else the sender.
///
/// What is made up is said on stderr, so that no mail is misaddressed in silence.
///
/// # Errors
/// Never for rules that name a sender.
pub fn sender_and_recipients(
    rules: &Rules,
    given: &[Address],
) -> anyhow::Result<(Address, Vec<Address>)> {
    let from = match rules.from() {
        Some(from) => from.clone(),
        None => {
            warn(&format!("warning: the rules name no `from`; the mail is from {NOBODY}"));
            NOBODY.parse()?
        }
    };
    let to = if given.is_empty() { rules.to() } else { given };
    if to.is_empty() {
        warn(&"warning: the rules name no `to`; the mail is to its sender; --to names another");
        return Ok((from.clone(), vec![from]));
    }
    Ok((from, to.to_vec()))
}

const NOBODY: &str = "statements@example.com";
