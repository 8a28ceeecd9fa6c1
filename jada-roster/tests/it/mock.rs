//! The mock stands in for a repository where a test needs one answer and no store.

use jada_roster::{CharterRepository, Imported, MockCharterRepository, OnConflict, import};

#[tokio::test]
async fn a_mock_is_a_repository() {
    let mut mock = MockCharterRepository::new();
    mock.expect_find().times(0);
    mock.expect_save().times(1).returning(|charters| {
        assert!(charters.is_empty());
        Ok(())
    });
    let repository: &dyn CharterRepository = &mock;
    let imported = import(repository, Vec::new(), OnConflict::Refuse).await.unwrap();
    assert_eq!(imported, Imported::default());
}
