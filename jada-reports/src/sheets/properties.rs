//! What holds of any tab and any input: comparing, and writing what differs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::cell::Cell;
use super::columns::{Column, Columns};
use super::entered::Entered;
use super::grid::Grid;
use super::layout::Layout;
use super::plan::Plan;
use super::row::SheetRow;
use super::wanted::{Others, Wanted};

#[derive(Clone, Debug)]
struct Row(String, [Cell; 2]);

impl SheetRow for Row {
    fn key(&self) -> &str {
        &self.0
    }

    fn cell(&self, column: &Column) -> Cell {
        self.1[usize::from(column.name() == "state")].clone()
    }
}

fn columns() -> Columns {
    Columns::new("id", ["id", "guest", "state"].map(Column::text)).unwrap()
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Empty),
        "[=+@'-]?[a-b]{0,2}".prop_map(Cell::Text),
        (-3_i64..3).prop_map(|number| Cell::Number(number.into())),
        any::<bool>().prop_map(Cell::Bool),
    ]
}

fn entered() -> impl Strategy<Value = Entered> {
    prop_oneof![
        4 => cell().prop_map(|cell| Entered::wanted(cell).unwrap()),
        1 => Just(Entered::Formula("=A1".to_owned())),
    ]
}

/// A few keys, so that many are in both; blank ones too.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![1 => Just(String::new()), 5 => (0_u8..12).prop_map(|key| format!("K{key}"))]
}

fn input() -> impl Strategy<Value = Vec<Row>> {
    let rows = prop::collection::btree_map(
        (0_u8..12).prop_map(|key| format!("K{key}")),
        [cell(), cell()],
        0..10,
    );
    rows.prop_map(|rows| rows.into_iter().map(|(key, cells)| Row(key, cells)).collect())
}

/// With two columns of others, in any order, and rows in any order, each key once.
fn grid() -> impl Strategy<Value = Grid> {
    let header = Just(["id", "guest", "state", "paid", "remarks"].to_vec()).prop_shuffle();
    let cells = prop::collection::vec(entered(), 4);
    let rows = prop::collection::vec((key(), cells), 0..14);
    (header, rows).prop_map(|(header, rows)| {
        let mut seen = BTreeMap::new();
        let mut grid = Grid { row_count: 30, ..Grid::default() };
        grid.rows.push(header.iter().map(|name| Entered::Text((*name).to_owned())).collect());
        for (key, cells) in rows {
            let key = if seen.insert(key.clone(), ()).is_some() { String::new() } else { key };
            let mut cells = cells.into_iter();
            let cell = |name: &&str| match *name {
                "id" if key.is_empty() => Entered::Blank,
                "id" => Entered::Text(key.clone()),
                _ => cells.next().unwrap_or_default(),
            };
            grid.rows.push(header.iter().map(cell).collect());
        }
        grid
    })
}

fn plan(grid: &Grid, wanted: &Wanted) -> (Layout, Plan) {
    let layout = Layout::of(grid, &columns()).unwrap();
    let plan = Plan::of(grid, &layout, wanted, &columns());
    (layout, plan)
}

fn cases() -> ProptestConfig {
    let sweep = std::env::var("JADA_SWEEP").is_ok_and(|sweep| sweep == "full");
    ProptestConfig::with_cases(if sweep { 20_000 } else { 300 })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_is_written_makes_the_tab_right_and_nothing_else(grid in grid(), rows in input()) {
        let wanted = Wanted::of(&rows, &columns(), Others::Left).unwrap();
        let (layout, plan) = plan(&grid, &wanted);
        let after = plan.applied(&grid);
        // Blank rows at the end make room for what is inserted.
        for (row, cells) in grid.rows.iter().take(grid.used_rows()).enumerate() {
            let key = cells[layout.key].name().unwrap();
            for (column, cell) in cells.iter().enumerate() {
                let is_ours = layout.at.contains(&column) && wanted.find(&key).is_some();
                prop_assert!(is_ours || cell.is_same(after.cell(row, column)));
            }
        }
        let there = Layout::of(&after, &columns()).unwrap();
        for (key, cells) in wanted.keys.iter().zip(&wanted.rows) {
            let row = there.by_key[key];
            for (column, cell) in there.at.iter().zip(cells) {
                prop_assert!(cell.is_same(after.cell(row, *column)));
            }
        }
        let again = Plan::of(&after, &there, &wanted, &columns());
        prop_assert!(again.is_empty());
    }

    #[test]
    fn every_cell_that_is_written_differs(grid in grid(), rows in input()) {
        let wanted = Wanted::of(&rows, &columns(), Others::Removed).unwrap();
        let (_, plan) = plan(&grid, &wanted);
        for ((row, column), cell) in &plan.cells {
            prop_assert!(!cell.is_same(grid.cell(*row, *column)));
        }
    }

    #[test]
    fn what_is_removed_was_ours_alone_and_is_gone(grid in grid(), rows in input()) {
        let wanted = Wanted::of(&rows, &columns(), Others::Removed).unwrap();
        let (layout, plan) = plan(&grid, &wanted);
        let after = plan.applied(&grid);
        for (key, row) in &plan.removed {
            prop_assert!(wanted.find(key).is_none());
            for (column, cell) in grid.rows[*row].iter().enumerate() {
                prop_assert!(after.cell(*row, column).is_blank());
                prop_assert!(cell.is_blank() || layout.at.contains(&column));
            }
        }
        let gone = plan.vanished.len() + plan.removed.len();
        let known = layout.keyed.iter().filter(|(key, _)| wanted.find(key).is_some()).count();
        prop_assert_eq!(gone + known, layout.keyed.len());
    }
}
