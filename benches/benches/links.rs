//! A magic link issued and verified with the round trip stubbed: everything but the store, which is
//! a map in memory. Beside it the least that can be done: 22 letters from the system's randomness,
//! and one HMAC-SHA-256 with the key prepared.
//!
//! `cargo bench -p jada-benches --features peers --bench links`. What itsdangerous takes for the
//! same on this machine says `python3 benches/python/itsdangerous_links.py`.

#![expect(clippy::unwrap_used, reason = "a bench that fails is to stop")]

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use futures_util::FutureExt;
#[cfg(feature = "peers")]
use jada_benches::PlainLinks;
use jada_benches::crew;
use jada_roster::{
    CrewId, Link, LinkSpec, LinkText, MagicLinks, MemoryLinks, MemoryRoster, Presented, Purpose,
    RosterRepository,
};

fn issue(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("issue");
    let (roster, id) = roster_of_one();
    for (name, spec) in [
        ("jada single-use", LinkSpec::single_use(Purpose::portal())),
        ("jada standing", LinkSpec::standing(Purpose::portal())),
    ] {
        let fresh = || MemoryLinks::new(&roster).unwrap();
        assert!(issued(&fresh(), &id, &spec).text.expose().len() > 22);
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                fresh,
                |links| issued(links, &id, &spec),
                BatchSize::SmallInput,
            );
        });
    }
    #[cfg(feature = "peers")]
    {
        let plain = PlainLinks::new();
        let text = plain.issue().0;
        assert_eq!(plain.digest(&text), plain.digest(&text));
        group.bench_function("by hand", |bencher| bencher.iter(|| plain.issue()));
    }
}

fn verify(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify");
    let (roster, id) = roster_of_one();
    let links = MemoryLinks::new(&roster).unwrap();
    let link = issued(&links, &id, &LinkSpec::standing(Purpose::portal()));
    let text = link.text.expose().to_owned();
    let verified = |text: &str| {
        let presented = Presented::new(LinkText::parse(text).unwrap(), Purpose::portal());
        links.verify(&presented).now_or_never().unwrap().unwrap()
    };
    assert_eq!(verified(&text).crew, id);
    group.bench_function("jada standing", |bencher| bencher.iter(|| verified(&text)));
    #[cfg(feature = "peers")]
    {
        let plain = PlainLinks::new();
        group.bench_function("by hand", |bencher| bencher.iter(|| plain.digest(&text)));
    }
}

fn issued(links: &MemoryLinks, id: &CrewId, spec: &LinkSpec) -> Link {
    links.issue(id, spec).now_or_never().unwrap().unwrap()
}

fn roster_of_one() -> (MemoryRoster, CrewId) {
    let roster = MemoryRoster::new();
    let member = crew(1).remove(0);
    let id = member.id().clone();
    roster.add(&member).now_or_never().unwrap().unwrap();
    (roster, id)
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = issue, verify
}
criterion_main!(benches);
