//! Whether the time of verifying tells where a wrong key differs, or which hash matched.
//!
//! Two classes of the same work are timed in random order, and Welch's t says whether their means
//! differ. Each sample has a subject of its own, since where one lies in memory has its price. The
//! slowest tenth is cropped, which holds what the machine's other work costs. A difference that is
//! there shows in each repetition, and one that chance or load makes does not, so the smallest |t|
//! counts. That the same statistic finds a leak is shown beside each claim.

use std::{array, hint::black_box, time::Instant};

use jada_auth::{ServiceKey, ServiceKeyHash, ServiceKeys};

use super::HEADER;

#[test]
fn time_does_not_tell_where_a_wrong_key_differs() {
    let (key, hashes) = key_and_wrong_hashes();
    let keys = |class: usize| keys([&hashes[class]]);
    let t = least_t(keys, |keys| {
        assert!(black_box(keys.verify_text(key.expose())).is_err());
    });
    assert!(t < SUSPICIOUS, "|t| = {t}");
}

#[test]
fn the_statistic_finds_a_comparison_that_ends_at_the_first_difference() {
    let (key, hashes) = key_and_wrong_hashes();
    let right = digest(&key.hash());
    let t = least_t(
        |class| (keys([&hashes[class]]), digest(&hashes[class])),
        |(keys, stored)| {
            assert!(black_box(keys.verify_text(key.expose())).is_err());
            assert!(!leaky_eq(stored, &right));
        },
    );
    assert!(t > SUSPICIOUS, "|t| = {t}");
}

#[test]
fn time_does_not_tell_which_of_two_hashes_matched() {
    let (key, pairs) = key_and_pairs();
    let t = least_t(
        |class| (class, keys([&pairs[class][0], &pairs[class][1]])),
        |(class, keys)| {
            let verified = black_box(keys.verify_text(key.expose()));
            assert_eq!(verified.unwrap().index(), *class);
        },
    );
    assert!(t < SUSPICIOUS, "|t| = {t}");
}

#[test]
fn the_statistic_finds_a_verification_that_ends_at_the_first_match() {
    let (key, pairs) = key_and_pairs();
    let t = least_t(
        |class| pairs[class].each_ref().map(|hash| keys([hash])),
        |[first, second]| {
            let verified = first.verify_text(key.expose());
            let verified = verified.or_else(|_| second.verify_text(key.expose()));
            assert!(black_box(verified).is_ok());
        },
    );
    assert!(t > SUSPICIOUS, "|t| = {t}");
}

/// A key, and two hashes that differ from its own in the first byte and in the last.
fn key_and_wrong_hashes() -> (ServiceKey, [ServiceKeyHash; 2]) {
    let key = ServiceKey::generate().unwrap();
    let right = digest(&key.hash());
    let hashes = [0, 31].map(|place| {
        let mut wrong = right;
        wrong[place] ^= 1;
        let hex = wrong.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!("sha256:{hex}").parse().unwrap()
    });
    (key, hashes)
}

/// A key, and its hash before another's and after it.
fn key_and_pairs() -> (ServiceKey, [[ServiceKeyHash; 2]; 2]) {
    let [key, other] = [0; 2].map(|_| ServiceKey::generate().unwrap());
    let pairs = [[key.hash(), other.hash()], [other.hash(), key.hash()]];
    (key, pairs)
}

fn keys<const COUNT: usize>(hashes: [&ServiceKeyHash; COUNT]) -> ServiceKeys {
    ServiceKeys::new(HEADER, hashes.map(Clone::clone)).unwrap()
}

fn digest(hash: &ServiceKeyHash) -> [u8; 32] {
    let text = hash.to_string();
    let byte = |at: usize| u8::from_str_radix(&text[7 + 2 * at..][..2], 16).unwrap();
    array::from_fn(byte)
}

/// How it must not be done.
fn leaky_eq(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).all(|(a, b)| black_box(a) == black_box(b))
}

/// The smallest |t| of some repetitions; the first that is beyond suspicion ends them.
fn least_t<T>(subject: impl Fn(usize) -> T, work: impl Fn(&T)) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..REPETITIONS {
        least = least.min(welch_t(&cropped(time(&subject, &work))));
        if least < SUSPICIOUS {
            break;
        }
    }
    least
}

/// What each sample of the two classes took, in nanoseconds.
fn time<T>(subject: &impl Fn(usize) -> T, work: &impl Fn(&T)) -> [Vec<f64>; 2] {
    let mut times = [Vec::new(), Vec::new()];
    while times.iter().any(|class| class.len() < SAMPLES) {
        let class = fastrand::usize(..2);
        let subject = black_box(subject(class));
        let started = Instant::now();
        work(&subject);
        times[class].push(started.elapsed().as_nanos() as f64);
    }
    times
}

/// Both classes up to the same limit.
fn cropped(times: [Vec<f64>; 2]) -> [Vec<f64>; 2] {
    let mut all = times.concat();
    all.sort_unstable_by(f64::total_cmp);
    let limit = all[all.len() * 9 / 10];
    times.map(|class| class.into_iter().filter(|&time| time <= limit).collect())
}

fn welch_t(times: &[Vec<f64>; 2]) -> f64 {
    let [(mean, error), (other_mean, other_error)] = times.each_ref().map(|class| {
        let count = class.len() as f64;
        let mean = class.iter().sum::<f64>() / count;
        let squares = class.iter().map(|time| (time - mean).powi(2)).sum::<f64>();
        (mean, squares / (count - 1.0) / count)
    });
    (mean - other_mean).abs() / (error + other_error).sqrt()
}

/// The usual limit of leakage tests: of two equal classes one in 150,000 is beyond it.
const SUSPICIOUS: f64 = 4.5;
const REPETITIONS: usize = 5;
const SAMPLES: usize = 10_000;
