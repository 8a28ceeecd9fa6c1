//! How workers share shards: whose lease has lapsed, and which ones a worker takes.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::dynamo::streams::lease_row::{Checkpoint, Lease};
use crate::dynamo::streams::source::Shard;

/// Since when each lease has stood as it is, by this worker's own monotonic clock: the clocks of two
/// hosts are never compared.
#[derive(Debug, Default)]
pub(super) struct Watch(HashMap<String, (u64, Instant)>);

/// Who would like which leases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sharing<'s, 'a> {
    pub(super) shards: &'s [Shard],
    pub(super) leases: &'a BTreeMap<String, Lease>,
    pub(super) watch: &'a Watch,
    pub(super) me: &'a str,
    pub(super) now: Instant,
    pub(super) life: Duration,
}

impl Watch {
    /// Looks at all leases; those that are gone are forgotten.
    pub(super) fn look(&mut self, leases: &BTreeMap<String, Lease>, now: Instant) {
        self.0.retain(|shard, _| leases.contains_key(shard));
        for (shard, lease) in leases {
            let seen = self.0.entry(shard.clone()).or_insert((lease.counter, now));
            if seen.0 != lease.counter {
                *seen = (lease.counter, now);
            }
        }
    }

    fn has_lapsed(&self, shard: &str, now: Instant, life: Duration) -> bool {
        self.0.get(shard).is_some_and(|(_, since)| now.saturating_duration_since(*since) >= life)
    }
}

impl<'s, 'a> Sharing<'s, 'a> {
    /// The shards to take: all that nobody reads; where there is none, one of a worker who has at
    /// least two more than we have, of those who have most.
    pub(super) fn to_take(self) -> Vec<&'s Shard> {
        let readable = self.shards.iter().filter(|shard| self.is_readable(shard));
        let (mut free, mut taken) = (Vec::new(), BTreeMap::<&str, Vec<&'s Shard>>::new());
        for shard in readable {
            match self.reader(shard) {
                Some(reader) => taken.entry(reader).or_default().push(shard),
                None => free.push(shard),
            }
        }
        if !free.is_empty() {
            return free;
        }
        let ours = taken.get(self.me).map_or(0, Vec::len);
        let most = taken.values().max_by_key(|shards| shards.len());
        most.filter(|most| most.len() >= ours + 2).map(|most| vec![most[0]]).unwrap_or_default()
    }

    /// What a shard holds comes after all that its parent holds.
    fn is_readable(self, shard: &'s Shard) -> bool {
        let has_ended =
            |id: &str| self.leases.get(id).is_some_and(|lease| lease.checkpoint == Checkpoint::End);
        let is_kept = |id: &str| self.shards.iter().any(|shard| shard.id == id);
        let waits = shard.parent.as_deref().is_some_and(|id| is_kept(id) && !has_ended(id));
        !waits && !has_ended(&shard.id)
    }

    fn reader(self, shard: &Shard) -> Option<&'a str> {
        let owner = self.leases.get(&shard.id)?.owner.as_deref()?;
        (!self.watch.has_lapsed(&shard.id, self.now, self.life)).then_some(owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(20);

    struct World {
        shards: Vec<Shard>,
        leases: BTreeMap<String, Lease>,
        watch: Watch,
        now: Instant,
    }

    impl World {
        /// Shards, who reads each, and whether it was read to its end.
        fn of(shards: &[(&str, Option<&str>)]) -> Self {
            let lease = |owner: &str| Lease {
                owner: (!owner.is_empty()).then(|| owner.to_owned()),
                counter: 1,
                checkpoint: Checkpoint::Start,
                renewed_at: 0,
                read_at: 0,
            };
            let leases = shards.iter().filter_map(|(id, owner)| Some((*id, (*owner)?)));
            let shard = |id: &str| Shard { id: id.to_owned(), parent: None };
            let mut world = Self {
                shards: shards.iter().map(|(id, _)| shard(id)).collect(),
                leases: leases.map(|(id, owner)| (id.to_owned(), lease(owner))).collect(),
                watch: Watch::default(),
                now: Instant::now(),
            };
            world.watch.look(&world.leases, world.now);
            world
        }

        fn later(&mut self, by: Duration) {
            self.now += by;
            self.watch.look(&self.leases, self.now);
        }

        fn taken_by(&self, me: &str) -> Vec<&str> {
            let Self { shards, leases, watch, now } = self;
            let sharing = Sharing { shards, leases, watch, me, now: *now, life: LIFE };
            sharing.to_take().iter().map(|shard| shard.id.as_str()).collect()
        }
    }

    #[test]
    fn what_nobody_reads_is_taken() {
        let world = World::of(&[("s1", None), ("s2", Some("")), ("s3", Some("ada"))]);
        assert_eq!(world.taken_by("bo"), ["s1", "s2"]);
    }

    #[test]
    fn a_lease_lapses_by_the_clock_of_whoever_watches_it() {
        let mut world = World::of(&[("s1", Some("ada"))]);
        world.later(LIFE - Duration::from_secs(1));
        assert!(world.taken_by("bo").is_empty());
        world.later(Duration::from_secs(1));
        assert_eq!(world.taken_by("bo"), ["s1"]);

        world.leases.get_mut("s1").unwrap().counter += 1;
        world.later(Duration::ZERO);
        assert!(world.taken_by("bo").is_empty(), "it was renewed");
        world.later(LIFE);
        assert_eq!(world.taken_by("bo"), ["s1"]);
    }

    #[test]
    fn one_shard_is_taken_from_whoever_has_two_more() {
        let ada = Some("ada");
        let world = World::of(&[("s1", ada), ("s2", ada), ("s3", ada), ("s4", Some("cy"))]);
        assert_eq!(world.taken_by("bo"), ["s1"]);
        assert_eq!(world.taken_by("cy"), ["s1"]);
        assert!(world.taken_by("ada").is_empty());
        let even = World::of(&[("s1", ada), ("s2", ada), ("s3", Some("cy"))]);
        assert!(even.taken_by("cy").is_empty(), "one more is no reason to move it to and fro");
        assert_eq!(even.taken_by("bo"), ["s1"]);
        let lone = World::of(&[("s1", ada)]);
        assert!(lone.taken_by("bo").is_empty());
    }

    #[test]
    fn a_child_waits_for_the_end_of_its_parent() {
        let mut world = World::of(&[("s1", Some("ada")), ("s2", None), ("s3", None)]);
        world.shards[1].parent = Some("s1".to_owned());
        world.shards[2].parent = Some("gone".to_owned());
        assert_eq!(world.taken_by("bo"), ["s3"]);
        let parent = world.leases.get_mut("s1").unwrap();
        (parent.owner, parent.checkpoint) = (None, Checkpoint::End);
        assert_eq!(world.taken_by("bo"), ["s2", "s3"]);
    }
}
