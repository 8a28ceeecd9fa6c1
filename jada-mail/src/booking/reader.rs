//! Reads the fields of a mail by a layout.

use std::collections::BTreeSet;

use super::{
    BookingConfirmation, BookingField, FieldFault,
    layout::{Layout, Rule},
    page::Page,
    problem::excerpt,
    template::Template,
    value,
};
use crate::Received;

/// Reads every field, or says all that is wrong.
pub(super) fn read(
    layout: &Layout,
    page: &Page,
    mail: &Received,
) -> Result<BookingConfirmation, Vec<FieldFault>> {
    let mut reader = Reader { layout, page, labels: layout.labels(), faults: Vec::new() };
    let text = |_: &Rule, text: &str| Ok(text.to_owned());
    let date = |rule: &Rule, text: &str| value::date(text, layout, rule);
    let time = |rule: &Rule, text: &str| value::time(text, layout, rule);
    let confirmation = BookingConfirmation {
        layout: layout.name.clone(),
        status: page.status,
        reference: reader.field(BookingField::Reference, text),
        guest: reader.field(BookingField::Guest, text),
        guests: reader.field(BookingField::Guests, |_, text| value::count(text)),
        date: reader.field(BookingField::Date, date),
        start: reader.field(BookingField::Start, time),
        end: reader.field(BookingField::End, time),
        duration: reader.field(BookingField::Duration, |rule, text| value::duration(text, rule)),
        product: reader.field(BookingField::Product, text),
        total: reader.field(BookingField::Total, |_, text| value::amount(text, layout)),
        email: reader.field(BookingField::Email, |_, text| value::email(text)),
        phone: reader.field(BookingField::Phone, |_, text| value::phone(text)),
        notes: reader.field(BookingField::Notes, text),
        message_id: mail.message_id().cloned(),
        received_at: mail.date(),
    };
    match reader.faults {
        faults if faults.is_empty() => Ok(confirmation),
        faults => Err(faults),
    }
}

struct Reader<'a> {
    layout: &'a Layout,
    page: &'a Page,
    labels: Vec<&'a str>,
    faults: Vec<FieldFault>,
}

impl Reader<'_> {
    /// Reads one field; a fault is kept for the end.
    fn field<T: PartialEq>(
        &mut self,
        field: BookingField,
        read: impl Fn(&Rule, &str) -> Result<T, String>,
    ) -> Option<T> {
        let rule = self.layout.rule(field)?;
        let texts = self.texts(rule);
        match value(field, rule, &texts, read) {
            Ok(value) => value,
            Err(fault) => {
                self.faults.push(fault);
                None
            }
        }
    }

    /// What stands where the rule says, each once; also that a label has no value.
    fn texts(&self, rule: &Rule) -> Vec<String> {
        let mut texts = self.page.lines.values(&rule.labels, &self.labels, rule.reach());
        let lines = self.page.lines.iter().filter_map(|line| first(&rule.lines, line));
        texts.extend(lines.map(ToOwned::to_owned));
        texts.extend(first(&rule.subjects, &self.page.subject).map(ToOwned::to_owned));
        let mut known = BTreeSet::new();
        let texts = texts.iter().map(|text| without_link(text));
        texts.filter(|text| known.insert(text.to_owned())).map(ToOwned::to_owned).collect()
    }
}

/// The value that all `texts` give, if there is one.
fn value<T: PartialEq>(
    field: BookingField,
    rule: &Rule,
    texts: &[String],
    read: impl Fn(&Rule, &str) -> Result<T, String>,
) -> Result<Option<T>, FieldFault> {
    let filled: Vec<_> = texts.iter().filter(|text| !text.is_empty()).collect();
    let mut values = Vec::new();
    for text in &filled {
        let read = wanted(rule, text).and_then(|text| read(rule, text));
        let unreadable =
            |expected| FieldFault::Unreadable { field, found: excerpt(text), expected };
        values.push(read.map_err(unreadable)?);
    }
    if values.iter().any(|value| *value != values[0]) {
        let found = filled.iter().take(MOST_SHOWN).map(|text| excerpt(text)).collect();
        return Err(FieldFault::Ambiguous { field, found });
    }
    match values.into_iter().next() {
        None if rule.required => {
            let without_value = if texts.is_empty() { "" } else { WITHOUT_VALUE };
            Err(FieldFault::Missing { field, sought: sought(rule) + without_value })
        }
        value => Ok(value),
    }
}

/// What the rule wants of the text that was found.
fn wanted<'a>(rule: &Rule, text: &'a str) -> Result<&'a str, String> {
    if rule.values.is_empty() {
        return Ok(text);
    }
    first(&rule.values, text)
        .ok_or_else(|| format!("like {}", listed(rule.values.iter().map(Template::quoted))))
}

fn first<'a>(templates: &[Template], text: &'a str) -> Option<&'a str> {
    templates.iter().find_map(|template| template.find(text))
}

/// In a text that is made of HTML, an address follows the words that lead to it.
fn without_link(text: &str) -> &str {
    match text.rsplit_once(" <") {
        Some((words, link)) if link.starts_with("http") && link.ends_with('>') => words.trim_end(),
        _ => text,
    }
}

fn sought(rule: &Rule) -> String {
    let labels = rule.labels.iter().map(|label| format!("the label {label:?}"));
    let lines = rule.lines.iter().map(|line| format!("a line like {}", line.quoted()));
    let subjects = rule.subjects.iter().map(|like| format!("a subject like {}", like.quoted()));
    listed(labels.chain(lines).chain(subjects))
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" or ")
}

/// Values of an ambiguous field that its fault repeats.
const MOST_SHOWN: usize = 5;
const WITHOUT_VALUE: &str = ", which stands there without a value";
