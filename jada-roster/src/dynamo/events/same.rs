//! Whether two values say the same.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

/// Whether two values say the same. A set comes in whatever order DynamoDB pleases.
pub(super) fn is_same(one: &AttributeValue, other: &AttributeValue) -> bool {
    match (one, other) {
        (AttributeValue::Ss(one), AttributeValue::Ss(other))
        | (AttributeValue::Ns(one), AttributeValue::Ns(other)) => set(one) == set(other),
        (AttributeValue::Bs(one), AttributeValue::Bs(other)) => set(one) == set(other),
        (AttributeValue::L(one), AttributeValue::L(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (AttributeValue::M(one), AttributeValue::M(other)) => {
            let has = |(name, value)| other.get(name).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

fn set<T: AsRef<[u8]>>(members: &[T]) -> BTreeSet<&[u8]> {
    members.iter().map(AsRef::as_ref).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::primitives::Blob;

    use super::*;

    fn texts(texts: &[&str]) -> AttributeValue {
        AttributeValue::Ss(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    fn within(value: AttributeValue) -> AttributeValue {
        let map = AttributeValue::M([("tags".to_owned(), value)].into());
        AttributeValue::L(vec![AttributeValue::Bool(true), map])
    }

    #[test]
    fn sets_are_the_same_in_any_order_and_lists_are_not() {
        let blobs = |bytes: [u8; 2]| AttributeValue::Bs(bytes.map(|b| Blob::new([b])).to_vec());
        let list = |texts: [&str; 2]| {
            AttributeValue::L(texts.map(|text| AttributeValue::S(text.to_owned())).to_vec())
        };
        assert!(is_same(&texts(&["a", "b"]), &texts(&["b", "a"])));
        assert!(is_same(&within(texts(&["a", "b"])), &within(texts(&["b", "a"]))));
        assert!(is_same(&blobs([1, 2]), &blobs([2, 1])));
        assert!(!is_same(&texts(&["a", "b"]), &texts(&["a"])));
        assert!(!is_same(&texts(&["1"]), &AttributeValue::Ns(vec!["1".to_owned()])));
        assert!(!is_same(&list(["a", "b"]), &list(["b", "a"])));
    }
}
