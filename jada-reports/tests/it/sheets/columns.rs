//! Which columns are ours.

use jada_reports::{Column, Columns, Error};

#[test]
fn columns_have_names_of_their_own_and_a_key_among_them() {
    for names in [&["id", " "][..], &["id", "guest", "guest "], &["guest"], &[]] {
        let columns = Columns::new("id", names.iter().map(|name| Column::text(name)));
        assert!(matches!(columns, Err(Error::Columns { .. })), "{names:?}");
    }
    let columns = Columns::new("id", ["guest", " id "].map(Column::text)).unwrap();
    assert_eq!((columns.key().name(), columns.iter().len()), ("id", 2));
    let columns = columns.and(["deposit", " ", "id", "deposit"].map(Column::text));
    let names: Vec<_> = columns.iter().map(Column::name).collect();
    assert_eq!((names, columns.key().name()), (vec!["guest", "id", "deposit"], "id"));
}
