//! Mails that are found, as streams that read no further than they are asked to.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{
    Gmail, Query, Step,
    list::{Among, Listing, PAGE_SIZE},
    wire::Named,
};
use crate::{Error, Received, ThreadId, syntax::opaque_id};

impl Gmail {
    /// Finds mails, newest first. Nothing is asked before the stream is, and each page when the one
    /// before it has been taken; a stream that is dropped asks no more.
    pub fn search(&self, query: &Query) -> Search {
        let listing = Listing::new(Among::Mails, Step::Reading, &query.to_string());
        Search { gmail: self.clone(), listing: Some(listing), asking: None }
    }
}

/// Gmail's own name for a mail, and that of its conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageRef {
    id: String,
    thread_id: ThreadId,
}

impl MessageRef {
    /// Names a mail by the ids that Gmail gave it, such as those of a
    /// [`Receipt`](crate::Receipt).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an `id` that is no printable ASCII; not worth a retry.
    pub fn new(id: &str, thread_id: ThreadId) -> Result<Self, Error> {
        Ok(Self { id: opaque_id("the id of a mail", id)?, thread_id })
    }

    /// Returns the mail's id as text.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the id of its conversation.
    pub fn thread_id(&self) -> &ThreadId {
        &self.thread_id
    }
}

impl TryFrom<Named> for MessageRef {
    type Error = Error;

    fn try_from(named: Named) -> Result<Self, Error> {
        // A mail on its own is a conversation of its name.
        let thread_id = named.thread_id.as_ref().unwrap_or(&named.id);
        Self::new(&named.id, thread_id.parse()?)
    }
}

/// Mails that a [`Gmail`] finds: a stream of `Result<`[`MessageRef`]`, `[`Error`]`>`.
///
/// An error is its last item: [`Error::Unavailable`], which is worth another search,
/// [`Error::Refused`] or [`Error::Blocked`].
///
/// ```no_run
/// # async fn list(gmail: jada_mail::Gmail) -> Result<(), jada_mail::Error> {
/// use jada_mail::Query;
///
/// let query = Query::new().from("booking.example".parse()?).has_attachment();
/// let mut mails = gmail.search(&query).mails();
/// while let Some(mail) = mails.next().await {
///     println!("{}", mail?.subject());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is searched for before the stream is asked"]
pub struct Search {
    gmail: Gmail,
    /// None while it is being asked.
    listing: Option<Listing>,
    asking: Option<Asking<Turned>>,
}

/// A list after it was asked, and what it gave.
type Turned = (Listing, Result<Option<Named>, Error>);

type Asking<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Search {
    /// Asks for `mails` a page, 1 to 500, instead of 100. Has no effect once the stream was asked.
    pub fn page_size(mut self, mails: u16) -> Self {
        if let Some(listing) = &mut self.listing {
            listing.page_size = mails.clamp(1, LARGEST_PAGE);
        }
        self
    }

    /// The mails themselves, each fetched when it is asked for.
    pub fn mails(self) -> Mails {
        Mails { search: self, fetching: None }
    }

    /// The next mail; none after the last.
    ///
    /// # Errors
    ///
    /// See [`Search`].
    pub async fn next(&mut self) -> Option<Result<MessageRef, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Search {
    type Item = Result<MessageRef, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(mut listing) = self.listing.take() {
            let gmail = self.gmail.clone();
            self.asking = Some(Box::pin(async move {
                let next = listing.next(&gmail).await;
                (listing, next)
            }));
        }
        let Some(asking) = &mut self.asking else { return Poll::Ready(None) };
        let (listing, next) = ready!(asking.as_mut().poll(context));
        (self.listing, self.asking) = (Some(listing), None);
        let next = next.and_then(|named| named.map(MessageRef::try_from).transpose());
        Poll::Ready(next.transpose())
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("gmail", &self.gmail).finish_non_exhaustive()
    }
}

/// Mails that a [`Search`] found, fetched and read: a stream of
/// `Result<`[`Received`]`, `[`Error`]`>`.
///
/// A mail that was deleted since is left out. After the error of one mail the next one follows,
/// and after one of the search, nothing.
#[must_use = "nothing is searched for before the stream is asked"]
pub struct Mails {
    search: Search,
    fetching: Option<Asking<Result<Option<Received>, Error>>>,
}

impl Mails {
    /// The next mail; none after the last.
    ///
    /// # Errors
    ///
    /// Those of [`Search`] and of [`Gmail::fetch`].
    pub async fn next(&mut self) -> Option<Result<Received, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Mails {
    type Item = Result<Received, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(fetching) = &mut self.fetching {
                let fetched = ready!(fetching.as_mut().poll(context));
                self.fetching = None;
                if let Some(mail) = fetched.transpose() {
                    return Poll::Ready(Some(mail));
                }
            }
            let found = match ready!(Pin::new(&mut self.search).poll_next(context)) {
                Some(Ok(found)) => found,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            let gmail = self.search.gmail.clone();
            self.fetching = Some(Box::pin(async move { gmail.fetch_if_there(&found).await }));
        }
    }
}

impl fmt::Debug for Mails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mails").field("search", &self.search).finish_non_exhaustive()
    }
}

const LARGEST_PAGE: u16 = 500;
const _: () = assert!(PAGE_SIZE <= LARGEST_PAGE);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_cross_threads() {
        fn sendable<T: Send + Unpin>() {}
        sendable::<Search>();
        sendable::<Mails>();
    }
}
