//! The mock stands in for a repository where a test needs one answer and no store.

use jada_roster::{
    Charter, CharterId, CharterRepository, Currency, Error, MockCharterRepository, OnConflict,
    Status, Version, import,
};
use jiff::civil::date;

#[tokio::test]
async fn a_mock_lets_a_booking_change_under_ones_hands() {
    let mut mock = MockCharterRepository::new();
    mock.expect_change_status().times(1).returning(|charter, to| {
        assert_eq!(to, Status::Confirmed);
        Err(Error::VersionConflict { what: "charter", id: charter.id().to_string() })
    });
    mock.expect_assign().times(1).returning(|charter, crew| {
        assert!(crew.is_empty());
        Ok(charter.clone().with_version(Version::Number(2)))
    });
    let repository: &dyn CharterRepository = &mock;
    let id = CharterId::new("C-1").unwrap();
    let charter = Charter::builder(id, date(2026, 5, 3), Currency::USD);
    let charter = charter.version(Version::Number(1)).build().unwrap();
    assert!(repository.change_status(&charter, Status::Confirmed).await.is_err());
    let assigned = repository.assign(&charter, &[]).await.unwrap();
    assert_eq!(assigned.version(), Version::Number(2));
}

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
