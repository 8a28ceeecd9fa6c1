//! The charters on which somebody may sail while another is under way.

use std::ops::RangeInclusive;

use futures_util::TryStreamExt;
use jiff::civil::Date;

use crate::charter::Charter;
use crate::error::Error;
use crate::repository::CharterRepository;

/// The charters of a day, of the day before and of the day after, by date, then by id: those that run
/// over midnight keep their crew on two.
///
/// # Errors
/// [`Error::CorruptItem`] for the first row that cannot be read, since nobody knows who sails on it
/// (one of which that is true of [`Charter::assignments`] alone is refused by
/// [`CharterEvent::of`](crate::CharterEvent::of)); [`Error::Unavailable`] is worth a retry.
pub async fn charters_around(
    charters: &dyn CharterRepository,
    day: Date,
) -> Result<Vec<Charter>, Error> {
    charters.days(days_around(day)).try_collect().await
}

/// The days on which a charter may be under way that sails on this one, or one that meets it.
pub(crate) fn days_around(day: Date) -> RangeInclusive<Date> {
    day.yesterday().unwrap_or(day)..=day.tomorrow().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::charter::CharterId;
    use crate::money::Currency;
    use crate::repository::memory::MemoryCharters;

    #[tokio::test]
    async fn the_days_before_and_after_are_read_over_the_end_of_a_month_too() {
        let charters = MemoryCharters::new();
        let charter = |day: Date| {
            let id = CharterId::new(&format!("C-{day}")).unwrap();
            Charter::builder(id, day, Currency::USD).build().unwrap()
        };
        let days = [(4, 29), (4, 30), (5, 1), (5, 2), (5, 3), (5, 31), (6, 1)];
        let all = days.map(|(month, day)| charter(date(2026, month, day)));
        charters.save(&all).await.unwrap();
        for (day, expected) in [
            (date(2026, 5, 1), ["04-30", "05-01", "05-02"].as_slice()),
            (date(2026, 5, 2), &["05-01", "05-02", "05-03"]),
            (date(2026, 5, 31), &["05-31", "06-01"]),
            (date(2027, 5, 31), &[]),
        ] {
            let around = charters_around(&charters, day).await.unwrap();
            let days: Vec<_> =
                around.iter().map(|found| found.date().strftime("%m-%d").to_string()).collect();
            assert_eq!(days, expected, "{day}");
        }
    }
}
