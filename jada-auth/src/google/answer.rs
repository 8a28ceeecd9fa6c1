//! What a server answered when it did what was asked.

use std::fmt;

use hyper::{
    HeaderMap, Method,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{
    ApiUrl,
    outgoing::{Outgoing, Reply},
};
use crate::{Error, http::transport::Broken};

/// A successful answer, whole. `Debug` shows neither its headers nor its body.
#[derive(Clone)]
pub struct Answer {
    method: Method,
    url: ApiUrl,
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// # Errors
    ///
    /// [`Error::Decode`] for a body beyond its limit, and [`Error::Ambiguous`] for one that broke
    /// off.
    pub(super) fn whole(reply: Reply, outgoing: &Outgoing) -> Result<Self, Error> {
        match reply.cut {
            None => Ok(Self {
                method: outgoing.method.clone(),
                url: outgoing.url.clone(),
                status: reply.status.as_u16(),
                headers: reply.headers,
                body: reply.body.into(),
            }),
            Some(large @ Broken::TooLarge(_)) => Err(Error::Decode {
                request: outgoing.to_string(),
                source: Some(std::sync::Arc::new(large)),
            }),
            Some(broken) => Err(outgoing.lost(broken)),
        }
    }

    /// The HTTP status, 200 to 299.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of a header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(HeaderValue::to_str)?.ok()
    }

    /// The body as it came; empty where the server sent none.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] for what is no JSON, or not of that shape. It is not worth a retry: the
    /// server did what was asked.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| Error::Decode {
            request: format!("{} {}", self.method, self.url),
            source: Some(std::sync::Arc::new(self.unlike(&error))),
        })
    }

    fn unlike(&self, error: &serde_json::Error) -> NotOfThatShape {
        // The text for a wrong type holds the value, and that for an unknown name the name.
        let text = error.to_string();
        let lacks = (error.classify() == Category::Data && text.starts_with("missing field"))
            .then(|| text.split(" at line").next().unwrap_or_default().to_owned());
        let content_type = self.header(CONTENT_TYPE.as_str()).unwrap_or("of no stated type");
        NotOfThatShape {
            content_type: content_type.chars().take(60).filter(|it| !it.is_control()).collect(),
            lacks,
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Where an answer is not what its reader expects; holds nothing of it.
#[derive(Debug)]
struct NotOfThatShape {
    content_type: String,
    lacks: Option<String>,
    line: usize,
    column: usize,
}

impl fmt::Display for NotOfThatShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_type, lacks, line, column } = self;
        write!(f, "it is {content_type}, and not of the expected shape")?;
        lacks.iter().try_for_each(|lacks| write!(f, ": {lacks}"))?;
        write!(f, " at line {line}, column {column}")
    }
}

impl std::error::Error for NotOfThatShape {}
