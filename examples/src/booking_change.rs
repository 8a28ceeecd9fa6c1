//! What became of a booking, as it is told and as it waits.

use anyhow::{Context, bail};
use jada_reports::{Change, Failure};
use jada_roster::{Charter, Format, OnConflict, Reading};
use serde::{Deserialize, Serialize};
use serde_json::{Deserializer, Value};

/// What became of a booking.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BookingChange {
    /// It is by now what this object says, which is one of a JSON file of charters. That need not be
    /// readable: who tells it must not be kept waiting, and who drains says what is wrong.
    Booked(Value),
    /// It was deleted.
    Deleted,
}

impl BookingChange {
    /// Bookings that are told as JSON, one object after the other or an array of them; with each its
    /// `charter_id`.
    ///
    /// # Errors
    /// What is no JSON, or has no `charter_id` by which it could wait.
    pub fn of_json(json: &str) -> anyhow::Result<Vec<(String, Self)>> {
        let mut told = Vec::new();
        for value in Deserializer::from_str(json).into_iter() {
            match value.context("the bookings cannot be read as JSON")? {
                Value::Array(bookings) => told.extend(bookings),
                booking => told.push(booking),
            }
        }
        let told = told.into_iter().enumerate();
        told.map(|(number, booking)| match booking["charter_id"].as_str().map(str::trim) {
            Some(id) if !id.is_empty() => Ok((id.to_owned(), Self::Booked(booking))),
            _ => bail!("booking {} has no `charter_id`, which is text", number + 1),
        })
        .collect()
    }
}

/// The bookings that are to be in a tab, and the ids of those that are not.
///
/// # Errors
/// What is wrong with the first that cannot be read: by that it goes to the dead.
pub(crate) fn sorted(changes: &[Change]) -> Result<(Vec<Charter>, Vec<String>), Failure> {
    let (mut booked, mut deleted) = (Vec::new(), Vec::new());
    for change in changes {
        match change.parse()? {
            BookingChange::Booked(booking) => booked.push(charter(&change.key, &booking)?),
            BookingChange::Deleted => deleted.push(change.key.clone()),
        }
    }
    Ok((booked, deleted))
}

fn charter(key: &str, booking: &Value) -> Result<Charter, Failure> {
    let read = Reading::of("booking", booking.to_string().as_bytes(), Format::Json)
        .and_then(|reading| reading.complete(OnConflict::Refuse));
    match &mut read.map_err(|error| Failure::rejected(Failure::of(&error).why))?[..] {
        [charter] if charter.id().as_str() == key => Ok(charter.clone()),
        [charter] => {
            let (id, why) = (charter.id(), "it is a booking of another id");
            Err(Failure::rejected(format!("{why}: its `charter_id` is `{id}`")))
        }
        found => {
            let count = found.len();
            Err(Failure::rejected(format!(
                "it is to be one booking as a JSON object, and is {count}"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use jada_reports::{ChangeQueue, HealedBy};
    use serde_json::json;

    use super::*;

    #[test]
    fn bookings_are_told_in_any_form_of_json_and_one_without_an_id_is_refused() {
        let booking = |id: &str| json!({ "charter_id": id, "guest": "Ann" });
        for json in [
            "[{\"charter_id\":\"C-1\",\"guest\":\"Ann\"},{\"charter_id\":\" C-2\",\"guest\":\"Ann\"}]",
            "{\"charter_id\":\"C-1\",\"guest\":\"Ann\"}\n{\"charter_id\":\" C-2\",\n \"guest\":\"Ann\"}\n",
        ] {
            let expected = [("C-1", "C-1"), ("C-2", " C-2")]
                .map(|(key, id)| (key.to_owned(), BookingChange::Booked(booking(id))));
            assert_eq!(BookingChange::of_json(json).unwrap(), expected);
        }
        assert_eq!(BookingChange::of_json("").unwrap(), []);
        for (json, place) in [
            ("[{\"charter_id\":\"C-1\"},{\"guest\":\"Ann\"}]", "booking 2 has no `charter_id`"),
            ("{\"charter_id\":\" \"}", "booking 1 "),
            ("{\"charter_id\":7,\"guest\":\"Ann Rivers\"}", "booking 1 "),
            ("7", "booking 1 "),
            ("{\"charter_id\":\"C-1\"} {", "cannot be read as JSON"),
        ] {
            let error = BookingChange::of_json(json).unwrap_err().to_string();
            assert!(error.contains(place) && !error.contains("Ann Rivers"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_change_that_is_no_booking_is_rejected_for_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let queue = ChangeQueue::open(folder.path().join("queue")).unwrap();
        let booked = |id: &str, date: &str| {
            let booking = json!({
                "charter_id": id, "date": date, "guest": "Ann Rivers", "currency": "USD",
                "status": "pending", "kind": "charter",
            });
            serde_json::to_value(BookingChange::Booked(booking)).unwrap()
        };
        for (change, why) in [
            (booked("C-1", "May 3rd"), "`May 3rd`"),
            (booked("C-2", "2026-05-03"), "its `charter_id` is `C-2`"),
            (json!({ "booked": [] }), "one booking as a JSON object, and is 0"),
            (json!({ "moved": 1 }), "cannot be read"),
        ] {
            queue.push("C-1", &change).unwrap();
            let drained = queue.drain(async |change| sorted(&[change]).map(drop)).await.unwrap();
            assert_eq!(drained.dead, ["C-1"]);
            let failure = queue.status().unwrap().dead.remove(0).failure.unwrap();
            assert_eq!(failure.healed_by, HealedBy::OtherInput);
            assert!(failure.why.contains(why) && !failure.why.contains("Rivers"), "{failure}");
        }
        queue.push("C-1", &booked("C-1", "2026-05-03")).unwrap();
        queue.push("C-2", &BookingChange::Deleted).unwrap();
        let drained = queue.drain_batches(9, async |changes| {
            let (booked, deleted) = sorted(&changes)?;
            assert_eq!((booked[0].id().as_str(), &*deleted[0]), ("C-1", "C-2"));
            Ok::<_, Failure>(())
        });
        assert_eq!(drained.await.unwrap().applied.len(), 2);
    }
}
