//! Lists that come page by page.

use std::future::Future;

use futures_util::{Stream, stream};

use crate::dynamo::item::Item;
use crate::error::Error;

/// The items of one answer, and where the next begins, where there is one.
pub(super) type Page = (Vec<Item>, Option<Item>);

/// Pages, each asked for when the stream is polled for it. An error ends it.
pub(super) fn pages<F, Fut>(fetch: F) -> impl Stream<Item = Result<Vec<Item>, Error>>
where
    F: Fn(Option<Item>) -> Fut,
    Fut: Future<Output = Result<Page, Error>>,
{
    stream::try_unfold((fetch, Place::First), |(fetch, place)| async move {
        let start = match place {
            Place::First => None,
            Place::After(key) => Some(key),
            Place::End => return Ok(None),
        };
        let (items, next) = fetch(start).await?;
        Ok(Some((items, (fetch, next.map_or(Place::End, Place::After)))))
    })
}

enum Place {
    First,
    After(Item),
    End,
}
