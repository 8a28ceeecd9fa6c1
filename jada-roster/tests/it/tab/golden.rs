//! Tabs as people keep them, each with what is to be read of it.

use jada_roster::{MonthTab, TabWords};

use super::{may, told};

struct Case {
    what: &'static str,
    csv: &'static str,
    golden: &'static str,
}

#[test]
fn nasty_tabs_are_read_as_they_are_meant() {
    for Case { what, csv, golden } in CASES {
        let tab = MonthTab::from_csv("crew.csv", csv.as_bytes(), may(), &TabWords::new());
        let told = tab.map_or_else(|error| format!("{error}\n"), |tab| told(&tab));
        assert_eq!(told, *golden, "{what}");
    }
}

const CASES: &[Case] = &[
    Case {
        what: "dates across, a key column, words in any case, a blank row and a blank column",
        csv: "crew_id,Name,,2026-05-01,2026-05-02,2026-05-03,,2026-05-04\n\
              c-1,Ann Rivers,,Yes,no,MAYBE,,am\n\
              ,,,,,,,\n\
              c-2,Bo Field ,,,y,N,,Afternoon\n",
        golden: "B2 c-1 `Ann Rivers`: 1y 2n 3? 4m\n\
              B4 c-2 `Bo Field`: 1. 2y 3n 4a\n\
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
        golden: "B1 c-1 `Ann Rivers`: 1y 2. 3m\n\
              C1 c-2 `Bo Field`: 1n 2?\n\
              ? C6: `later`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              missing 4-31\n",
    },
    Case {
        what: "a month above numbers, and weekdays below them",
        csv: ",May 2026,,,,,,\n\
              Name,1,2,3,4,5,6,7\n\
              ,Fri,Sat,Sun,Mon,Tue,Wed,Thu\n\
              Ann,y,n,y,n,y,n,y\n",
        golden: "A4 `Ann`: 1y 2n 3y 4n 5y 6n 7y\n\
              missing 8-31\n",
    },
    Case {
        what: "weekdays above, of which one contradicts the number below it",
        csv: ",F,S,S,M,T,W,T,F\n\
              Name,1,2,3,4,5,6,7,9\n\
              Ann,y,n,y,n,y,n,y,y\n",
        golden: "A3 `Ann`: 1y 2n 3y 4n 5y 6n 7y\n\
              ? I2: `9`: expected Saturday, which 2026-05-09 is\n\
              missing 8-31\n",
    },
    Case {
        what: "two months over one line of numbers",
        csv: ",April 2026,,May 2026,,,,,,,\n\
              Name,29,30,1,2,3,4,5,6,7\n\
              Ann,y,y,n,n,n,n,n,n,y\n",
        golden: "A3 `Ann`: 1-6n 7y\n\
              ? B2: `29`: expected a day of 2026-05\n\
              ? C2: `30`: expected a day of 2026-05\n\
              missing 8-31\n",
    },
    Case {
        what: "dates as text in three styles, with weekdays and without",
        csv: "Name,Fri 1 May,\"May 2, 2026\",03.05.2026,2026-05-04,5-May-26\n\
              Ann,y,y,y,y,y\n",
        golden: "A2 `Ann`: 1-5y\n\
              missing 6-31\n",
    },
    Case {
        what: "serial numbers, one of another month",
        csv: "Name,46142,46143,46144,46145\n\
              Ann,n,y,y,maybe\n",
        golden: "A2 `Ann`: 1-2y 3?\n\
              ? B1: `46142 (2026-04-30)`: expected a day of 2026-05\n\
              missing 4-31\n",
    },
    Case {
        what: "month first, as the days after the twelfth show",
        csv: "Name,5/12/2026,5/13/2026,5/14/2026\n\
              Ann,y,n,y\n",
        golden: "A2 `Ann`: 12y 13n 14y\n\
              missing 1-11 15-31\n",
    },
    Case {
        what: "day first, as it is the one order within the month",
        csv: "Name,1/5/26,2/5/26,3/5/26\n\
              Ann,y,n,y\n",
        golden: "A2 `Ann`: 1y 2n 3y\n\
              missing 4-31\n",
    },
    Case {
        what: "no telling whether the day or the month is first",
        csv: "Name,4/5/2026,5/5/2026,5/6/2026\n\
              Ann,y,n,y\n",
        golden: "crew.csv: B1:D1 does not say whether the day or the month is first; write 2026-05-03\n",
    },
    Case {
        what: "names: one twice, emoji, trailing spaces, two that differ in case, a blank one with a key",
        csv: "id,name,2026-05-01,2026-05-02\n\
              ,Ann Rivers,y,n\n\
              ,Ann Rivers  ,n,n\n\
              ,⚓ Bo 🚤,✅,❌\n\
              ,\u{a0}ANN RIVERS,,\n\
              c-7,,✔️,–\n",
        golden: "B2 `Ann Rivers`: 1y 2n\n\
              B3 `Ann Rivers`: 1-2n\n\
              B4 `⚓ Bo 🚤`: 1y 2n\n\
              B5 `ANN RIVERS`: 1-2.\n\
              A6 c-7 ``: 1y 2.\n\
              missing 3-31\n",
    },
    Case {
        what: "words that are not understood, each with its cell",
        csv: "Name,2026-05-01,2026-05-02,2026-05-03,2026-05-04\n\
              Ann,yes (till 3pm),?,x,1\n\
              Bo,\"yes,\n\
              no\",0.5,#REF!,yes please call me first because I may be abroad and cannot know before Tuesday\n",
        golden: "A2 `Ann`:\n\
              A3 `Bo`:\n\
              ? B2: `yes (till 3pm)`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? C2: `?`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? D2: `x`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? E2: `1`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? B3: `yes,\\nno`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? C3: `0.5`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? D3: `#REF!`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? E3: `yes please call me first because I may be abroad and cannot …`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              missing 5-31\n",
    },
    Case {
        what: "boxes, ticked or not, as they are exported",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,TRUE,FALSE\n",
        golden: "A2 `Ann`: 1y 2.\n\
              missing 3-31\n",
    },
    Case {
        what: "sums, a legend, and words in a row without a name",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,y,n\n\
              ,,\n\
              Total,1,0\n\
              ,1,0\n\
              ,,legend: y is yes\n\
              ,maybe,\n",
        golden: "A2 `Ann`: 1y 2n\n\
              ? C6: `legend: y is yes`: expected a name or a key in its row\n\
              ? B7: `maybe`: expected a name or a key in its row\n\
              missing 3-31\n",
    },
    Case {
        what: "a day that stands twice, days that are missing, and one that is none",
        csv: "Name,1,2,3,4,5,6,7,8,9,10,11,12,13,14,14,16,17,18,19,20,twenty-one,22,23,24,25,26,27,28,29,30,31\n\
              Ann,y,,,,,,,,,,,,n,y,y,,,,,,y,,,,,,,,,,n\n",
        golden: "A2 `Ann`: 1y 2-12. 13n 16-20. 22-30. 31n\n\
              ? O1: `14`: expected 2026-05-14 once; it stands in O1, P1\n\
              ? P1: `14`: expected 2026-05-14 once; it stands in O1, P1\n\
              ? V1: `twenty-one`: expected a day of 2026-05\n\
              missing 14-15 21\n",
    },
    Case {
        what: "bare numbers of a whole month, beside a column that counts the crew",
        csv: "#,Name,Level,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\
              1,Crew 1,1,y,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              2,Crew 2,2,,y,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              3,Crew 3,3,,,y,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              4,Crew 4,4,,,,y,,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              5,Crew 5,5,,,,,y,,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              6,Crew 6,6,,,,,,y,,,,,,,,,,,,,,,,,,,,,,,,,\n\
              7,Crew 7,7,,,,,,,y,,,,,,,,,,,,,,,,,,,,,,,,\n\
              8,Crew 8,8,,,,,,,,y,,,,,,,,,,,,,,,,,,,,,,,\n\
              9,Crew 9,9,,,,,,,,,y,,,,,,,,,,,,,,,,,,,,,,\n\
              10,Crew 10,10,,,,,,,,,,y,,,,,,,,,,,,,,,,,,,,,\n\
              11,Crew 11,11,,,,,,,,,,,y,,,,,,,,,,,,,,,,,,,,\n\
              12,Crew 12,12,,,,,,,,,,,,y,,,,,,,,,,,,,,,,,,,\n\
              13,Crew 13,13,,,,,,,,,,,,,y,,,,,,,,,,,,,,,,,,\n\
              14,Crew 14,14,,,,,,,,,,,,,,y,,,,,,,,,,,,,,,,,\n\
              15,Crew 15,15,,,,,,,,,,,,,,,y,,,,,,,,,,,,,,,,\n",
        golden: "B2 `Crew 1`: 1y 2-31.\n\
              B3 `Crew 2`: 1. 2y 3-31.\n\
              B4 `Crew 3`: 1-2. 3y 4-31.\n\
              B5 `Crew 4`: 1-3. 4y 5-31.\n\
              B6 `Crew 5`: 1-4. 5y 6-31.\n\
              B7 `Crew 6`: 1-5. 6y 7-31.\n\
              B8 `Crew 7`: 1-6. 7y 8-31.\n\
              B9 `Crew 8`: 1-7. 8y 9-31.\n\
              B10 `Crew 9`: 1-8. 9y 10-31.\n\
              B11 `Crew 10`: 1-9. 10y 11-31.\n\
              B12 `Crew 11`: 1-10. 11y 12-31.\n\
              B13 `Crew 12`: 1-11. 12y 13-31.\n\
              B14 `Crew 13`: 1-12. 13y 14-31.\n\
              B15 `Crew 14`: 1-13. 14y 15-31.\n\
              B16 `Crew 15`: 1-14. 15y 16-31.\n",
    },
    Case {
        what: "days across and down, each as good as the other",
        csv: "x,2026-05-01,2026-05-02\n\
              2026-05-01,y,n\n\
              2026-05-02,n,y\n",
        golden: "crew.csv: days may run across in B1:C1 and down in A2:A3; declare which is meant\n",
    },
    Case {
        what: "numbers that nothing calls days",
        csv: "Name,1,2,3,4\n\
              Ann,y,n,y,n\n",
        golden: "crew.csv: B1:E1 may hold days of 2026-05, and too little says so: write dates, or the month above numbers that rise, or weekdays beside them\n",
    },
    Case {
        what: "days of another month alone",
        csv: "Name,2026-06-01,2026-06-02\n\
              Ann,y,n\n",
        golden: "crew.csv: B1:C1 holds no day of 2026-05: C1: `2026-06-02`: expected a day of 2026-05\n",
    },
    Case {
        what: "the weekdays are those of another year",
        csv: ",Thu,Fri,Sat,Sun,Mon,Tue,Wed\n\
              Name,1,2,3,4,5,6,7\n\
              Ann,y,n,y,n,y,n,y\n",
        golden: "crew.csv: B2:H2 holds no day of 2026-05: H2: `7`: expected Thursday, which 2026-05-07 is\n",
    },
    Case {
        what: "no days at all, and cells separated by semicolons",
        csv: "Name;2026-05-01;2026-05-02\n\
              Ann;y;n\n",
        golden: "crew.csv: no row and no column holds days of 2026-05, such as 2026-05-01 and the next; its cells are not separated by commas\n",
    },
    Case {
        what: "two columns of texts, of which none is headed",
        csv: ",Rolle,2026-05-01,2026-05-02\n\
              Ann,mate,y,n\n",
        golden: "crew.csv: it is not clear which column holds names: A1 ``, B1 `Rolle`; head it `name`, or declare its heading\n",
    },
    Case {
        what: "one column of texts, headed in another language",
        csv: "Wer,2026-05-01,2026-05-02\n\
              Ann,y,n\n",
        golden: "A2 `Ann`: 1y 2n\n\
              missing 3-31\n",
    },
    Case {
        what: "a heading that stands twice",
        csv: "Name,Name,2026-05-01,2026-05-02\n\
              Ann,Rivers,y,n\n",
        golden: "crew.csv: `Name` stands in A1 and B1; let it stand once\n",
    },
    Case {
        what: "days and no column of names",
        csv: "2026-05-01,2026-05-02\n\
              y,n\n",
        golden: "crew.csv: there is no column of names before A1, and none is headed name, crew, crew member, full name\n",
    },
    Case {
        what: "the header repeated further down, and names behind the days",
        csv: "2026-05-01,2026-05-02,Name,Phone\n\
              y,n,Ann,+1 555 010 0101\n\
              2026-05-01,2026-05-02,Name,Phone\n\
              n,,Bo,+1 555 010 0102\n",
        golden: "C2 `Ann`: 1y 2n\n\
              C4 `Bo`: 1n 2.\n\
              missing 3-31\n",
    },
    Case {
        what: "two lines of days one below the other",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,y,n\n\
              Name,2026-05-03,2026-05-04\n\
              Ann,y,n\n",
        golden: "crew.csv: days stand in B1:C1 and others in B3:C3; let a tab have one line of days\n",
    },
    Case {
        what: "a title, blank rows above, and the month before the days",
        csv: ",,\n\
              Crew availability,,\n\
              ,,\n\
              May 2026,1,2,3,4,5,6,7,8\n\
              Ann,y,n,y,n,y,n,y,n\n",
        golden: "A5 `Ann`: 1y 2n 3y 4n 5y 6n 7y 8n\n\
              missing 9-31\n",
    },
    Case {
        what: "weekdays within the cells of numbers, in two lines and around them",
        csv: "Name,\"Fri\n\
              1\",\"Sat\n\
              2\",3 (Sun),Mo 4\n\
              Ann,y,n,y,n\n",
        golden: "A2 `Ann`: 1y 2n 3y 4n\n\
              missing 5-31\n",
    },
    Case {
        what: "a weekday that contradicts its own date",
        csv: "Name,Fri 2026-05-01,Sun 2026-05-02,Sun 2026-05-03\n\
              Ann,y,n,y\n",
        golden: "A2 `Ann`: 1y 3y\n\
              ? C1: `Sun 2026-05-02`: expected Saturday, which 2026-05-02 is\n\
              missing 2 4-31\n",
    },
    Case {
        what: "numbers that begin anew, with nothing to say of which month they are",
        csv: "Name,28,29,30,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n\
              Ann,y,y,y,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n,n\n",
        golden: "crew.csv: B1:AI1 may hold days of 2026-05, and too little says so: write dates, or the month above numbers that rise, or weekdays beside them\n",
    },
    Case {
        what: "a template of 31 days whose cells of other months were left",
        csv: "Name,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32\n\
              Ann,y,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,n\n",
        golden: "A2 `Ann`: 1y 2-30. 31n\n",
    },
    Case {
        what: "a second block of days below the first, without a heading of its own",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,y,n\n\
              ,2026-05-03,2026-05-04\n\
              Bo,y,n\n",
        golden: "crew.csv: days stand in B1:C1 and others in B3:C3; let a tab have one line of days\n",
    },
    Case {
        what: "weeks one below the other, the last of them short",
        csv: ",May 2026,,,,,,\n\
              Name,1,2,3,4,5,6,7\n\
              Ann,y,n,y,n,y,n,y\n\
              ,29,30,31,,,,\n\
              Bo,y,n,y,,,,\n",
        golden: "crew.csv: days stand in B2:H2 and others in B4:D4; let a tab have one line of days\n",
    },
    Case {
        what: "morning and afternoon in columns of their own",
        csv: "Name,2026-05-01,2026-05-01,2026-05-02,2026-05-02\n\
              ,am,pm,am,pm\n\
              Ann,y,n,y,n\n",
        golden: "crew.csv: B1:E1 holds each day twice; let a day be one column, or row\n",
    },
    Case {
        what: "a tab of another month, and a column that counts the crew",
        csv: "#,Name,2026-06-01,2026-06-02\n\
              1,Crew 1,y,n\n\
              2,Crew 2,y,n\n\
              3,Crew 3,y,n\n\
              4,Crew 4,y,n\n\
              5,Crew 5,y,n\n\
              6,Crew 6,y,n\n\
              7,Crew 7,y,n\n\
              8,Crew 8,y,n\n\
              9,Crew 9,y,n\n\
              10,Crew 10,y,n\n\
              11,Crew 11,y,n\n\
              12,Crew 12,y,n\n\
              13,Crew 13,y,n\n\
              14,Crew 14,y,n\n\
              15,Crew 15,y,n\n",
        golden: "crew.csv: C1:D1 holds no day of 2026-05: D1: `2026-06-02`: expected a day of 2026-05\n",
    },
    Case {
        what: "dates beside names that are no days of the tab",
        csv: "Name,Joined,Last asked,2026-05-01,2026-05-02\n\
              Ann,2026-05-03,2026-05-09,y,n\n\
              Bo,2024-01-31,2026-05-09,n,y\n",
        golden: "A2 `Ann`: 1y 2n\n\
              A3 `Bo`: 1n 2y\n\
              missing 3-31\n",
    },
    Case {
        what: "weekdays at Mondays alone",
        csv: "Name,Fri 1,2,3,Mon 4,5,6,7,8,9,10,Mon 11,12\n\
              Ann,y,n,y,n,y,n,y,n,y,n,y,n\n",
        golden: "A2 `Ann`: 1y 2n 3y 4n 5y 6n 7y 8n 9y 10n 11y 12n\n\
              missing 13-31\n",
    },
    Case {
        what: "a column without a heading beside each day",
        csv: "Name,2026-05-01,,2026-05-02,\n\
              Ann,yes,no,yes,no\n",
        golden: "crew.csv: C1 and E1 have no heading and hold words, beside days that do as well; let a day be one column, or row, with morning or afternoon in it\n",
    },
    Case {
        what: "halves of days that are named below them",
        csv: "Name,2026-05-01,,2026-05-02,\n\
              ,AM,PM,AM,PM\n\
              Ann,yes,no,yes,no\n",
        golden: "crew.csv: C1 and E1 have no heading and hold words, beside days that do as well; let a day be one column, or row, with morning or afternoon in it\n",
    },
    Case {
        what: "rows without a heading below each day",
        csv: "Name,Ann\n\
              2026-05-01,yes\n\
              ,no\n\
              2026-05-02,yes\n\
              ,no\n",
        golden: "crew.csv: A3 and A5 have no heading and hold words, beside days that do as well; let a day be one column, or row, with morning or afternoon in it\n",
    },
    Case {
        what: "a word in one column without a heading, and one in a column that has one",
        csv: "Name,2026-05-01,2026-05-02,,2026-05-03,Paid\n\
              Ann,yes,no,no,yes,yes\n",
        golden: "A2 `Ann`: 1y 2n 3y\n\
              ? D2: `no`: expected a day above it, or another heading\n\
              missing 4-31\n",
    },
    Case {
        what: "a person whose words look like weekdays, in the first row",
        csv: "Name,2026-05-01,2026-05-02,2026-05-03\n\
              Ann,mo,mo,yes\n\
              Bo,fr,yes,fr\n",
        golden: "A2 `Ann`: 3y\n\
              A3 `Bo`: 2y\n\
              ? B2: `mo`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? C2: `mo`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? B3: `fr`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? D3: `fr`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              missing 4-31\n",
    },
    Case {
        what: "letters of a person that may be weekdays, below numbers and a month",
        csv: "May 2026,,,,,,,\n\
              ,1,2,3,4,5,6,7\n\
              Ann,M,F,S,W,yes,,\n",
        golden: "A3 `Ann`: 5y 6-7.\n\
              ? B3: `M`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? C3: `F`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? D3: `S`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              ? E3: `W`: expected one of yes, no, maybe, morning, afternoon, or nothing\n\
              missing 8-31\n",
    },
    Case {
        what: "words in rows of sums, and boxes that nobody has touched",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,y,n\n\
              Total,1,yes\n\
              Sum,yes,no\n\
              ,FALSE,FALSE\n\
              ,-,TRUE\n",
        golden: "A2 `Ann`: 1y 2n\n\
              ? C3: `yes`: expected a name or a key in its row\n\
              ? B4: `yes`: expected a name or a key in its row\n\
              ? C4: `no`: expected a name or a key in its row\n\
              ? C6: `TRUE`: expected a name or a key in its row\n\
              missing 3-31\n",
    },
    Case {
        what: "the month alone between people",
        csv: "Name,2026-05-01,2026-05-02\n\
              May 2026,,\n\
              Ann,y,n\n\
              June 2026,FALSE,\n\
              Captains,,\n",
        golden: "A3 `Ann`: 1y 2n\n\
              A5 `Captains`: 1-2.\n\
              missing 3-31\n",
    },
    Case {
        what: "another month alone above people",
        csv: "Name,2026-05-01,2026-05-02\n\
              Ann,y,n\n\
              June 2026,,\n\
              Bo,y,n\n",
        golden: "crew.csv: A3 names another month than 2026-05, above words; let a tab have one month\n",
    },
];
