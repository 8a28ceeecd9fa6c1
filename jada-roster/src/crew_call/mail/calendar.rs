//! The sail of a member as their calendar has it.

use jada_mail::{Address, Error, EventTime, EventUid, Invite, Sequence};
use jiff::civil::Date;

use crate::call::Sailing;
use crate::call::notice::NoticeKind;
use crate::crew_call::mail::words::Words;
use crate::crew_call::mail::{digest, printable};
use crate::crew_call::postman::Letter;

/// What a letter says to a calendar: an invitation, its update or its cancellation, under one name
/// for a charter and a member; none of a letter that does not speak of who sails.
pub(super) fn invite(
    letter: &Letter,
    words: &Words,
    from: &Address,
    member: Address,
) -> Result<Option<Invite>, Error> {
    let notice = &letter.notice;
    let is_of_a_sail =
        [NoticeKind::Aboard, NoticeKind::Changed, NoticeKind::Released].contains(&notice.kind());
    let Some(crew) = notice.to().filter(|_| is_of_a_sail) else {
        return Ok(None);
    };
    let (starts, ends) = times(notice.sailing(), words);
    // A row that lost its call begins another, whose revisions count from one again.
    let call = notice.call.as_deref().unwrap_or_default();
    let sail = format!("sail-{}", digest(&format!("{call}/{}/{crew}", letter.event.id())));
    let uid = EventUid::derived(&sail.parse()?, from);
    let lines = words.facts.iter().map(|(label, value)| format!("{label}: {value}"));
    let invite = Invite::builder(uid, starts, ends)
        .follows(Sequence::new(notice.sequence().saturating_sub(1))?)
        .organizer(from.clone())
        .attendee(member)
        .summary(printable(&words.summary).parse()?)
        .description(lines.map(|line| printable(&line) + "\n").collect::<String>().parse()?);
    // They have said so on the page of the call: an answer to the calendar would be read by nobody.
    let invite = invite.accepted();
    let invite = match printable(&words.harbour).parse() {
        Ok(harbour) => invite.location(harbour),
        Err(_) => invite,
    };
    match notice.kind() {
        NoticeKind::Released => invite.build_cancellation().map(Some),
        _ => invite.build().map(Some),
    }
}

/// The whole day where nobody has said the hours.
fn times(sailing: Sailing, words: &Words) -> (EventTime, EventTime) {
    let Sailing { date, hours } = sailing;
    let next = date.tomorrow().unwrap_or(Date::MAX);
    let Some(hours) = hours else {
        return (date.into(), next.into());
    };
    let last = if hours.ends_next_day() { next } else { date };
    let at = |time: jiff::civil::DateTime| words.zone.to_ambiguous_zoned(time).compatible();
    let starts = at(date.to_datetime(hours.starts()));
    let ends = at(last.to_datetime(hours.ends()));
    match (starts, ends) {
        // Hours that the clocks leave out, once a year, may end before they begin.
        (Ok(starts), Ok(ends)) if starts < ends => (starts.into(), ends.into()),
        _ => (date.into(), next.into()),
    }
}
