//! An OAuth 2 issuer, a Gmail, a Drive and a Sheets on 127.0.0.1, for tests, benches and
//! demonstrations.
//!
//! [`Issuer`] is an authorization server of its own, on threads of its own. It mints, rotates and revokes
//! as [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749) says, in Google's manner where the RFC
//! leaves it open, and at a word it fails as real ones do: see [`Fault`]. It guards nothing: its
//! secrets are not secret, and it takes any signature for good.
//!
//! ```
//! use jada_loopback_issuer::{Fault, Issuer};
//!
//! # fn main() -> std::io::Result<()> {
//! let issuer = Issuer::builder().rotating().scope("mail.send").start()?;
//! let refresh_token = issuer.consent();
//! issuer.fail_next(Fault::retry_after(503, 2));
//! // Here the client under test posts to `issuer.token_uri()`, and has to come back.
//! # let _ = refresh_token;
//! assert_eq!(issuer.requests(), 0);
//! # Ok(())
//! # }
//! ```
//!
//! | endpoint | answers |
//! |---|---|
//! | `GET /authorize` | a page with the buttons Allow and Deny, which lead back with a code |
//! | `POST /token` | the grants `authorization_code`, `refresh_token` and `urn:ietf:params:oauth:grant-type:jwt-bearer` |
//! | `GET /whoami` | what the bearer's token is good for, or 401 |
//! | `GET /requests` | how many token requests arrived, as text, for other processes to ask |
//!
//! # Gmail
//!
//! [`Gmail`] is a mailbox behind Google's API, for a client that must send exactly once: what it is
//! asked to do it does, and at a word, or at a rate, it fails before or after that.
//!
//! ```
//! use jada_loopback_issuer::{Gmail, GmailFault, GmailMethod, When};
//!
//! # fn main() -> std::io::Result<()> {
//! let scope = "https://www.googleapis.com/auth/gmail.compose";
//! let gmail = Gmail::builder().token("good", [scope]).start()?;
//! gmail.fail_next(GmailMethod::DraftsSend, GmailFault::Reset(When::After));
//! // Here the client under test sends by `gmail.endpoint()`, and never learns that it did.
//! assert_eq!(gmail.sent(), []);
//! # Ok(())
//! # }
//! ```
//!
//! | below `/gmail/v1/users/me` | answers |
//! |---|---|
//! | `POST drafts`, `messages/send` | stores or sends a mail that is base64 in JSON |
//! | the same below `/upload` | the same, by `uploadType` `media`, `multipart` or `resumable` |
//! | `POST drafts/send` | sends a draft, which vanishes; 404 where it is gone |
//! | `GET drafts`, `messages` | lists by `q`, the newest first, in pages |
//! | `GET drafts/{id}`, `messages/{id}` | one, in the `format` that is asked for |
//! | `DELETE drafts/{id}` | 204 |
//! | `GET messages/{id}/attachments/{id}` | its size, and its content as base64 |
//! | `GET profile` | whose mailbox it is |
//!
//! # Drive
//!
//! [`Drive`] keeps files behind Google's API, for a client that must make no second one.
//!
//! ```
//! use jada_loopback_issuer::{Drive, DriveFault, DriveMethod, When};
//!
//! # fn main() -> std::io::Result<()> {
//! let drive = Drive::builder().folder("statements").start()?;
//! drive.fail_next(DriveMethod::UploadSession, DriveFault::Reset(When::After));
//! // Here the client under test uploads by `drive.endpoint()`, and never learns that it did.
//! assert_eq!(drive.files(), []);
//! # Ok(())
//! # }
//! ```
//!
//! | below `/drive/v3/files` | answers |
//! |---|---|
//! | `GET generateIds` | ids for files that are yet to be made |
//! | `POST` below `/upload`, `uploadType=resumable` | begins a file, with an id that was handed out or another; 409 where it is taken |
//! | `PATCH {id}` below `/upload`, the same | begins to replace one |
//! | `GET {id}` | one, of its `fields` those that are asked for |
//! | `GET` | lists by `q`, the newest first, in pages |
//! | `POST {id}/permissions` | gives one, once to the same beneficiary |
//! | `GET {id}/permissions` | lists them |
//!
//! # Sheets
//!
//! [`Sheets`] keeps a spreadsheet behind Google's API, for a client that must not touch what is not
//! its own: people sort it and move its rows between any two requests, and each cell remembers what
//! a person last put there.
//!
//! ```
//! use jada_loopback_issuer::{Sheets, SheetsMethod};
//!
//! # fn main() -> std::io::Result<()> {
//! let rows = [["id", "paid"], ["C-2", "no"], ["C-1", "yes"]];
//! let sheets = Sheets::builder().tab("Bookings", rows).start()?;
//! sheets.before_next(SheetsMethod::BatchUpdate, "Bookings", |tab| tab.sort(0));
//! // Here the client under test reads and writes by `sheets.endpoint()`.
//! let tab = sheets.tab("Bookings").unwrap_or_else(|| unreachable!());
//! assert!(tab.rows().iter().flatten().all(|cell| cell.value == cell.by_person));
//! # Ok(())
//! # }
//! ```
//!
//! | below `/v4/spreadsheets` | answers |
//! |---|---|
//! | `GET {id}` | tabs, and the cells of `ranges`, of `fields` those that are asked for |
//! | `GET {id}/values:batchGet` | values without their types, in ragged rows |
//! | `POST {id}:batchUpdate` | `updateCells`, `appendCells`, `insertDimension`, `appendDimension`, `deleteDimension`, `updateSheetProperties`, `findReplace`: all of them or none |
//!
//! [`Google`] serves several of these behind one address, as all of Google is to a client with one
//! endpoint.
//!
//! # Servers of a test's own
//!
//! [`Loopback`], which the issuer stands on, serves what a closure says: a Google that keeps state,
//! or one that fails. How an answer gets to the client, or does not, is its [`Delivery`]; what goes
//! wrong before a request is read is said by a [`LoopbackBuilder`].
//!
//! ```
//! use std::sync::atomic::{AtomicUsize, Ordering};
//!
//! use jada_loopback_issuer::{Delivery, Loopback, Reply};
//!
//! # fn main() -> std::io::Result<()> {
//! let sent = AtomicUsize::new(0);
//! let gmail = Loopback::start(move |request| match request.segments()[..] {
//!     ["messages", "send"] if sent.fetch_add(1, Ordering::Relaxed) == 0 => {
//!         Reply::new(200).delivered(Delivery::Reset)
//!     }
//!     ["messages", "send"] => Reply::new(200).json(&serde_json::json!({ "id": "m-2" })),
//!     _ => Reply::new(404),
//! })?;
//! // Here the client under test posts to `gmail.uri("/messages/send")`, and its answer is lost.
//! assert_eq!(gmail.requests(), 0);
//! # Ok(())
//! # }
//! ```

mod authorize;
mod drive;
mod endpoints;
mod fault;
mod form;
mod gmail;
mod google;
mod grants;
mod issuer;
mod loopback;
mod oauth;
mod recorded;
mod sheets;

pub use drive::{Drive, DriveBuilder, DriveFault, DriveMethod, DrivePermission, StoredFile};
pub use fault::Fault;
pub use gmail::{DraftMail, Gmail, GmailBuilder, GmailFault, GmailMethod, MessageIds, SentMail};
pub use google::fault::When;
pub use google::{Google, GoogleBuilder};
pub use issuer::{Issuer, IssuerBuilder};
pub use loopback::{Delivery, Head, Loopback, LoopbackBuilder, OnAccept, OnHead, Reply, Request};
pub use recorded::Recorded;
pub use sheets::{
    PersonAct, SheetCell, SheetTab, SheetValue, Sheets, SheetsBuilder, SheetsFault, SheetsMethod,
};
