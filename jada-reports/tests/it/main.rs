//! Statements: their properties, their renderings, and what is published; jobs that are watched.

#![expect(clippy::unwrap_used, reason = "a failed expectation is the verdict")]

mod bulk;
mod desk;
mod drive;
mod eighteen_hours;
mod google;
mod prefilter;
mod properties;
mod publication;
mod publishing;
mod queue;
mod renderings;
mod sample;
mod schedule;
mod scrub;
mod sheets;
mod statement;
mod style;
mod watch;
mod year;
