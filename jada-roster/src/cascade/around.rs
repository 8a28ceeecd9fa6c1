//! The charters on which somebody may sail while another is under way.

use futures_util::TryStreamExt;
use jiff::civil::Date;

use crate::charter::Charter;
use crate::error::Error;
use crate::filter::Filter;
use crate::month::Month;
use crate::repository::CharterRepository;

/// The charters of a day, of the day before and of the day after, by date, then by id: those that run
/// over midnight keep their crew on two.
///
/// Reads the month, or both if the day is at the end of one.
///
/// # Errors
/// [`Error::CorruptItem`] for the first row that cannot be read, since nobody knows who sails on it;
/// [`Error::Unavailable`] is worth a retry.
pub async fn charters_around(
    charters: &dyn CharterRepository,
    day: Date,
) -> Result<Vec<Charter>, Error> {
    let days = [day.yesterday().unwrap_or(day), day, day.tomorrow().unwrap_or(day)];
    let mut months: Vec<Month> = days.iter().filter_map(|day| Month::of(*day).ok()).collect();
    months.dedup();
    let mut around = Vec::new();
    for month in months {
        let mut found = charters.month(month, &Filter::everything());
        while let Some(charter) = found.try_next().await? {
            if days.contains(&charter.date()) {
                around.push(charter);
            }
        }
    }
    Ok(around)
}
