//! Random runs: people, faults and changes at once, and in the end one state of the tab.

use std::collections::BTreeMap;

use fastrand::Rng;
use jada_loopback_issuer::{
    PersonAct, SheetCell, SheetTab, SheetValue, Sheets, SheetsFault, SheetsMethod,
};
use jada_reports::{Cell, Error, SheetRow, SheetSync, SyncReport};

use super::{Booking, TAB, book, booking, builder, shown, sweep, tab};

/// What a person typed before anything was synced.
fn office(rng: &mut Rng) -> Vec<Vec<SheetValue>> {
    let mut header = vec!["id", "guest", "state", "paid", "remarks"];
    rng.shuffle(&mut header);
    let mut rows = vec![header.iter().map(|name| SheetValue::from(*name)).collect::<Vec<_>>()];
    for row in 0..rng.usize(0..20) {
        let cell = |name: &&str| match *name {
            "id" => format!("C-{row}").as_str().into(),
            "guest" => format!("Guest {row}").as_str().into(),
            "state" => "pending".into(),
            "paid" => SheetValue::Number(f64::from(u32::try_from(row).unwrap())),
            _ => format!("=ROW()+{row}").as_str().into(),
        };
        rows.push(header.iter().map(cell).collect());
    }
    rows
}

/// The input as it changes from sync to sync.
fn next(rng: &mut Rng, rows: &mut Vec<Booking>, number: usize) {
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(..=rows.len());
        match rows.get_mut(at) {
            Some(_) if rng.u8(..) < 40 => drop(rows.remove(at)),
            Some(row) if rng.bool() => row.state = format!("state {}", rng.u32(..)).as_str().into(),
            Some(row) if rng.bool() => row.state = Cell::Empty,
            Some(row) => row.guest = format!("=1+{}", rng.u32(..)).as_str().into(),
            None => rows.push(booking(&format!("N-{number}-{}", rng.u32(..)), "Nora", "+1")),
        }
    }
}

/// What goes on at the tab meanwhile.
struct World {
    /// What people do, and how often: between our reading and our writing, and before we read.
    acts: Vec<PersonAct>,
    between: f64,
    before: f64,
    /// At most this share of the requests fails.
    faults: f64,
    /// Columns into which nobody types.
    spared: &'static [&'static str],
}

impl World {
    fn of(acts: impl IntoIterator<Item = PersonAct>) -> Self {
        let acts = acts.into_iter().collect();
        Self { acts, between: 0.6, before: 0.6, faults: 0.4, spared: &["id"] }
    }

    fn start(&self, seed: u64, rng: &mut Rng) -> Sheets {
        let mix = SheetsFault::MIX.iter().copied();
        // At times without a row to spare.
        let grid = (rng.usize(1..=25), 8);
        let mut sheets = book().seed(seed).tab_of(TAB, grid, office(rng));
        for column in self.spared {
            sheets = sheets.spares(column);
        }
        for column in ["id", "guest", "state"] {
            sheets = sheets.keeps(column);
        }
        // What is typed between reading and writing, and overwritten at once, nobody has seen.
        let is_typed = |act: &PersonAct| matches!(act, PersonAct::Remark | PersonAct::Edit);
        let moves = self.acts.iter().copied().filter(|act| !is_typed(act));
        let sheets = sheets.people(SheetsMethod::BatchUpdate, self.between, moves);
        let sheets = sheets.people(SheetsMethod::Get, self.before, self.acts.iter().copied());
        sheets.faults(rng.f64() * self.faults).mix(mix).start().unwrap()
    }
}

/// Syncs while everything goes wrong, as often as it takes.
async fn insist(
    sheets: &Sheets,
    seed: u64,
    sync: impl AsyncFn() -> Result<SyncReport, Error>,
) -> Option<SyncReport> {
    for _ in 0..3 {
        match sync().await {
            Ok(report) => return Some(report),
            Err(error) if is_of_the_world(&error) => {}
            Err(error) => {
                panic!("seed {seed}: {error:?}\n{}\n{:#?}", sheets.log(), shown(sheets))
            }
        }
    }
    None
}

/// Not a verdict on the tab or the input.
fn is_of_the_world(error: &Error) -> bool {
    matches!(error, Error::Google { .. } | Error::TabContended { .. })
}

/// What rows show that are not blank, sorted.
fn texts(rows: &[&Vec<SheetCell>], of: fn(&SheetCell) -> &SheetValue) -> Vec<String> {
    let text = |row: &&Vec<SheetCell>| format!("{:?}", row.iter().map(of).collect::<Vec<_>>());
    let is_used = |row: &&&Vec<SheetCell>| row.iter().any(|cell| !of(cell).is_blank());
    let mut texts: Vec<_> = rows.iter().filter(is_used).map(text).collect();
    texts.sort();
    texts
}

fn assert_is_right(tab: &SheetTab, rows: &[Booking], ever: &[String], context: &str) {
    let place = |name: &str| tab.column(name).unwrap();
    let [id, guest, state] = ["id", "guest", "state"].map(place);
    let (known, others): (Vec<_>, Vec<_>) =
        tab.rows()[1..].iter().partition(|row| ever.contains(&row[id].value.text()));
    for row in known {
        // A row that was hit may have changed its place with a blank one.
        let key = &row[id].value;
        let origin = tab.rows()[1..].iter().find(|origin| origin[id].by_person == *key);
        let origin = origin.unwrap_or(row);
        let columns = 0..tab.column_count();
        for column in columns.filter(|column| ![id, guest, state].contains(column)) {
            let cell = &row[column];
            let is_typed = cell.value == cell.by_person && !cell.value.is_blank();
            let is_right = is_typed || cell.value == origin[column].by_person;
            assert!(is_right, "{key:?} {cell:?}\n{context}");
        }
    }
    // One of them that was hit may have changed its place with a blank one.
    let is = texts(&others, |cell| &cell.value);
    let ought = texts(&others, |cell| &cell.by_person);
    assert_eq!(is, ought, "rows without a key of ours\n{context}");
    for row in rows {
        let at = tab.find(id, row.key());
        let at = at.unwrap_or_else(|| panic!("`{}` is missing\n{context}", row.key()));
        for (column, cell) in [(guest, &row.guest), (state, &row.state)] {
            let expected = match cell {
                Cell::Text(text) => SheetValue::Text(text.clone()),
                _ => SheetValue::Blank,
            };
            assert_eq!(tab.cell(at, column).value, expected, "`{}`\n{context}", row.key());
        }
    }
    let keys = tab.rows().iter().map(|row| row[id].value.text()).filter(|key| !key.is_empty());
    let mut keys: Vec<_> = keys.collect();
    keys.sort();
    let count = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), count, "a key stands twice\n{context}");
}

/// Syncs all rows again and again.
async fn run(seed: u64, world: &World) {
    let mut rng = Rng::with_seed(seed);
    let sheets = world.start(seed, &mut rng);
    let sync = builder(&sheets).build();
    let mut rows: Vec<_> =
        (0..rng.usize(0..15)).map(|row| booking(&format!("C-{row}"), "Ann", "pending")).collect();
    let mut ever: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    for number in 0..rng.usize(1..5) {
        insist(&sheets, seed, async || sync.sync(&rows).await).await;
        next(&mut rng, &mut rows, number);
        ever.extend(rows.iter().map(|row| row.id.clone()));
    }
    sheets.heal();
    insist(&sheets, seed, async || sync.sync(&rows).await).await;
    let again = insist(&sheets, seed, async || sync.sync(&rows).await).await;
    let context = format!("seed {seed}\n{}\n{:#?}", sheets.log(), shown(&sheets));
    assert_is_right(&tab(&sheets), &rows, &ever, &context);
    assert_eq!(again.map(|report| (report.requests, report.cells)), Some((1, 0)), "{context}");
}

/// Brings changes across, of which the latest of each row waits until it has arrived.
async fn run_changes(seed: u64, world: &World) {
    let mut rng = Rng::with_seed(seed);
    let sheets = world.start(seed, &mut rng);
    let sync = builder(&sheets).build();
    let mut rows: Vec<Booking> = Vec::new();
    let (mut ever, mut waiting) = (Vec::new(), BTreeMap::new());
    for number in 0..rng.usize(2..7) {
        let before = rows.clone();
        let one = booking(&format!("C-{}", rng.u32(0..20)), "Ann", "pending");
        if rows.iter().all(|row| row.id != one.id) {
            rows.push(one);
        }
        next(&mut rng, &mut rows, number);
        waiting.extend(changes(&before, &rows));
        ever.extend(waiting.keys().cloned());
        if insist(&sheets, seed, async || apply(&sync, &waiting).await).await.is_some() {
            waiting.clear();
        }
    }
    sheets.heal();
    insist(&sheets, seed, async || apply(&sync, &waiting).await).await;
    let again = insist(&sheets, seed, async || apply(&sync, &waiting).await).await;
    let context = format!("seed {seed}\n{}\n{:#?}", sheets.log(), shown(&sheets));
    let tab = tab(&sheets);
    assert_is_right(&tab, &rows, &ever, &context);
    assert_eq!(again.map(|report| (report.requests, report.cells)), Some((1, 0)), "{context}");
    let [id, guest, state] = ["id", "guest", "state"].map(|name| tab.column(name).unwrap());
    let gone = ever.iter().filter(|key| rows.iter().all(|row| row.id != **key));
    for row in gone.filter_map(|key| Some(&tab.rows()[tab.find(id, key)?])) {
        let others = (0..row.len()).filter(|column| ![id, guest, state].contains(column));
        let is_others = others.clone().any(|column| !row[column].value.is_blank());
        assert!(is_others, "{:?} is gone and in the tab\n{context}", row[id].value);
    }
}

/// What became of each row that is another; none of one that is gone.
fn changes(before: &[Booking], after: &[Booking]) -> Vec<(String, Option<Booking>)> {
    let is_gone = |row: &&Booking| after.iter().all(|it| it.id != row.id);
    let gone = before.iter().filter(is_gone).map(|row| (row.id.clone(), None));
    let other = after.iter().filter(|row| !before.contains(row));
    gone.chain(other.map(|row| (row.id.clone(), Some(row.clone())))).collect()
}

async fn apply(
    sync: &SheetSync,
    waiting: &BTreeMap<String, Option<Booking>>,
) -> Result<SyncReport, Error> {
    let rows: Vec<_> = waiting.values().flatten().collect();
    let gone = waiting.iter().filter(|(_, row)| row.is_none());
    sync.apply(&rows, &gone.map(|(key, _)| key).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn whatever_befalls_rows_and_requests_the_tab_is_right_in_the_end() {
    let world = World::of(PersonAct::ROWS.iter().copied());
    for seed in 0..sweep(100, 500) {
        run(seed, &world).await;
    }
}

/// Nobody deletes a row or types into one of ours, which none but a full sync would mend.
#[tokio::test]
async fn whatever_befalls_rows_and_requests_changes_arrive_and_nothing_else_does() {
    let acts = PersonAct::ROWS.iter().copied().filter(|act| *act != PersonAct::DeleteRow);
    let world = World { spared: &["id", "guest", "state"], ..World::of(acts) };
    for seed in 20_000..20_000 + sweep(60, 500) {
        run_changes(seed, &world).await;
    }
}

/// In most rounds: the answer to each write shows where the columns were by then.
#[tokio::test]
async fn columns_that_are_moved_in_most_rounds_leave_the_tab_right_in_the_end() {
    let world = World { before: 0.0, faults: 0.0, ..World::of(columns_above_all()) };
    for seed in 30_000..30_000 + sweep(40, 500) {
        run(seed, &world).await;
    }
}

/// Now and then: where columns are moved in every other round, and so are rows before each read, and
/// two of five answers are lost, some one of 800 tabs ends with a row that nobody can tell.
#[tokio::test]
async fn whatever_befalls_columns_as_well_the_tab_is_right_in_the_end() {
    let world = World { between: 0.15, before: 0.15, ..World::of(columns_above_all()) };
    for seed in 10_000..10_000 + sweep(40, 400) {
        run(seed, &world).await;
    }
}

fn columns_above_all() -> impl Iterator<Item = PersonAct> {
    let columns = PersonAct::COLUMNS.iter().cycle().take(7);
    columns.chain(PersonAct::MOVES).chain(&[PersonAct::Edit]).copied()
}
