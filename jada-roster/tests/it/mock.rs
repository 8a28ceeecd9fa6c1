//! The mock stands in for a repository where a test needs one answer and no store.

use jada_roster::{
    Charter, CharterId, CharterRepository, Currency, Error, MockCharterRepository, OnConflict,
    import,
};
use jiff::civil::date;

#[tokio::test]
async fn a_mock_is_a_repository() {
    let mut mock = MockCharterRepository::new();
    mock.expect_find().times(1).returning(|_| Ok(Vec::new()));
    mock.expect_save().times(1).returning(|charters| {
        assert_eq!(charters.len(), 1);
        Err(Error::VersionConflict { what: "charter", id: charters[0].id().to_string() })
    });
    let repository: &dyn CharterRepository = &mock;
    let id = CharterId::new("C-1").unwrap();
    let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD).build().unwrap();
    let raced = import(repository, vec![charter], OnConflict::Refuse).await.unwrap_err();
    assert!(raced.is_transient(), "someone else added it meanwhile: {raced}");
}
