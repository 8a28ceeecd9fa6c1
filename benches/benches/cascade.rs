//! Planning the calls for a charter: who of 10,000 crew is called, in which order, and why the others
//! are not, for each of 1,000 charters of a fortnight. The target is a millisecond a charter.
//!
//! Beside it, for the first ten charters alone, a script: for each berth it copies everyone, filters
//! and sorts, and it gives neither times nor reasons.
//!
//! `cargo bench -p jada-benches --features peers --bench cascade`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
#[cfg(feature = "peers")]
use jada_benches::plain_cascade;
use jada_benches::{crew, events};
#[cfg(feature = "peers")]
use jada_roster::CrewMember;
use jada_roster::{CallPlan, CallRules, CharterEvent, Harbour, plan};
use jiff::{Timestamp, tz::TimeZone};

fn cascade(criterion: &mut Criterion) {
    let (crew, events, rules) = (crew(10_000), events(1_000), rules());
    let now: Timestamp = "2026-05-29T13:00:00Z".parse().unwrap();
    let plan_of = |event, others| plan(event, &crew, others, &rules, now);
    let days: Vec<_> = events.chunk_by(|one, next| one.date() == next.date()).collect();
    let called: usize =
        of_each(&days).map(|(event, day)| assert_planned(&plan_of(event, day))).sum();
    assert!((2_000..6_000).contains(&(called / events.len())), "{called}");

    let mut group = criterion.benchmark_group("cascade of 10,000 crew");
    group.sample_size(10);
    for count in [10, events.len()] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::new("jada", count), |bencher| {
            let plan_all = || {
                of_each(&days)
                    .take(count)
                    .map(|(event, day)| plan_of(event, day).waves().len())
                    .sum::<usize>()
            };
            bencher.iter(plan_all);
        });
    }
    #[cfg(feature = "peers")]
    {
        for (event, day) in of_each(&days).take(10) {
            assert_alike(&plan_of(event, day), &plain_cascade(event, &crew, day));
        }
        group.throughput(Throughput::Elements(10));
        group.bench_function(BenchmarkId::new("script", 10), |bencher| {
            let plan_all = || {
                of_each(&days)
                    .take(10)
                    .map(|(event, day)| plain_cascade(event, &crew, day).len())
                    .sum::<usize>()
            };
            bencher.iter(plan_all);
        });
    }
}

/// Each charter, and those of its day.
fn of_each<'a>(
    days: &'a [&'a [CharterEvent]],
) -> impl Iterator<Item = (&'a CharterEvent, &'a [CharterEvent])> {
    days.iter().flat_map(|day| day.iter().map(|event| (event, *day)))
}

/// How many are called; nobody is left out.
fn assert_planned(plan: &CallPlan<'_>) -> usize {
    let called = plan.waves().iter().map(|wave| wave.members.len()).sum();
    assert_eq!(called + plan.not_called().len(), 10_000);
    assert!(plan.shortages().is_empty());
    called
}

#[cfg(feature = "peers")]
fn assert_alike(plan: &CallPlan<'_>, waves: &[Vec<CrewMember>]) {
    let ids =
        |members: Vec<&CrewMember>| members.into_iter().map(|m| m.id().clone()).collect::<Vec<_>>();
    let ours: Vec<_> = plan.waves().iter().map(|wave| ids(wave.members.clone())).collect();
    let theirs: Vec<_> = waves.iter().map(|wave| ids(wave.iter().collect())).collect();
    assert_eq!(ours, theirs);
}

fn rules() -> CallRules {
    let zone = TimeZone::get("America/New_York").unwrap();
    let berths = ["captain", "mate", "2*crew"].map(|berth| berth.parse().unwrap());
    CallRules::builder(Harbour::new("Pier 2", zone)).berths(berths).build().unwrap()
}

criterion_group!(benches, cascade);
criterion_main!(benches);
