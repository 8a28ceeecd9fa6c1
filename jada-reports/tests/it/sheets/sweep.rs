//! Random runs: people, faults and changes at once, and in the end one state of the tab.

use fastrand::Rng;
use jada_loopback_issuer::{
    PersonAct, SheetCell, SheetTab, SheetValue, Sheets, SheetsFault, SheetsMethod,
};
use jada_reports::{Cell, SheetRow, SheetSync};

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

fn start(seed: u64, rng: &mut Rng, rate: f64, people: &[PersonAct]) -> Sheets {
    let mix = SheetsFault::MIX.iter().copied();
    // At times without a row to spare.
    let grid = (rng.usize(1..=25), 8);
    let sheets = book().seed(seed).tab_of(TAB, grid, office(rng));
    // What is typed between reading and writing, and overwritten at once, nobody has seen.
    let moves =
        people.iter().copied().filter(|act| !matches!(act, PersonAct::Remark | PersonAct::Edit));
    let sheets = sheets.spares("id").people(SheetsMethod::BatchUpdate, rate, moves);
    let sheets = sheets.people(SheetsMethod::Get, rate, people.iter().copied());
    sheets.faults(rng.f64() * 0.4).mix(mix).start().unwrap()
}

/// Syncs while everything goes wrong, as often as it takes.
async fn insist(sync: &SheetSync, sheets: &Sheets, rows: &[Booking], seed: u64) {
    for _ in 0..3 {
        match sync.sync(rows).await {
            Ok(_) => return,
            Err(error) if is_of_the_world(&error) => {}
            Err(error) => {
                panic!("seed {seed}: {error:?}\n{}\n{:#?}", sheets.log(), shown(sheets))
            }
        }
    }
}

/// Not a verdict on the tab or the input.
fn is_of_the_world(error: &jada_reports::Error) -> bool {
    use jada_reports::Error;
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

async fn run(seed: u64, people_act: f64, people: &[PersonAct]) {
    let mut rng = Rng::with_seed(seed);
    let sheets = start(seed, &mut rng, people_act, people);
    let sync = builder(&sheets).build();
    let mut rows: Vec<_> =
        (0..rng.usize(0..15)).map(|row| booking(&format!("C-{row}"), "Ann", "pending")).collect();
    let mut ever: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    for number in 0..rng.usize(1..5) {
        insist(&sync, &sheets, &rows, seed).await;
        next(&mut rng, &mut rows, number);
        ever.extend(rows.iter().map(|row| row.id.clone()));
    }
    sheets.heal();
    sync.sync(&rows).await.unwrap();
    let context = format!("seed {seed}\n{}\n{:#?}", sheets.log(), shown(&sheets));
    assert_is_right(&tab(&sheets), &rows, &ever, &context);
    let again = sync.sync(&rows).await.unwrap();
    assert_eq!((again.requests, again.cells), (1, 0), "{context}");
}

#[tokio::test]
async fn whatever_befalls_rows_and_requests_the_tab_is_right_in_the_end() {
    for seed in 0..sweep(100, 500) {
        run(seed, 0.6, PersonAct::ROWS).await;
    }
}

/// Now and then: of a tab whose columns are moved in every round, nobody can tell what was whose.
#[tokio::test]
async fn whatever_befalls_columns_as_well_the_tab_is_right_in_the_end() {
    let acts = PersonAct::ALL.iter().copied().filter(|act| *act != PersonAct::Remark);
    let acts: Vec<_> = acts.collect();
    for seed in 10_000..10_000 + sweep(30, 200) {
        run(seed, 0.15, &acts).await;
    }
}
