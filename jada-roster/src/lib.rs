//! Charters and their crew on DynamoDB, with an embedded engine that needs no account, and magic
//! links that open a page without a password.
//!
//! A [`Charter`] is one booking of a boat: a day, a guest, a total, a status. A
//! [`CharterRepository`] keeps charters and reads a [`Month`] of them page by page, as a stream.
//! `DynamoCharters` is the one for real data. Its client talks to AWS, or to an engine in this
//! process that keeps its tables in a file or in memory: the same requests, the same conditions, no
//! socket. [`import()`] brings charters in so that doing it twice changes nothing. [`Money`] is
//! whole minor units of a [`Currency`], and every [`Error`] says whether trying again makes sense.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), jada_roster::Error> {
//! use futures_util::TryStreamExt;
//! use jada_roster::{CharterRepository, DynamoCharters, EmbeddedEngine, Filter, Format, import};
//! use jada_roster::{OnConflict::Refuse, Reading};
//!
//! let charters = DynamoCharters::new(EmbeddedEngine::in_memory()?.client());
//! charters.ensure_table().await?;
//! let csv = "charter_id,date,guest,total,currency,status,kind,brand,notes\n\
//!            C-1,2026-05-03,Ann Rivers,\"1,234.50\",USD,confirmed,charter,Example Sails,\n\
//!            C-2,2026-05-09,Bo Field,$80,USD,pending,charter,Example Sails,\n";
//! let rows = Reading::of("charters.csv", csv.as_bytes(), Format::Csv)?;
//! import(&charters, rows.complete(Refuse)?, Refuse).await?;
//! let mut may = charters.month("2026-05".parse()?, &Filter::everything());
//! while let Some(charter) = may.try_next().await? {
//!     println!("{} {} {:?}", charter.date(), charter.guest(), charter.total());
//! }
//! # let ids = [jada_roster::CharterId::new("C-1")?, jada_roster::CharterId::new("C-2")?];
//! # assert_eq!(charters.find(&ids).await?.len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! A person or a program that decides moves a booking on by
//! [`change_status`](CharterRepository::change_status), and says by
//! [`assign`](CharterRepository::assign) who sails. What is said about a charter is its thread, kept by
//! [`CharterChats`].
//!
//! # Crew and links
//!
//! A [`CrewMember`] has a [`Role`], which says what they may see, and a [`CascadeLevel`], which says
//! when they are called. A [`RosterRepository`] keeps them, no two with one e-mail address or phone
//! number. `MagicLinks` issues the links by which they open their page: a table holds only digests,
//! a single-use link opens once however many try, a standing one until it is rotated or revoked.
//! `Portal` is that page, and the one on which they answer when they are called.
//!
//! # Availability
//!
//! A [`MonthTab`] is what a month's tab of an availability sheet says of each person: days across or
//! down, words as [`TabWords`] knows them, and every cell that was not understood by its address.
//! [`AvailabilitySync`] compares it with the crew and with what the tab said before, so that only what
//! is new in it is written, and a word that a member has said since is overruled only by another, and
//! reported. Who is meant is never guessed: it is told by key, by name exactly, or by [`Aliases`].
//!
//! # Calls
//!
//! [`plan()`] says whom to call for a charter: captains of level 1 first, then those of level 2, and so
//! on, each wave at an instant that is not in the [`QuietHours`] of the [`Harbour`]; and of everyone
//! else, why not. It is pure.
//!
//! [`CrewCall`] calls them: a [`Call`] on the charter's row says who was asked, what they said and
//! which mails are owed, and each step of it is one conditional write. So any number of programs may
//! look, a kill loses nothing, and nobody is called twice. A [`Postman`] takes the mails; `CallMail`
//! puts each into an outbox once, with a personal link or an invitation for the calendar.
//!
//! # What crew see of charters
//!
//! A [`CharterEvent`] holds everything; a [`CrewView`] is a copy of it for crew, without money and made
//! by allow-list. Its texts are [`ScrubbedText`], which [`ScrubRules`] alone make. An
//! [`EventRepository`] keeps such copies, and [`publish_month()`] makes them follow the charters.
//! `DynamoEvents` takes money out of tables of events of other tools, too.
//!
//! # Changes
//!
//! `CharterChanges` says which charters' rows have changed, by the stream of their table, so that a
//! program looks at them within a second: workers share the shards under leases, and every change is
//! handed over at least once. Where there is no stream, a month is polled.
//!
//! # Repositories
//!
//! - `DynamoCharters`, `DynamoChats`, `DynamoEvents`, `DynamoRoster`, `DynamoLinks`: tables of
//!   DynamoDB. Every write is on a condition, such as the row's [`Version`]; attributes that this crate
//!   does not know survive it, but for crew's copies, in whose rows others' have no place; a write
//!   whose answer was lost is recognised.
//! - [`MemoryCharters`], [`MemoryChats`], [`MemoryEvents`], [`MemoryRoster`], `MemoryLinks`: fakes good
//!   enough to ship, for your unit tests.
//! - One of your own runs the suite that these run: `charter_repository_contract`,
//!   `call_repository_contract`, `charter_chats_contract`, `event_repository_contract`,
//!   `roster_repository_contract`, `magic_links_contract`. A DynamoDB of your own runs
//!   `charter_changes_contract` besides.
//!
//! # Features
//!
//! None is on by default, and none changes behaviour.
//!
//! | feature | adds | pulls in |
//! |---|---|---|
//! | `availability-sync` | `AvailabilitySync::write`: what is new in a month's tab, written member by member, leftovers tried again | `tokio`, `fastrand` |
//! | `links` | `MagicLinks`, `LinkText`, `Peppers`, `MemoryLinks`: links that open a page without a password | `hmac`, `sha2`, `subtle`, `governor`, `tracing` |
//! | `dynamodb` | `DynamoCharters`, `DynamoChats`, `DynamoEvents`, `DynamoRoster`, `DynamoLinks`, `dynamo_retries`; turns on `links` | `aws-sdk-dynamodb` without a TLS stack, `tokio` |
//! | `aws-tls` | `https_client`, an HTTPS client for the SDK; turns on `dynamodb` | `aws-smithy-http-client`: `hyper`, `rustls` with `ring` |
//! | `embedded` | `EmbeddedEngine`, `dynamo_client`; turns on `dynamodb` | `dynoxide-rs`: SQLite, built by a C compiler |
//! | `import` | `Reading`, `CrewReading`, `MonthTab::from_csv`: charters from CSV and JSON, crew and availability from CSV, with the place of every fault | `serde`, `serde_json` |
//! | `sheets` | `MonthTab::from_sheet`: availability from a Google spreadsheet, by one request | `jada-auth` with `http`: `hyper`, `rustls` with `ring`; `serde` |
//! | `xlsx` | `MonthTab::from_xlsx`: availability from a workbook | `calamine`, `quick-xml`, `zip` |
//! | `mail` | `CallMail`: the mails of calls, each put into an outbox once; turns on `links` | `jada-mail`, `askama` |
//! | `streams` | `CharterChanges`, `ensure_stream`; turns on `dynamodb` | `aws-sdk-dynamodbstreams` without a TLS stack |
//! | `portal` | `Portal`, the crew's own page as an axum router; turns on `links` | `axum` without a server, `askama` |
//! | `mock` | `MockCharterRepository`, `MockCallRepository`, `MockPostman`, `MockCharterChats`, `MockEventRepository`, `MockRosterRepository`, `MockMagicLinks`, for tests that expect a call or a failure | `mockall` |
//! | `contract-tests` | the suites for charters, calls, threads, crew's copies, a roster or links of your own, and for a stream | nothing |
//!
//! With no feature the crate stays light: nothing whose name starts with `aws-`, `google-`,
//! `hyper`, `rustls`, `mockall` or `yup-oauth2` is among its dependencies.
//!
//! # Examples
//!
//! `examples/` of the workspace holds programs that run without an account: `monthly_statement`
//! imports a file of charters, keeps it in memory, in a file or in DynamoDB, and states a month;
//! `charter` moves a booking on and keeps its thread; `call_plan` shows a plan of calls, `call_to_crew`
//! and `dispatcher` call; `add_crew`, `crew` and `crew_portal` keep a crew, its links and its page; `availability_sync` brings a month's
//! tab to it.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod call;
mod calls;
mod cascade;
mod charter;
mod chat;
mod chats;
mod crew;
mod crew_call;
#[cfg(feature = "dynamodb")]
mod dynamo;
mod error;
mod event;
mod events;
mod filter;
mod harbour;
mod import;
#[cfg(feature = "links")]
mod links;
mod money;
mod month;
#[cfg(feature = "portal")]
mod portal;
mod random;
mod repository;
mod roster;
mod scrub;
mod status;
mod sync;
mod tab;
mod version;

pub use call::notice::{Notice, NoticeKind};
pub use call::{Answer, Asked, Call, Outcome, Phase, Sailing, Standing};
#[cfg(feature = "mock")]
pub use calls::MockCallRepository;
#[cfg(feature = "contract-tests")]
pub use calls::contract::call_repository_contract;
pub use calls::{CallRepository, CallStream, CalledCharter, DueStream};
pub use cascade::around::charters_around;
pub use cascade::berth::Berth;
pub use cascade::reason::{Reason, Verdict};
pub use cascade::rules::{CallRules, CallRulesBuilder};
pub use cascade::{CallPlan, NotCalled, Shortage, Wave, plan};
pub use charter::assignment::Assignment;
pub use charter::hours::{DayPart, Hours};
pub use charter::{Charter, CharterBuilder, CharterId, Difference};
pub use chat::{ChatAuthor, ChatMessage, ChatMessageId, ChatText};
#[cfg(feature = "mock")]
pub use chats::MockCharterChats;
#[cfg(feature = "contract-tests")]
pub use chats::contract::charter_chats_contract;
pub use chats::memory::MemoryChats;
pub use chats::{CharterChats, ChatStream};
pub use crew::CrewMember;
pub use crew::availability::{Availability, DayState};
pub use crew::contact::{EmailAddress, PersonName, PhoneNumber};
pub use crew::id::CrewId;
pub use crew::role::{CascadeLevel, Permission, Role, RoleName};
#[cfg(feature = "mock")]
pub use crew_call::MockPostman;
pub use crew_call::{
    Advanced, CrewCall, CrewCallBuilder, Letter, Looked, LookedStream, NoPostman, Pass, Postman,
    Question,
};
#[cfg(feature = "mail")]
pub use crew_call::{CallMail, CallMailBuilder};
#[cfg(feature = "dynamodb")]
pub use dynamo::charters::DynamoCharters;
#[cfg(feature = "dynamodb")]
pub use dynamo::chats::DynamoChats;
#[cfg(all(feature = "embedded", feature = "streams"))]
pub use dynamo::embedded::dynamo_streams_client;
#[cfg(feature = "embedded")]
pub use dynamo::embedded::{EmbeddedEngine, dynamo_client};
#[cfg(feature = "dynamodb")]
pub use dynamo::events::{DynamoEvents, EventKey, EventTable, ScrubStream, ScrubbedRow};
#[cfg(feature = "aws-tls")]
pub use dynamo::https::https_client;
#[cfg(feature = "dynamodb")]
pub use dynamo::keys::CrewTables;
#[cfg(feature = "dynamodb")]
pub use dynamo::links::{DynamoLinks, DynamoLinksBuilder, LegacyLinks};
#[cfg(feature = "dynamodb")]
pub use dynamo::retry::dynamo_retries;
#[cfg(feature = "dynamodb")]
pub use dynamo::roster::{ClaimedContacts, ContactOwners, Contested, DynamoRoster};
#[cfg(all(feature = "streams", feature = "contract-tests"))]
pub use dynamo::streams::contract::charter_changes_contract;
#[cfg(feature = "streams")]
pub use dynamo::streams::{Changes, CharterChanges, CharterChangesBuilder, Gap, Polled};
pub use error::{BoxError, Error, UniqueField};
pub use event::rules::ViewRules;
pub use event::view::{CrewView, CrewViewBuilder};
pub use event::{CharterEvent, EventColumns};
#[cfg(feature = "mock")]
pub use events::MockEventRepository;
#[cfg(feature = "contract-tests")]
pub use events::contract::event_repository_contract;
pub use events::memory::MemoryEvents;
pub use events::publish::{Published, publish_charter, publish_month};
pub use events::{EventRepository, EventStream};
pub use filter::{Attribute, Condition, Filter};
pub use harbour::Harbour;
pub use harbour::quiet_hours::QuietHours;
pub use import::bad_row::{BadRow, Fault};
#[cfg(feature = "import")]
pub use import::crew::read::CrewReading;
pub use import::crew::{CrewImported, CrewRefusal, CrewRow, import_crew};
#[cfg(feature = "import")]
pub use import::read::{Format, Reading};
pub use import::{Conflict, Imported, OnConflict, import};
#[cfg(all(feature = "links", feature = "mock"))]
pub use links::MockMagicLinks;
#[cfg(all(feature = "links", feature = "contract-tests"))]
pub use links::contract::magic_links_contract;
#[cfg(feature = "links")]
pub use links::limit::AttemptLimit;
#[cfg(feature = "links")]
pub use links::memory::MemoryLinks;
#[cfg(feature = "links")]
pub use links::pepper::{Pepper, PepperId, Peppers};
#[cfg(feature = "links")]
pub use links::text::{CompactLength, LinkText};
#[cfg(feature = "links")]
pub use links::url::LinkUrl;
#[cfg(feature = "links")]
pub use links::{
    BrowserNonce, Link, LinkKind, LinkRefusal, LinkSpec, MagicLinks, OpenLink, Peeked, Presented,
    Purpose, SAME_BROWSER, Verified,
};
pub use money::{Currency, Decimal, Money};
pub use month::Month;
#[cfg(feature = "portal")]
pub use portal::limits::PortalLimits;
#[cfg(feature = "portal")]
pub use portal::{Portal, PortalBuilder};
#[cfg(feature = "mock")]
pub use repository::MockCharterRepository;
#[cfg(feature = "contract-tests")]
pub use repository::contract::charter_repository_contract;
pub use repository::memory::MemoryCharters;
pub use repository::{CharterRepository, CharterStream, Reindexed, Unindexed};
#[cfg(feature = "mock")]
pub use roster::MockRosterRepository;
#[cfg(feature = "contract-tests")]
pub use roster::contract::roster_repository_contract;
pub use roster::memory::MemoryRoster;
pub use roster::{CrewStream, RosterRepository};
pub use scrub::rules::ScrubRules;
pub use scrub::{Removed, Scrubbed, ScrubbedText};
pub use status::{Kind, KindWord, Status};
pub use sync::AvailabilitySync;
pub use sync::aliases::Aliases;
pub use sync::report::{
    AbsentMember, AmbiguousPerson, AvailabilitySynced, DayChange, LeftOver, UnknownPerson,
    WhyAmbiguous, WhyUnknown,
};
pub use tab::grid::{DateSystem, TabCell, TabGrid};
pub use tab::words::{TabLayout, TabWords};
pub use tab::{CellAddress, MonthTab, TabPerson, UnreadCell};
pub use version::Version;
