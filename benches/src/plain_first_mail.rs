//! What a call's first mail takes, by the SDK's requests alone.

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use jada_roster::{CallRules, Charter};
use jiff::Timestamp;

use crate::plain_calls::{ASKED, CHARTERS, CREW, ID, Item, OWED, PlainCalls, longer, number, text};

impl PlainCalls {
    /// Makes the requests by which a charter is confirmed and its call begun: a member is asked, and a
    /// link is issued to them.
    pub(crate) async fn begin(&self, charter: &Charter, crew: &str) -> Item {
        let (id, date) = (charter.id().as_str(), charter.date());
        self.confirm(id, charter.version().number()).await;
        let row = self.open(id).await;
        assert!(self.0.scan().table_name(CREW).send().await.unwrap().count() > 0);
        self.days(date.yesterday().unwrap(), date.tomorrow().unwrap()).await;
        let call = longer("", BEGUN + ASKED + OWED);
        let row = self.write(&row, &call, Timestamp::now()).await;
        self.issue(id, crew).await;
        row
    }

    /// Makes the request by which the mail is written off.
    pub(crate) async fn tell(&self, row: &Item) {
        let call = longer("", BEGUN + ASKED);
        self.write(row, &call, Timestamp::now() + CallRules::WINDOW).await;
    }

    /// Takes a charter's row away.
    pub(crate) async fn delete(&self, id: &str) {
        self.0.delete_item().table_name(CHARTERS).key(ID, text(id)).send().await.unwrap();
    }

    async fn confirm(&self, id: &str, version: u64) {
        let update = self
            .0
            .update_item()
            .table_name(CHARTERS)
            .key(ID, text(id))
            .update_expression("SET #version = :next, #status = :status")
            .condition_expression("#version = :read AND #status = :was")
            .expression_attribute_names("#version", "version")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":read", number(version))
            .expression_attribute_values(":next", number(version + 1))
            .expression_attribute_values(":was", text("pending"))
            .expression_attribute_values(":status", text("confirmed"))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        update.send().await.unwrap();
    }

    /// A link's row, on the condition that there is the member, and the row of all their links.
    async fn issue(&self, id: &str, crew: &str) {
        let member = ConditionCheck::builder().table_name(CREW).key("crew_id", text(crew));
        let member = member.condition_expression("attribute_exists(crew_id)").build().unwrap();
        let all = Update::builder()
            .table_name(KEYS)
            .key("key", text(&format!("links#{crew}")))
            .update_expression("ADD revision :one, opened :one")
            .expression_attribute_values(":one", number(1));
        let expires_at = Timestamp::now() + CallRules::WINDOW;
        let expires_at = AttributeValue::N(expires_at.as_millisecond().to_string());
        let token = Put::builder()
            .table_name(KEYS)
            .item("key", text(&format!("tok#{:043}{id}", 0)))
            .item("crew_id", text(crew))
            .item("purpose", text(&format!("answer:{id}")))
            .item("kind", text("single-use"))
            .item("created_at", number(1))
            .item("ttl", number(4_000_000_000))
            .item("expires_at", expires_at)
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", "key");
        let write = self
            .0
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().condition_check(member).build())
            .transact_items(TransactWriteItem::builder().update(all.build().unwrap()).build())
            .transact_items(TransactWriteItem::builder().put(token.build().unwrap()).build());
        write.send().await.unwrap();
    }
}

const KEYS: &str = "crew-keys";
/// The bytes of a call of which nobody was asked yet.
const BEGUN: usize = 150;
