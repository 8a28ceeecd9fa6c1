//! Tabs as people keep them, each with what is to be read of it.

use jada_roster::{CellAddress, DayState, Error, MonthTab, TabCell, TabGrid, TabLayout, TabWords};

use super::{may, read, told};

struct Case {
    what: &'static str,
    csv: &'static str,
    golden: &'static str,
}

const CASES: &[Case] = &[
    Case {
        what: "dates across, a key column, words in any case, a blank row and a blank column",
        csv: "crew_id,Name,,2026-05-01,2026-05-02,2026-05-03,,2026-05-04\n\
              c-1,Ann Rivers,,Yes,no,MAYBE,,am\n\
              ,,,,,,,\n\
              c-2,Bo Field ,,,y,N,,Afternoon\n",
        golden: "A2 c-1 `Ann Rivers`: 1y 2n 3? 4m\n\
                 A4 c-2 `Bo Field`: 1- 2y 3n 4a\n\
                 missing 5-31\n",
    },
    Case {
        what: "transposed: dates down, people across, keys below names",
        csv: "Name,Ann Rivers,Bo Field\n\
              crew_id,c-1,c-2\n\
              1 May,yes,no\n\
              2 May,,maybe\n\
              ,,\n\
              3 May,morning,later\n",
        golden: "B1 c-1 `Ann Rivers`: 1y 2- 3m\n\
                 C1 c-2 `Bo Field`: 1n 2? \n",
    },
];

#[test]
fn nasty_tabs_are_read_as_they_are_meant() {
    for Case { what, csv, golden } in CASES {
        let tab = MonthTab::from_csv("crew.csv", csv.as_bytes(), may(), &TabWords::new());
        let told = tab.map_or_else(|error| format!("{error}\n"), |tab| told(&tab));
        println!("=== {what}\n{told}");
    }
}
