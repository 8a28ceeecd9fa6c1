//! Who of the crew a person in a tab is: by key, by name, by alias, and never by a guess.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::crew::CrewMember;
use crate::crew::contact::{EmailAddress, PhoneNumber};
use crate::crew::id::CrewId;
use crate::error::Error;
use crate::sync::aliases::{Aliases, spaced};
use crate::sync::report::{AmbiguousPerson, UnknownPerson, WhyAmbiguous, WhyUnknown};
use crate::tab::{CellAddress, TabPerson};

/// The people of a tab and who they are, each in the order of the tab.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    pub(super) members: Vec<(&'a TabPerson, &'a CrewMember)>,
    pub(super) unknown: Vec<UnknownPerson>,
    pub(super) ambiguous: Vec<AmbiguousPerson>,
}

/// A crew by what a tab may name them by.
struct Crew<'a> {
    by_id: HashMap<&'a str, &'a CrewMember>,
    by_email: HashMap<&'a EmailAddress, Vec<&'a CrewMember>>,
    by_phone: HashMap<&'a PhoneNumber, Vec<&'a CrewMember>>,
    by_name: HashMap<String, Vec<&'a CrewMember>>,
    aliases: &'a Aliases,
    unreadable: UnreadableRows,
}

/// The keys of stored rows that cannot be read: any of them may be whom a name means.
#[derive(Default)]
struct UnreadableRows {
    by_name: HashMap<String, Vec<String>>,
    nameless: Vec<String>,
}

/// Why a person of a tab is nobody, or not one.
enum Not {
    Known(WhyUnknown),
    One(WhyAmbiguous),
}

impl<'a> Matching<'a> {
    pub(super) fn of(
        people: &'a [TabPerson],
        crew: &'a [CrewMember],
        aliases: &'a Aliases,
        unreadable: &[Error],
    ) -> Self {
        let crew = Crew { unreadable: UnreadableRows::of(unreadable), ..Crew::of(crew, aliases) };
        let (members, unknown, ambiguous) = (Vec::new(), Vec::new(), Vec::new());
        let mut matching = Self { members, unknown, ambiguous };
        for person in people {
            match crew.member(person) {
                Ok(member) => matching.members.push((person, member)),
                Err(Not::Known(why)) => matching.unknown.push(UnknownPerson::new(person, why)),
                Err(Not::One(why)) => {
                    matching.ambiguous.push(AmbiguousPerson::new(person, vec![person.at()], why));
                }
            }
        }
        matching.refuse_those_who_stand_twice();
        matching
    }

    /// All who stand in the tab, or may.
    pub(super) fn meant(&self) -> HashSet<&CrewId> {
        let members = self.members.iter().map(|(_, member)| member.id());
        let unknown = self.unknown.iter().flat_map(|person| person.why.meant());
        let ambiguous = self.ambiguous.iter().flat_map(|person| person.why.meant());
        members.chain(unknown).chain(ambiguous).collect()
    }

    fn refuse_those_who_stand_twice(&mut self) {
        let mut places: BTreeMap<&CrewId, Vec<CellAddress>> = BTreeMap::new();
        for (person, member) in &self.members {
            places.entry(member.id()).or_default().push(person.at());
        }
        let stands_once = |member: &CrewMember| places[member.id()].len() == 1;
        let (once, often): (Vec<_>, Vec<_>) =
            self.members.drain(..).partition(|(_, member)| stands_once(member));
        self.members = once;
        for (person, member) in often {
            let places = &places[member.id()];
            if places.first() == Some(&person.at()) {
                let why = WhyAmbiguous::StandsOften { crew: member.id().clone() };
                self.ambiguous.push(AmbiguousPerson::new(person, places.clone(), why));
            }
        }
        self.ambiguous.sort_by_key(|ambiguous| ambiguous.places.first().copied());
    }
}

impl<'a> Crew<'a> {
    fn of(crew: &'a [CrewMember], aliases: &'a Aliases) -> Self {
        let mut known = Self {
            by_id: crew.iter().map(|member| (member.id().as_str(), member)).collect(),
            by_email: HashMap::new(),
            by_phone: HashMap::new(),
            by_name: HashMap::new(),
            aliases,
            unreadable: UnreadableRows::default(),
        };
        for member in crew {
            if let Some(email) = member.email() {
                known.by_email.entry(email).or_default().push(member);
            }
            if let Some(phone) = member.phone() {
                known.by_phone.entry(phone).or_default().push(member);
            }
            known.by_name.entry(spaced(member.name().as_str())).or_default().push(member);
        }
        known
    }

    fn member(&self, person: &TabPerson) -> Result<&'a CrewMember, Not> {
        let Some(key) = person.key().map(str::trim).filter(|key| !key.is_empty()) else {
            return self.called(person.name());
        };
        let member = match self.with_key(key).as_slice() {
            [] => {
                return Err(Not::Known(WhyUnknown::Key { named: self.ids_called(person.name()) }));
            }
            [member] => *member,
            several => return Err(Not::One(WhyAmbiguous::Key { crew: ids(several) })),
        };
        let called = self.called(person.name());
        if let Err(Not::One(WhyAmbiguous::Unreadable { crew, .. })) = &called
            && crew.is_empty()
        {
            return called;
        }
        let named = self.ids_called(person.name());
        if named.is_empty() || named.contains(member.id()) {
            return Ok(member);
        }
        Err(Not::One(WhyAmbiguous::KeyAndName { key: member.id().clone(), named }))
    }

    /// Rows of older tools may share an address, and an id may look like one.
    fn with_key(&self, key: &str) -> Vec<&'a CrewMember> {
        let by_id = self.by_id.get(key).copied();
        let by_email = key.parse().ok().and_then(|email: EmailAddress| self.by_email.get(&email));
        let by_phone = key.parse().ok().and_then(|phone: PhoneNumber| self.by_phone.get(&phone));
        let by_contact = by_email.into_iter().chain(by_phone).flatten().copied();
        let mut found: Vec<_> = by_id.into_iter().chain(by_contact).collect();
        found.sort_by_key(|member| member.id());
        found.dedup_by_key(|member| member.id());
        found
    }

    /// Whom a name means, unless a row that cannot be read may be called so.
    fn called(&self, name: &str) -> Result<&'a CrewMember, Not> {
        let name = spaced(name);
        let crew = match self.known_as(&name) {
            Ok(member) => vec![member.id().clone()],
            Err(Not::Known(WhyUnknown::Name)) if self.unreadable.by_name.contains_key(&name) => {
                Vec::new()
            }
            refused => return refused,
        };
        let rows = self.unreadable.called(&name);
        match rows.is_empty() {
            true => self.known_as(&name),
            false => Err(Not::One(WhyAmbiguous::Unreadable { crew, rows })),
        }
    }

    fn known_as(&self, name: &str) -> Result<&'a CrewMember, Not> {
        match self.by_name.get(name).map(Vec::as_slice) {
            Some([member]) => Ok(member),
            Some(several) => Err(Not::One(WhyAmbiguous::Name { crew: ids(several) })),
            None => match self.aliases.crew(name) {
                None => Err(Not::Known(WhyUnknown::Name)),
                Some(id) => {
                    let member = self.by_id.get(id.as_str()).copied();
                    member.ok_or_else(|| Not::Known(WhyUnknown::Alias { crew: id.clone() }))
                }
            },
        }
    }

    /// All whom a name may mean.
    fn ids_called(&self, name: &str) -> Vec<CrewId> {
        match self.called(name) {
            Ok(member) => vec![member.id().clone()],
            Err(Not::One(WhyAmbiguous::Name { crew } | WhyAmbiguous::Unreadable { crew, .. })) => {
                crew
            }
            Err(_) => Vec::new(),
        }
    }
}

impl UnreadableRows {
    fn of(errors: &[Error]) -> Self {
        let mut rows = Self::default();
        for error in errors {
            match error {
                Error::CorruptItem { key, called: Some(name), .. } => {
                    rows.by_name.entry(spaced(name)).or_default().push(key.clone());
                }
                Error::CorruptItem { key, .. } => rows.nameless.push(key.clone()),
                _ => {}
            }
        }
        rows
    }

    /// Those that are called so, and those of which nobody knows what they are called.
    fn called(&self, name: &str) -> Vec<String> {
        let named = self.by_name.get(name).into_iter().flatten();
        named.chain(&self.nameless).cloned().collect()
    }
}

fn ids(members: &[&CrewMember]) -> Vec<CrewId> {
    members.iter().map(|member| member.id().clone()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::crew::contact::PersonName;
    use crate::crew::role::Role;

    pub(in crate::sync) fn member(id: &str, name: &str, number: u8) -> CrewMember {
        CrewMember::new(
            CrewId::new(id).unwrap(),
            PersonName::new(name).unwrap(),
            format!("+155501001{number:02}").parse().unwrap(),
            format!("crew.{number}@example.com").parse().unwrap(),
            Role::Mate,
        )
    }

    pub(in crate::sync) fn ada() -> CrewMember {
        member("c-1", "Ada Marsh", 1)
    }

    /// A person in a row of its own, from row 2 on.
    pub(in crate::sync) fn person(row: u32, key: &str, name: &str) -> TabPerson {
        TabPerson {
            at: CellAddress { row: row - 1, column: 1 },
            key: Some(key.to_owned()).filter(|key| !key.is_empty()),
            name: name.to_owned(),
            days: BTreeMap::new(),
        }
    }

    fn crew() -> Vec<CrewMember> {
        let older = member("c-5", "Edda Strand", 4);
        vec![
            ada(),
            member("c-2", "Bruno Keel", 2),
            member("c-3", "Ann Rivers", 3),
            member("c-4", "Ann Rivers", 4),
            older,
            member("crew.1@example.com", "Finn O'Shoal", 6),
        ]
    }

    fn aliases() -> Aliases {
        let declared = [("Addie", "c-1"), ("Old Hand", "c-9"), ("Bruno Keel", "c-1")];
        declared.into_iter().fold(Aliases::default(), |aliases, (alias, crew)| {
            aliases.with(alias, CrewId::new(crew).unwrap()).unwrap()
        })
    }

    /// Who a person is, or why they are not anybody.
    fn told(key: &str, name: &str) -> String {
        told_beside(key, name, &[])
    }

    /// The same beside rows that cannot be read.
    fn told_beside(key: &str, name: &str, unreadable: &[Error]) -> String {
        let (crew, aliases, people) = (crew(), aliases(), [person(2, key, name)]);
        let Matching { members, unknown, ambiguous } =
            Matching::of(&people, &crew, &aliases, unreadable);
        assert_eq!(members.len() + unknown.len() + ambiguous.len(), 1);
        let members = members.iter().map(|(_, member)| member.id().to_string());
        let unknown = unknown.iter().map(ToString::to_string);
        members.chain(unknown).chain(ambiguous.iter().map(ToString::to_string)).collect()
    }

    #[test]
    fn a_person_is_who_the_key_says_then_the_name_then_an_alias() {
        let cases = [
            ("c-1", "", "c-1"),
            (" c-1\u{a0}", "Addie M.", "c-1"),
            ("c-1", "Ada Marsh", "c-1"),
            ("c-4", "Ann Rivers", "c-4"),
            ("Crew.2@Example.com", "", "c-2"),
            ("+1 (555) 010-0102", "Bruno Keel", "c-2"),
            ("", "Ada Marsh", "c-1"),
            ("", " Ada\u{a0} Marsh\u{2003}", "c-1"),
            ("", "Addie", "c-1"),
            ("", "Bruno Keel", "c-2"),
        ];
        for (key, name, expected) in cases {
            assert_eq!(told(key, name), expected, "{key:?} {name:?}");
        }
    }

    #[test]
    fn whom_nobody_can_tell_is_told_with_the_cell_and_never_guessed() {
        let cases = [
            ("C-1", "", "B2: nobody on the crew has the key `C-1`"),
            (
                "c-99",
                "Ada Marsh",
                "B2: nobody on the crew has the key `c-99`, though `Ada Marsh` is `c-1`",
            ),
            ("nobody@example.com", "", "B2: nobody on the crew has the key `nobody@example.com`"),
            ("", "ada marsh", "B2: nobody on the crew is called `ada marsh`"),
            ("", "Ada  Marshes", "B2: nobody on the crew is called `Ada  Marshes`"),
            ("", "addie", "B2: nobody on the crew is called `addie`"),
            ("", "Old Hand", "B2: `Old Hand` is an alias of `c-9`, who is not on the crew"),
            ("", "Ann Rivers", "B2: `Ann Rivers` is the name of `c-3` and `c-4`"),
            (
                "crew.4@example.com",
                "",
                "B2: the key `crew.4@example.com` is that of `c-4` and `c-5`",
            ),
            (
                "crew.1@example.com",
                "",
                "B2: the key `crew.1@example.com` is that of `c-1` and `crew.1@example.com`",
            ),
            ("c-1", "Bruno Keel", "B2: the key is that of `c-1`, and `Bruno Keel` is `c-2`"),
            (
                "c-1",
                "Ann Rivers",
                "B2: the key is that of `c-1`, and `Ann Rivers` is `c-3` or `c-4`",
            ),
            ("c-2", "Addie", "B2: the key is that of `c-2`, and `Addie` is `c-1`"),
        ];
        for (key, name, expected) in cases {
            assert_eq!(told(key, name), expected, "{key:?} {name:?}");
        }
    }

    fn unreadable(key: &str, called: Option<&str>) -> Error {
        let text = |text: &str| text.to_owned();
        let (table, attribute) = (text("crew-roster"), text("phone"));
        let (key, expected) = (text(key), text("a phone number"));
        Error::CorruptItem { table, key, attribute, expected, called: called.map(Into::into) }
    }

    #[test]
    fn whoever_may_be_a_row_that_cannot_be_read_is_nobody_by_name() {
        let (named, nameless) =
            (unreadable("c-7", Some(" Ada\u{a0} Marsh")), unreadable("c-8", None));
        let new = unreadable("c-9", Some("Zoe Field"));
        let cases: [(&str, &str, &Error, &str); 10] = [
            (
                "",
                "Ada Marsh",
                &named,
                "B2: `Ada Marsh` is `c-1`, or a row that cannot be read: `c-7`",
            ),
            ("", "Bruno Keel", &named, "c-2"),
            ("", "Addie", &named, "c-1"),
            ("c-1", "Ada Marsh", &named, "c-1"),
            (
                "",
                "Bruno Keel",
                &nameless,
                "B2: `Bruno Keel` is `c-2`, or a row that cannot be read: `c-8`",
            ),
            ("", "Addie", &nameless, "B2: `Addie` is `c-1`, or a row that cannot be read: `c-8`"),
            ("c-2", "Bruno Keel", &nameless, "c-2"),
            ("c-2", "", &nameless, "c-2"),
            ("", "Zoe Field", &new, "B2: `Zoe Field` is a row that cannot be read: `c-9`"),
            ("c-2", "Zoe Field", &new, "B2: `Zoe Field` is a row that cannot be read: `c-9`"),
        ];
        for (key, name, row, expected) in cases {
            let told = told_beside(key, name, std::slice::from_ref(row));
            assert_eq!(told, expected, "{key:?} {name:?}");
        }
    }

    #[test]
    fn who_stands_twice_is_refused_once_with_every_place() {
        let (crew, aliases) = (crew(), aliases());
        let people = [
            person(2, "", "Addie"),
            person(3, "c-2", "Bruno Keel"),
            person(4, "", "Ada Marsh"),
            person(5, "", "Ann Rivers"),
            person(9, "c-1", ""),
        ];
        let Matching { members, unknown, ambiguous } = Matching::of(&people, &crew, &aliases, &[]);
        let members: Vec<_> = members.iter().map(|(_, member)| member.id().as_str()).collect();
        assert_eq!((members, unknown.len()), (vec!["c-2"], 0));
        let lines: Vec<_> = ambiguous.iter().map(ToString::to_string).collect();
        let expected = [
            "B2, B4 and B9: `c-1` stands there more than once",
            "B5: `Ann Rivers` is the name of `c-3` and `c-4`",
        ];
        assert_eq!(lines, expected);
    }
}
