//! Who is asked before whom, and that nobody is left out who could have come for sure.

use super::*;

impl Promises {
    /// Whoever could come for sure, and is called before this member, was asked by then, or the berth
    /// was filled. So nobody is skipped either.
    pub(super) fn captains_and_levels_come_first(&self, world: &World, call: &Call, mail: &Mail) {
        let place = |crew: &CrewId| {
            let sailor = &world.crew[crew];
            let berth = world.berths.iter().position(|berth| berth.takes(&sailor.role));
            berth.map(|berth| (berth, sailor.level))
        };
        let (berth, level) = place(mail.to.as_ref().unwrap()).unwrap();
        assert_eq!(world.berths[berth].role(), mail.berth.as_ref().unwrap(), "{mail:?}");
        let mails = self.of_charter.get(&mail.charter).map(Vec::as_slice).unwrap_or_default();
        for crew in world.crew.keys() {
            let Some(theirs) = place(crew).filter(|theirs| *theirs < (berth, level)) else {
                continue;
            };
            let mut asked = call.asked().iter();
            // One who is asked again stands there as of then.
            let was_asked = asked.any(|asked| asked.crew() == crew && asked.at() <= mail.since)
                || mails.iter().any(|ask| {
                    let is_theirs = ask.kind == NoticeKind::Ask && ask.to.as_ref() == Some(crew);
                    is_theirs && ask.round == mail.round && ask.since <= mail.since
                });
            let filled =
                theirs.0 < berth && self.may_be_filled(world, mail, &world.berths[theirs.0]);
            let sailing = (mail.date, mail.since);
            let could_come = self.could_come_for_sure(world, &mail.charter, sailing, crew);
            let excused = was_asked || filled || !could_come;
            assert!(excused, "{crew} was to be asked before {mail:?}: {:?}", world.crew[crew]);
        }
    }

    /// Whoever could come for sure to a berth that was free was asked by then, but for quiet hours in
    /// which there was no time left.
    pub(super) fn nobody_was_left(&self, world: &World, call: &Call, mail: &Mail) {
        let berths = world.berths.iter().filter(|berth| Some(berth.role()) == mail.berth.as_ref());
        for berth in berths {
            let is_excused = has_cast_off(world, mail) || self.is_last_call_at_night(world, mail);
            if self.may_be_filled(world, mail, berth) || is_excused {
                continue;
            }
            for (crew, _) in world.crew.iter().filter(|(_, sailor)| berth.takes(&sailor.role)) {
                let mut asked = call.asked().iter();
                let was_asked = asked.any(|asked| asked.crew() == crew && asked.at() <= mail.since);
                let sailing = (mail.date, mail.since);
                let could_come = self.could_come_for_sure(world, &mail.charter, sailing, crew);
                assert!(was_asked || !could_come, "{crew} was left: {mail:?}\n{call:#?}");
            }
        }
    }

    pub(super) fn is_last_call_at_night(&self, world: &World, mail: &Mail) -> bool {
        is_quiet(mail.since) && self.is_last_call(world, &mail.charter, mail.since)
    }

    /// Whether enough may have a berth when a mail came to be owed: by a yes, or by hand.
    pub(super) fn may_be_filled(&self, world: &World, mail: &Mail, berth: &Berth) -> bool {
        let words = self.words_of(&mail.charter, mail.since);
        let said_yes = words.filter(|word| word.answer == Answer::Accept);
        let by_hand = &world.bookings[&mail.charter].by_hand;
        let aboard = said_yes.map(|yes| &yes.crew).chain(by_hand);
        let aboard: BTreeSet<_> =
            aboard.filter(|crew| berth.takes(&world.crew[*crew].role)).collect();
        aboard.len() >= usize::from(berth.places().get())
    }

    /// Free by what they had said for a while, and on no other charter of those days.
    pub(super) fn could_come_for_sure(
        &self,
        world: &World,
        id: &CharterId,
        (day, at): (Date, Timestamp),
        crew: &CrewId,
    ) -> bool {
        let (from, to) = (at - HOURS_6, at + HOURS_6);
        let (booking, sailor) = (&world.bookings[id], &world.crew[crew]);
        let Some(state) = booking.about(at).find(|state| state.date == day) else { return false };
        state.suits(sailor.said(day, at))
            && booking.at(from).hours == booking.at(to).hours
            && !sailor.changed_between(day, from, to)
            && !self.may_be_away(world, crew, day, to)
    }

    /// Whether by then they were ever put aboard by hand, or have begun to say yes to a charter that
    /// once was of a day near by.
    pub(super) fn may_be_away(
        &self,
        world: &World,
        crew: &CrewId,
        day: Date,
        by: Timestamp,
    ) -> bool {
        let near = |id: &CharterId| {
            let states = &world.bookings[id].states;
            states.iter().any(|(_, other)| (other.date - day).get_days().abs() <= 1)
        };
        let mut yeses = self.yeses.get(crew).into_iter().flatten().filter(|(at, _)| *at <= by);
        world.by_hand.contains(crew) || yeses.any(|(_, charter)| near(charter))
    }
}
