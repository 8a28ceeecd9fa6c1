//! What the examples share: how they end, where they keep things, and how they show progress.
//!
//! Anything that a service would want for itself is in the crates, not here.

mod account;
mod addresses;
mod alerting;
mod answering;
mod availability;
mod availability_shown;
mod booking_change;
mod booking_queue;
mod booking_source;
mod bookings;
mod browser;
mod calling;
mod calling_crew;
mod calling_crew_shown;
mod calling_from;
mod calling_shown;
mod charter_desk;
mod charter_shown;
mod composing;
mod crew;
mod crew_import;
mod crew_links;
mod crew_shown;
mod dispatched;
mod dispatching;
mod draining;
mod event;
mod event_shown;
mod events;
mod exit;
mod following;
mod google_address;
mod kept_columns;
mod keys;
mod mailbox;
mod mailed;
mod mailing;
mod output;
mod portal;
mod progress;
mod publishing;
mod pushing;
mod secrets;
mod signals;
mod stdin;
mod store;
mod syncing;
mod unfilled;
mod verifying;
mod watching;
mod year;

pub use addresses::sender_and_recipients;
pub use answering::AskLink;
pub use availability::{AvailabilityArgs, AvailabilityOffice};
pub use availability_shown::{AvailabilityCounts, AvailabilitySummary};
pub use booking_change::BookingChange;
pub use booking_queue::{Brought, Drainer, booking_queue, check_queue};
pub use booking_source::{BookingsArgs, BookingsToSync, OtherBookings};
pub use bookings::{BookingTrouble, Bookings, MailNote};
pub use browser::open_browser;
pub use calling::CallArgs;
pub use calling_crew::{CallDesk, CallDeskArgs};
pub use calling_crew_shown::{CallShown, check_call};
pub use calling_from::{CallStores, ReadCrew};
pub use calling_shown::CallSheet;
pub use charter_desk::{CharterArgs, CharterDesk, MessageArgs, berth};
pub use charter_shown::{CharterPage, MessageLine};
pub use composing::MailArgs;
pub use crew::{Crew, CrewArgs, PlainLinksArgs, PortalArgs};
pub use crew_import::{CrewImportArgs, CrewSummary};
pub use crew_links::duration;
pub use crew_shown::{CrewDone, MemberLine, MemberPage, NewLink};
pub use dispatched::Dispatched;
pub use dispatching::{Dispatching, DispatchingArgs};
pub use event::Slot;
pub use event_shown::{EventShown, PublishedShown, RowShown, RowsShown, Values};
pub use events::{EventStores, Scrubbing};
pub use exit::{Log, one_line, run, run_logged};
pub use google_address::{folder_id, spreadsheet_id};
pub use keys::{HashesArgs, NoKeyHere};
pub use mailbox::{BUNDLED_MAILS, FoundMail, MailboxArgs};
pub use mailed::Mailed;
pub use mailing::{OutboxArgs, Via, ViaArgs};
pub use output::{print, print_bytes, warn};
pub use portal::{ListenArgs, PortalStores, serve};
pub use progress::Progress;
pub use publishing::PublishingArgs;
pub use pushing::{ChangesArgs, PushArgs, Pushed};
pub use secrets::SecretsArgs;
pub use signals::{Stopped, unless_stopped};
pub use stdin::secret_from_stdin;
pub use store::{Store, StoreArgs};
pub use syncing::{Synced, SyncedTab, TabArgs};
pub use verifying::VerifyArgs;
pub use watching::{DispatchArgs, WatchArgs};
pub use year::{StyleArgs, YearArgs, state};

/// A fictional year of charters, so that every example runs without an account.
pub const CHARTERS: &str = include_str!("../data/charters-2026.csv");

/// A fictional crew.
pub const CREW: &str = include_str!("../data/crew.csv");

/// A month of that crew's availability, as an office's sheet is exported.
pub const AVAILABILITY: &str = include_str!("../data/availability-2026-05.csv");

/// The rules by which that year's revenue is stated.
pub const RULES: &str = include_str!("../data/rules.toml");
