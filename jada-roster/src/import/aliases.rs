//! Reading aliases of the crew from a file.

use crate::crew::id::CrewId;
use crate::error::Error;
use crate::import::bad_row::{BadRow, Fault};
use crate::import::place::Lines;
use crate::import::row::{Faults, Row};
use crate::import::table::{Table, text_of, unreadable};
use crate::sync::aliases::Aliases;

impl Aliases {
    /// Reads comma-separated text with a header line, and the columns `alias` and `crew_id`; others
    /// are passed over. `file` is its name for messages.
    ///
    /// ```
    /// # fn main() -> Result<(), jada_roster::Error> {
    /// use jada_roster::Aliases;
    ///
    /// let csv = "alias,crew_id\nCapt. Ada,crew-7QX\nAddie,crew-7QX\n";
    /// let aliases = Aliases::of_csv("aliases.csv", csv.as_bytes())?;
    /// # assert_ne!(aliases, Aliases::default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] when rows cannot be told apart at all. [`Error::BadRows`] with every
    /// row that cannot be read, or gives one alias to another member than a row before it.
    pub fn of_csv(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let lines = Lines::of(text_of(file, bytes)?);
        let read = read(file, &lines).map_err(|fault| unreadable(file, fault))?;
        read.map_err(|rows| Error::BadRows { rows })
    }
}

fn read(file: &str, lines: &Lines<'_>) -> Result<Result<Aliases, Vec<BadRow>>, Fault> {
    let (mut aliases, mut bad_rows) = (Aliases::default(), Vec::new());
    for row in Table::of(file, lines, &[ALIAS, CREW])? {
        if let Err(bad) = row?.and_then(|row| declared(&row, file, lines, &mut aliases)) {
            bad_rows.push(bad);
        }
    }
    Ok(if bad_rows.is_empty() { Ok(aliases) } else { Err(bad_rows) })
}

fn declared(
    row: &Row<'_>,
    file: &str,
    lines: &Lines<'_>,
    aliases: &mut Aliases,
) -> Result<(), BadRow> {
    let mut faults = Faults::none(lines);
    let crew = row.parsed(CREW, CrewId::new, &mut faults);
    let declare = |alias: &str| crew.map_or(Ok(()), |crew| aliases.declare(alias, crew));
    row.parsed(ALIAS, declare, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(row.bad(file, CREW, faults)) }
}

const ALIAS: &str = "alias";
const CREW: &str = "crew_id";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str) -> Result<Aliases, Error> {
        Aliases::of_csv("aliases.csv", csv.as_bytes())
    }

    #[test]
    fn aliases_are_read_in_any_order_of_columns() {
        let aliases = read("note,crew_id,alias\nskipper,c-1,\"Marsh, Ada\"\n,c-2,Bru\u{a0} no\n");
        let [ada, bruno] = ["c-1", "c-2"].map(|id| CrewId::new(id).unwrap());
        let expected = Aliases::default().with("Marsh, Ada", ada).unwrap();
        assert_eq!(aliases.unwrap(), expected.with("Bru no", bruno).unwrap());
    }

    #[test]
    fn every_row_that_cannot_be_read_is_named_at_once() {
        let csv = "alias,crew_id\nAddie,c-1\n,c-2\nBru,\nAddie,c-2\nAddie,c-1\n";
        let Err(Error::BadRows { rows }) = read(csv) else { panic!("there are bad rows") };
        let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[0].starts_with("aliases.csv:3:1: alias `` is not valid"), "{lines:?}");
        assert!(lines[1].starts_with("aliases.csv:4:5: crew_id `` is not valid"), "{lines:?}");
        assert!(lines[2].contains(":5:1: alias `Addie` is not valid"), "{lines:?}");
        assert!(lines[2].contains("it is `c-1`'s already"), "{lines:?}");
        let missing = read("alias,id\n").unwrap_err();
        assert!(missing.to_string().contains("crew_id"), "{missing}");
    }
}
