//! Reading crew from a file, so that every row that cannot be read is named at once.

use std::collections::BTreeMap;

use crate::crew::contact::{EmailAddress, PersonName, PhoneNumber};
use crate::crew::id::CrewId;
use crate::crew::role::{CascadeLevel, Role};
use crate::error::{Error, UniqueField, shorten};
use crate::import::bad_row::{BadRow, Fault};
use crate::import::crew::CrewRow;
use crate::import::place::Lines;
use crate::import::row::{Faults, Row};
use crate::import::table::{Table, text_of, unreadable};

/// What a file of crew says, and what of it cannot be read.
///
/// The file is comma-separated text with a header line. Its columns are `name`, `phone`, `email`,
/// `role`, `cascade_level` and, where members have ids already, `crew_id`, in any order; others are
/// [named](Self::not_imported) and passed over. Rows of one file that share an id, an e-mail address
/// or a phone number cannot be read, all of them: which one is meant would be a guess.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jada_roster::Error> {
/// use jada_roster::{CrewReading, MemoryRoster, OnConflict, import_crew};
///
/// let csv = "name,phone,email,role,cascade_level\n\
///            Ann Rivers,+1 555 010 0101,ann@example.com,captain,1\n";
/// let rows = CrewReading::of("crew.csv", csv.as_bytes())?.complete()?;
/// let imported = import_crew(&MemoryRoster::new(), rows, OnConflict::Refuse).await?;
/// assert_eq!((imported.added.len(), imported.refused.len()), (1, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CrewReading {
    rows: Vec<CrewRow>,
    bad_rows: Vec<BadRow>,
    not_imported: Vec<String>,
}

impl CrewReading {
    /// Reads a whole file; `file` is its name for messages.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] when rows cannot be told apart at all: bytes that are not UTF-8, a
    /// missing column, a quote that is never closed. Such a file has no good rows. A byte-order
    /// mark is passed over.
    pub fn of(file: &str, bytes: &[u8]) -> Result<Self, Error> {
        let lines = Lines::of(text_of(file, bytes)?);
        Self::read(file, &lines).map_err(|fault| unreadable(file, fault))
    }

    /// The rows that cannot be read, in the order of the file.
    #[must_use]
    pub fn bad_rows(&self) -> &[BadRow] {
        &self.bad_rows
    }

    /// The columns that are not imported, in the order of the file; one without a name is
    /// `column 7`.
    #[must_use]
    pub fn not_imported(&self) -> &[String] {
        &self.not_imported
    }

    /// The rows, in the order of the file.
    ///
    /// # Errors
    /// [`Error::BadRows`] with every row that cannot be read.
    pub fn complete(self) -> Result<Vec<CrewRow>, Error> {
        if self.bad_rows.is_empty() {
            Ok(self.rows)
        } else {
            Err(Error::BadRows { rows: self.bad_rows })
        }
    }

    /// The rows that can be read, beside those that cannot.
    #[must_use]
    pub fn skipping_bad_rows(self) -> (Vec<CrewRow>, Vec<BadRow>) {
        (self.rows, self.bad_rows)
    }

    fn read(file: &str, lines: &Lines<'_>) -> Result<Self, Fault> {
        let table = Table::of(file, lines, &NEEDED)?;
        let others = table.header().iter().filter(|name| !is_ours(name));
        let not_imported = others.map(|name| shorten(name)).collect();
        let mut told = Vec::new();
        for row in table {
            told.push(row?.map(|row| Told::by(row, lines)));
        }
        name_those_told_twice(&mut told);
        let mut reading = Self { rows: Vec::new(), bad_rows: Vec::new(), not_imported };
        for told in told {
            match told.and_then(|told| told.row(file)) {
                Ok(row) => reading.rows.push(row),
                Err(bad) => reading.bad_rows.push(bad),
            }
        }
        Ok(reading)
    }
}

/// What could be read of a row.
struct Told<'a> {
    row: Row<'a>,
    line: usize,
    faults: Faults<'a>,
    id: Option<CrewId>,
    name: Option<PersonName>,
    phone: Option<PhoneNumber>,
    email: Option<EmailAddress>,
    role: Option<Role>,
    cascade_level: Option<CascadeLevel>,
}

impl<'a> Told<'a> {
    fn by(row: Row<'a>, lines: &'a Lines<'a>) -> Self {
        let mut faults = Faults::none(lines);
        let names_id = !row.field("crew_id").1.trim().is_empty();
        Self {
            id: names_id.then(|| row.parsed("crew_id", CrewId::new, &mut faults)).flatten(),
            name: row.parsed("name", PersonName::new, &mut faults),
            phone: row.parsed("phone", str::parse, &mut faults),
            email: row.parsed("email", str::parse, &mut faults),
            role: row.parsed("role", str::parse, &mut faults),
            cascade_level: row.parsed("cascade_level", str::parse, &mut faults),
            line: lines.line(row.at),
            faults,
            row,
        }
    }

    /// What no other row may say, by the column in which it stands.
    fn unique(&self) -> impl Iterator<Item = (UniqueField, &'static str, &str)> {
        let id = self.id.as_ref().map(|id| (UniqueField::Id, "crew_id", id.as_str()));
        let email = self.email.as_ref().map(|it| (UniqueField::Email, "email", it.as_str()));
        let phone = self.phone.as_ref().map(|it| (UniqueField::Phone, "phone", it.as_str()));
        [id, email, phone].into_iter().flatten()
    }

    /// The row, or all that is wrong.
    fn row(self, file: &str) -> Result<CrewRow, BadRow> {
        let place = format!("{file}:{}", self.line);
        let row = (self.name.zip(self.phone)).zip(self.email.zip(self.role));
        match row.zip(self.cascade_level) {
            Some((((name, phone), (email, role)), level)) if self.faults.is_empty() => {
                let row = CrewRow::new(name, phone, email, role).with_cascade_level(level);
                Ok(self.id.into_iter().fold(row, CrewRow::with_id).at(place))
            }
            _ => Err(self.row.bad(file, "crew_id", self.faults)),
        }
    }
}

/// Finds rows that share what is one member's alone, and says so in each of them.
fn name_those_told_twice(told: &mut [Result<Told<'_>, BadRow>]) {
    let mut lines: BTreeMap<(&'static str, String), Vec<usize>> = BTreeMap::new();
    for told in told.iter().flatten() {
        for (_, column, text) in told.unique() {
            lines.entry((column, text.to_owned())).or_default().push(told.line);
        }
    }
    for told in told.iter_mut().flatten() {
        let shared: Vec<_> = told
            .unique()
            .filter_map(|(field, column, text)| {
                let others = others(&lines[&(column, text.to_owned())], told.line)?;
                let what = format!("{field} `{}` stands in {others} too", shorten(text));
                Some((told.row.field(column).0, what))
            })
            .collect();
        shared.iter().for_each(|(at, what)| told.faults.push(*at, what));
    }
}

/// The other lines, if there are any: `line 3`, `lines 3 and 9`, `lines 3, 9, 12 and others`.
fn others(lines: &[usize], own: usize) -> Option<String> {
    let others = lines.iter().filter(|line| **line != own).map(ToString::to_string);
    let mut others: Vec<String> = others.take(SHOWN_LINES + 1).collect();
    others.iter_mut().skip(SHOWN_LINES).for_each(|last| "others".clone_into(last));
    let (last, before) = others.split_last()?;
    Some(match before {
        [] => format!("line {last}"),
        before => format!("lines {} and {last}", before.join(", ")),
    })
}

fn is_ours(column: &str) -> bool {
    NEEDED.contains(&column) || column == "crew_id"
}

/// The columns that a file of crew must have, in any order.
const NEEDED: [&str; 5] = ["name", "phone", "email", "role", "cascade_level"];
const SHOWN_LINES: usize = 3;
