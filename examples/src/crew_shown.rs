//! The crew on stdout: a table or a page for a person, JSON for a program.

use std::{fmt, time::Duration};

use jada_auth::Secret;
use jada_roster::{ContactOwners, CrewMember, OpenLink, Pepper, PepperId, Peppers, Purpose};
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// One member, as a line of a table.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MemberLine {
    crew_id: String,
    name: String,
    role: String,
    cascade_level: u8,
    phone: Option<String>,
    email: Option<String>,
    version: u64,
}

/// One member, with all that is known of them.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MemberPage {
    #[serde(flatten)]
    member: MemberLine,
    availability: Map<String, Value>,
    phone_claimed_by: Option<String>,
    email_claimed_by: Option<String>,
    links: Vec<LinkLine>,
}

#[derive(Clone, Debug, Serialize)]
struct LinkLine {
    purpose: String,
    kind: &'static str,
    issued_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

/// A link that was made just now. Its text is shown this once.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct NewLink {
    #[serde(flatten)]
    member: MemberLine,
    purpose: String,
    #[serde(serialize_with = "exposed")]
    link: Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_until: Option<Timestamp>,
}

/// What was done, where that is soon said.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CrewDone {
    /// Links were taken back.
    Revoked {
        /// Whose.
        crew_id: String,
        /// What for; none for all purposes.
        purpose: Option<String>,
        /// How many, with sessions.
        revoked: usize,
    },
    /// A member is gone, with what they claimed and their links.
    Removed {
        /// Who.
        removed: MemberLine,
    },
    /// Links are made under another pepper from now on.
    Peppers {
        /// Its name, a letter.
        pepper: String,
        /// What tells it from others of that name.
        fingerprint: String,
        /// The names of those before it, whose links still open.
        older: Vec<String>,
        /// The names of those that were lost, whose links were given up.
        lost: Vec<String>,
    },
}

impl MemberLine {
    /// The names of the columns.
    #[must_use]
    pub fn header() -> String {
        columns("name", "role", &"level", "phone", "e-mail", "id")
    }
}

impl From<&CrewMember> for MemberLine {
    fn from(member: &CrewMember) -> Self {
        Self {
            crew_id: member.id().to_string(),
            name: member.name().to_string(),
            role: member.role().to_string(),
            cascade_level: member.cascade_level().number(),
            phone: member.phone().map(ToString::to_string),
            email: member.email().map(ToString::to_string),
            version: member.version().number(),
        }
    }
}

impl fmt::Display for MemberLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { crew_id, name, role, cascade_level, phone, email, .. } = self;
        let (phone, email) = (phone.as_deref().unwrap_or("-"), email.as_deref().unwrap_or("-"));
        f.write_str(&columns(name, role, cascade_level, phone, email, crew_id))
    }
}

impl MemberPage {
    /// A member, who has claimed what reaches them, and their links.
    #[must_use]
    pub fn new(member: &CrewMember, owners: &ContactOwners, links: &[OpenLink]) -> Self {
        let days = member.availability().days();
        Self {
            member: MemberLine::from(member),
            availability: days
                .map(|(day, state)| (day.to_string(), state.as_str().into()))
                .collect(),
            phone_claimed_by: owners.phone.as_ref().map(ToString::to_string),
            email_claimed_by: owners.email.as_ref().map(ToString::to_string),
            links: links.iter().map(LinkLine::from).collect(),
        }
    }

    /// What is said beside a phone number or an e-mail address.
    fn claim(&self, contact: Option<&String>, owner: Option<&String>) -> String {
        match (contact, owner) {
            (None, _) => "none".to_owned(),
            (Some(contact), Some(owner)) if *owner == self.member.crew_id => contact.clone(),
            (Some(contact), Some(owner)) => format!("{contact} (claimed by `{owner}`)"),
            (Some(contact), None) => format!("{contact} (not claimed; `crew import` claims it)"),
        }
    }
}

impl fmt::Display for MemberPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemberLine { crew_id, name, role, cascade_level, phone, email, .. } = &self.member;
        writeln!(f, "{name}")?;
        writeln!(f, "  id      {crew_id}")?;
        writeln!(f, "  role    {role}, called at level {cascade_level}")?;
        writeln!(f, "  phone   {}", self.claim(phone.as_ref(), self.phone_claimed_by.as_ref()))?;
        write!(f, "  e-mail  {}", self.claim(email.as_ref(), self.email_claimed_by.as_ref()))?;
        write_list(
            f,
            "days",
            self.availability
                .iter()
                .map(|(day, state)| format!("{day} {}", state.as_str().unwrap_or_default())),
        )?;
        write_list(f, "links", self.links.iter().map(ToString::to_string))
    }
}

impl From<&OpenLink> for LinkLine {
    fn from(link: &OpenLink) -> Self {
        let OpenLink { purpose, kind, issued_at, expires_at, .. } = link;
        let (purpose, kind) = (purpose.to_string(), kind.as_str());
        Self { purpose, kind, issued_at: *issued_at, expires_at: *expires_at }
    }
}

impl fmt::Display for LinkLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for `{}`", self.kind, self.purpose)?;
        match (self.issued_at, self.expires_at) {
            (Some(issued), _) => write!(f, ", issued {issued:.0}")?,
            (None, Some(_)) => f.write_str(", replaced")?,
            (None, None) => f.write_str(", of an older tool")?,
        }
        self.expires_at.map_or(Ok(()), |expires| write!(f, ", opens until {expires:.0}"))
    }
}

impl NewLink {
    /// A link to show.
    #[must_use]
    pub fn new(member: &CrewMember, purpose: &Purpose, link: Secret) -> Self {
        let purpose = purpose.to_string();
        Self { member: MemberLine::from(member), purpose, link, replaced_until: None }
    }

    /// The same where a link that it may replace opens for so long.
    #[must_use]
    pub fn in_grace(mut self, grace: Duration) -> Self {
        let until = Timestamp::now().checked_add(grace).unwrap_or(Timestamp::MAX);
        self.replaced_until = (!grace.is_zero()).then_some(until);
        self
    }
}

impl fmt::Display for NewLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MemberLine { crew_id, name, role, cascade_level, .. } = &self.member;
        writeln!(f, "{name}, {role}, called at level {cascade_level}")?;
        writeln!(f, "id    {crew_id}")?;
        writeln!(f, "link  {}", self.link.expose())?;
        write!(f, "      for {name} alone; it is not shown again")?;
        let until = self.replaced_until;
        until.map_or(Ok(()), |until| write!(f, ", and the one before it opens until {until:.0}"))
    }
}

impl CrewDone {
    /// What is left to say when there is a new pepper.
    #[must_use]
    pub fn peppers_rotated(peppers: &Peppers) -> Self {
        Self::peppers_lost(&[], peppers)
    }

    /// The same when some were lost.
    #[must_use]
    pub fn peppers_lost(lost: &[PepperId], peppers: &Peppers) -> Self {
        let names =
            |ids: &mut dyn Iterator<Item = PepperId>| ids.map(|id| id.to_string()).collect();
        let (current, fingerprint) = (peppers.current().id(), peppers.current().fingerprint());
        let mut older = peppers.iter().map(Pepper::id).filter(|id| *id != current);
        Self::Peppers {
            pepper: current.to_string(),
            fingerprint,
            older: names(&mut older),
            lost: names(&mut lost.iter().copied()),
        }
    }
}

impl fmt::Display for CrewDone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked { crew_id, purpose, revoked: 0 } => {
                write!(f, "`{crew_id}` has no link")?;
                purpose.as_ref().map_or(Ok(()), |purpose| write!(f, " for `{purpose}`"))?;
                f.write_str(" and no session; nothing was taken back")
            }
            Self::Revoked { crew_id, revoked, .. } => {
                write!(f, "links and sessions of `{crew_id}` that were taken back: {revoked}")
            }
            Self::Removed { removed } => {
                write!(f, "removed `{}`, {}, with their links", removed.crew_id, removed.name)
            }
            Self::Peppers { pepper, fingerprint, older, lost } => {
                write!(f, "links are made under pepper {pepper} ({fingerprint}) from now on")?;
                if !older.is_empty() {
                    write!(f, "; those under {} still open", older.join(", "))?;
                }
                if !lost.is_empty() {
                    write!(
                        f,
                        "; those under {}, which are lost, open nothing any more",
                        lost.join(", ")
                    )?;
                    return f.write_str(
                        ", though `crew show` has them until `crew rotate-link ID` makes a member's anew",
                    );
                }
                f.write_str("; what verifies links takes it when it is started again")
            }
        }
    }
}

/// A line of the table; what is longer than its column moves the rest.
fn columns(
    name: &str,
    role: &str,
    level: &dyn fmt::Display,
    phone: &str,
    email: &str,
    id: &str,
) -> String {
    format!("{name:24}  {role:10}  {level:>5}  {phone:16}  {email:32}  {id}")
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    lines: impl Iterator<Item = String>,
) -> fmt::Result {
    let lines: Vec<String> = lines.collect();
    let lines = if lines.is_empty() { "none".to_owned() } else { lines.join("\n          ") };
    write!(f, "\n  {title:6}  {lines}")
}

/// For stdout, which is the one place where the link is shown.
fn exposed<S: Serializer>(link: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(link.expose())
}
