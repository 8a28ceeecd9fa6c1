//! The tables of the crew by the SDK's calls alone: items as they come, nothing read or checked.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use jada_roster::EmbeddedEngine;

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

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number_of(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

const LATE: u64 = 4_000_000_000_000;
