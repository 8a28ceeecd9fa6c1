//! The tables of the crew by the SDK's calls alone: items as they come, nothing read or checked.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure, WriteRequest,
};
use jada_roster::{CrewMember, EmbeddedEngine};

/// The tables of an engine, which has them already.
#[derive(Debug)]
pub struct PlainCrew {
    client: Client,
    issued: AtomicUsize,
}

impl PlainCrew {
    /// The tables of this engine.
    #[must_use]
    pub fn of(engine: &EmbeddedEngine) -> Self {
        Self { client: engine.client(), issued: AtomicUsize::new(0) }
    }

    /// Puts a row that can be used once, and returns its key.
    pub async fn issue(&self) -> String {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        let key = format!("tok#plain-{}-{number:044}", std::process::id());
        let request = self.client.put_item().table_name("crew-keys");
        let request = request.item("key", text(&key)).item("crew_id", text("crew-00000"));
        let request = request.item("purpose", text("portal")).item("kind", text("single-use"));
        let request = request.item("created_at", number_of(1)).item("ttl", number_of(LATE));
        request.item("expires_at", number_of(LATE)).send().await.unwrap();
        key
    }

    /// Uses it up, on the conditions on which a link is.
    pub async fn consume(&self, key: &str) {
        let request = self
            .client
            .update_item()
            .table_name("crew-keys")
            .key("key", text(key))
            .update_expression("SET used_at = :now, used_by = :by")
            .condition_expression(
                "attribute_exists(#key) AND #kind = :kind AND #purpose = :purpose \
                 AND expires_at > :now AND attribute_not_exists(used_at) \
                 AND attribute_not_exists(revoked_at)",
            )
            .expression_attribute_names("#key", "key")
            .expression_attribute_names("#kind", "kind")
            .expression_attribute_names("#purpose", "purpose")
            .expression_attribute_values(":now", number_of(2))
            .expression_attribute_values(":by", text("abcdefghijkl"))
            .expression_attribute_values(":kind", text("single-use"))
            .expression_attribute_values(":purpose", text("portal"))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        request.send().await.unwrap();
    }

    /// Puts at most 25 members without claims, as an older tool does.
    pub async fn put(&self, members: &[CrewMember]) {
        let request = self.client.batch_write_item();
        let puts = members.iter().map(put).collect();
        request.request_items("crew-roster", puts).send().await.unwrap();
    }

    /// Reads all items of the crew, page by page, and counts them.
    pub async fn count(&self) -> usize {
        let (mut count, mut start) = (0, None);
        loop {
            let scan = self.client.scan().table_name("crew-roster").consistent_read(true);
            let page = scan.set_exclusive_start_key(start).send().await.unwrap();
            count += page.items().len();
            start = page.last_evaluated_key;
            if start.is_none() {
                return count;
            }
        }
    }
}

fn put(member: &CrewMember) -> WriteRequest {
    let days = member.availability().days();
    let days = days.map(|(day, state)| (day.to_string(), text(state.as_str()))).collect();
    let put = PutRequest::builder()
        .item("crew_id", text(member.id().as_str()))
        .item("name", text(member.name().as_str()))
        .item("email", text(member.email().unwrap().as_str()))
        .item("phone", text(member.phone().unwrap().as_str()))
        .item("role", text(member.role().as_str()))
        .item("cascade_level", number_of(member.cascade_level().number().into()))
        .item("availability", AttributeValue::M(days));
    WriteRequest::builder().put_request(put.build().unwrap()).build()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number_of(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

const LATE: u64 = 4_000_000_000_000;
