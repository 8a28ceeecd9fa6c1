//! A call as text: JSON that a person reads in a console, and back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::notice::{Notice, NoticeKind};
use crate::call::{Asked, Call, Phase, Place, Sailing, Standing};
use crate::crew::id::CrewId;
use crate::crew::role::Role;
use crate::error::Error;
use crate::month::date_from_text;

/// The text of a call.
pub(super) fn text_of(call: &Call) -> Result<String, serde_json::Error> {
    let asked = |asked: &Asked| AskedText {
        crew_id: asked.crew.to_string(),
        berth: asked.berth.to_string(),
        wave: asked.wave,
        at: asked.at,
        until: asked.until,
        standing: asked.standing.as_str().to_owned(),
        since: asked.since,
    };
    let owed = |notice: &Notice| NoticeText {
        kind: notice.kind.as_str().to_owned(),
        to: notice.to.as_ref().map(ToString::to_string),
        berth: notice.berth.as_ref().map(ToString::to_string),
        round: notice.round,
        sequence: notice.sequence,
        sailing: SailingText::of(notice.sailing),
        since: notice.since,
        about: notice.about.as_ref().map(ToString::to_string),
    };
    let place =
        |place: &Place| PlaceText { boat: place.boat.clone(), harbour: place.harbour.clone() };
    serde_json::to_string(&CallText {
        format: FORMAT,
        name: call.name.as_deref().map(str::to_owned),
        round: call.round,
        sailing: SailingText::of(call.sailing),
        phase: call.phase.as_str().to_owned(),
        wave: call.wave,
        due: call.due,
        asked: call.asked.iter().map(asked).collect(),
        vacant: call.vacant.iter().map(ToString::to_string).collect(),
        owed: call.owed.iter().map(owed).collect(),
        sequence: call.sequence,
        unmanned: call.unmanned.iter().map(ToString::to_string).collect(),
        former: call.former.iter().map(ToString::to_string).collect(),
        place: call.place.as_ref().map(place),
        moved: call.moved,
    })
}

/// What stands in the text of a call that an alert may be for, the one or the other: a quote within a
/// text is escaped.
pub(super) fn phrases_of_alerts() -> [String; 2] {
    [format!("\"phase\":\"{}\"", Phase::Exhausted.as_str()), "\"unmanned\":[\"".to_owned()]
}

/// Reads the text of a call.
pub(super) fn call_of(text: &str) -> Result<Call, Error> {
    let wrong = |error: serde_json::Error| {
        Error::invalid("call", text, format!("JSON of a call, format {FORMAT}: {error}"))
    };
    let call: CallText = serde_json::from_str(text).map_err(wrong)?;
    if !(1..=FORMAT).contains(&call.format) {
        let expected = format!("format 1 to {FORMAT}; a newer version of this crate wrote it");
        return Err(Error::invalid("call", &call.format.to_string(), expected));
    }
    let name: Option<Box<str>> = call.name.map(Into::into);
    let owed = call.owed.into_iter().map(|notice| notice.read(name.clone()));
    let vacant = roles(&call.vacant)?;
    let phase = word("phase", &call.phase, &Phase::ALL, Phase::as_str)?;
    // The first format says of the whole call what the second says of each berth.
    let unmanned = match (call.format, phase) {
        (1, Phase::Exhausted) => vacant.clone(),
        _ => roles(&call.unmanned)?,
    };
    Ok(Call {
        round: call.round,
        sailing: call.sailing.read()?,
        phase,
        wave: call.wave,
        asked: call.asked.into_iter().map(AskedText::read).collect::<Result<_, _>>()?,
        vacant,
        due: call.due,
        owed: owed.collect::<Result<_, _>>()?,
        sequence: call.sequence,
        name,
        unmanned,
        former: call.former.iter().map(|id| CrewId::new(id)).collect::<Result<_, _>>()?,
        place: call.place.map(|PlaceText { boat, harbour }| Place { boat, harbour }),
        moved: call.moved,
    })
}

fn roles(names: &[String]) -> Result<Vec<Role>, Error> {
    names.iter().map(|name| name.parse()).collect()
}

#[derive(Serialize, Deserialize)]
struct CallText {
    format: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    round: u32,
    sailing: SailingText,
    phase: String,
    wave: u32,
    #[serde(with = "instant::option")]
    due: Option<Timestamp>,
    asked: Vec<AskedText>,
    vacant: Vec<String>,
    owed: Vec<NoticeText>,
    sequence: u32,
    #[serde(default)]
    unmanned: Vec<String>,
    #[serde(default)]
    former: Vec<String>,
    #[serde(default)]
    place: Option<PlaceText>,
    #[serde(default, with = "instant::option")]
    moved: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct PlaceText {
    boat: String,
    harbour: String,
}

#[derive(Serialize, Deserialize)]
struct SailingText {
    date: String,
    hours: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AskedText {
    crew_id: String,
    berth: String,
    wave: u32,
    #[serde(with = "instant")]
    at: Timestamp,
    #[serde(with = "instant")]
    until: Timestamp,
    standing: String,
    #[serde(with = "instant")]
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct NoticeText {
    kind: String,
    to: Option<String>,
    berth: Option<String>,
    round: u32,
    sequence: u32,
    sailing: SailingText,
    #[serde(with = "instant")]
    since: Timestamp,
    #[serde(default)]
    about: Option<String>,
}

impl SailingText {
    fn of(sailing: Sailing) -> Self {
        Self { date: sailing.date.to_string(), hours: sailing.hours.map(|hours| hours.to_string()) }
    }

    fn read(self) -> Result<Sailing, Error> {
        let hours = self.hours.as_deref().map(str::parse).transpose()?;
        Ok(Sailing { date: date_from_text(&self.date)?, hours })
    }
}

impl AskedText {
    fn read(self) -> Result<Asked, Error> {
        Ok(Asked {
            crew: CrewId::new(&self.crew_id)?,
            berth: self.berth.parse()?,
            wave: self.wave,
            at: self.at,
            until: self.until,
            standing: word("standing", &self.standing, &Standing::ALL, Standing::as_str)?,
            since: self.since,
        })
    }
}

impl NoticeText {
    fn read(self, call: Option<Box<str>>) -> Result<Notice, Error> {
        Ok(Notice {
            call,
            kind: word("notice", &self.kind, &NoticeKind::ALL, NoticeKind::as_str)?,
            to: self.to.as_deref().map(CrewId::new).transpose()?,
            berth: self.berth.as_deref().map(str::parse::<Role>).transpose()?,
            round: self.round,
            sequence: self.sequence,
            sailing: self.sailing.read()?,
            since: self.since,
            about: self.about.as_deref().map(CrewId::new).transpose()?,
        })
    }
}

fn word<T: Copy>(
    what: &'static str,
    found: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, Error> {
    let known = all.iter().find(|word| as_str(**word) == found).copied();
    let words = || all.iter().map(|word| as_str(*word)).collect::<Vec<_>>().join(", ");
    known.ok_or_else(|| Error::invalid(what, found, format!("one of {}", words())))
}

/// Instants as RFC 3339.
mod instant {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    pub(super) mod option {
        use super::{Deserialize, Deserializer, Error, Serializer, Timestamp};

        pub(in super::super) fn serialize<S: Serializer>(
            at: &Option<Timestamp>,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            match at {
                Some(at) => to.collect_str(at),
                None => to.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
            from: D,
        ) -> Result<Option<Timestamp>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}

/// What is written. The first format knew of no berth for which nobody is left, of no boat and of no
/// round before.
const FORMAT: u32 = 2;

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn call() -> Call {
        let now: Timestamp = "2026-05-01T09:00:00.123Z".parse().unwrap();
        let sailing =
            Sailing { date: date(2026, 5, 3), hours: Some("09:00-13:00".parse().unwrap()) };
        let crew = CrewId::new("c-1 \"ü\"").unwrap();
        let berth: Role = "Bosun".parse().unwrap();
        let name: Option<Box<str>> = Some("x7".into());
        Call {
            name: name.clone(),
            round: 2,
            sailing,
            phase: Phase::CalledOff,
            wave: 3,
            asked: vec![Asked {
                crew: crew.clone(),
                berth: berth.clone(),
                wave: 3,
                at: now,
                until: now + jiff::SignedDuration::from_hours(2),
                standing: Standing::Missed,
                since: now,
            }],
            vacant: vec![Role::Mate, "Bosun".parse().unwrap()],
            due: Some(now),
            owed: vec![
                Notice {
                    call: name.clone(),
                    kind: NoticeKind::CalledOff,
                    to: Some(crew.clone()),
                    berth: Some(berth),
                    round: 2,
                    sequence: 9,
                    sailing: Sailing { hours: None, ..sailing },
                    since: now,
                    about: Some(crew.clone()),
                },
                Notice {
                    call: name,
                    kind: NoticeKind::NobodyLeft,
                    to: None,
                    berth: None,
                    round: 2,
                    sequence: 10,
                    sailing,
                    since: now,
                    about: None,
                },
            ],
            sequence: 10,
            unmanned: vec![Role::Mate],
            former: vec![crew],
            place: Some(Place { boat: "Isla".to_owned(), harbour: String::new() }),
            moved: Some(now),
        }
    }

    #[test]
    fn a_call_that_an_alert_is_for_is_found_by_its_text() {
        let phrases = phrases_of_alerts();
        let crew = CrewId::new(&phrases.concat()).unwrap();
        let asked = vec![Asked { crew, ..call().asked[0].clone() }];
        for phase in Phase::ALL {
            for unmanned in [vec![], vec![Role::Mate]] {
                let call = Call { phase, unmanned, asked: asked.clone(), ..call() };
                let text = text_of(&call).unwrap();
                let found = phrases.iter().any(|phrase| text.contains(phrase));
                let is_short = phase == Phase::Exhausted || !call.unmanned.is_empty();
                assert_eq!(found, is_short, "{text}");
                assert!(found || !call.wants_person(Timestamp::MAX), "{text}");
            }
        }
    }

    #[test]
    fn a_call_is_read_as_it_was_written() {
        for call in [call(), Call { due: None, asked: Vec::new(), ..call() }] {
            let text = text_of(&call).unwrap();
            assert_eq!(call_of(&text).unwrap(), call, "{text}");
        }
    }

    /// As it was written before the second format.
    #[test]
    fn a_call_of_the_first_format_is_read() {
        let text = r#"{"format":1,"round":1,"sailing":{"date":"2026-05-03","hours":null},
            "phase":"exhausted","wave":1,"due":null,"asked":[],"vacant":["captain"],
            "owed":[{"kind":"nobody-left","to":null,"berth":null,"round":1,"sequence":1,
            "sailing":{"date":"2026-05-03","hours":null},"since":"2026-05-01T09:00:00Z"}],
            "sequence":1}"#;
        let call = call_of(text).unwrap();
        assert_eq!((call.unmanned, call.place, call.moved), (vec![Role::Captain], None, None));
        assert_eq!((call.former.len(), call.owed[0].about()), (0, None));
    }

    #[test]
    fn a_call_without_a_name_is_read_and_its_mails_keep_their_keys() {
        let text = text_of(&call()).unwrap().replacen("\"name\":\"x7\",", "", 1);
        let nameless = call_of(&text).unwrap();
        assert_eq!(text_of(&nameless).unwrap(), text);
        let id = crate::CharterId::new("C-1").unwrap();
        let keys = |call: &Call| call.owed[1].key(&id);
        assert_eq!(keys(&nameless), "C-1/2/10/nobody-left/operations");
        assert_eq!(keys(&call()), "x7/C-1/2/10/nobody-left/operations");
    }

    #[test]
    fn what_is_no_call_says_what_was_expected() {
        let good = text_of(&call()).unwrap();
        for (from, to, named) in [
            ("\"format\":2", "\"format\":3", "newer version"),
            ("called off", "paused", "calling, filled, exhausted, called off"),
            ("\"missed\"", "\"gone\"", "waiting"),
            ("2026-05-03", "2026-05-33", "2026-05-33"),
            ("09:00-13:00", "9", "09:00-13:00"),
            ("{", "[", "JSON of a call"),
        ] {
            let error = call_of(&good.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
