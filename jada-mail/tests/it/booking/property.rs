//! What a layout writes is what it reads; and no text breaks it.

use jada_mail::{BookingConfirmation, BookingLayouts, Message, Received};
use jiff::civil::{Date, Time};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any},
    prop_assert, prop_assert_eq, prop_oneof, proptest,
    sample::select,
};

use super::examples;

#[derive(Clone, Debug)]
struct Booking {
    reference: String,
    guest: String,
    product: String,
    notes: Vec<String>,
    guests: u32,
    date: Date,
    start: Time,
    /// Of the currency's hundredths.
    total: u32,
    phone: String,
}

fn bookings() -> impl Strategy<Value = Booking> {
    let words =
        || vec("[A-Za-zéß][A-Za-zé&<>\"'0-9-]{0,8}", 1..5).prop_map(|words| words.join(" "));
    let date = (2_020_i16..2_060, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| Date::constant(y, m, d));
    let time = (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| Time::constant(hour, minute, 0, 0));
    let texts = ("[A-Z]{2}-[0-9]{1,9}", words(), words(), vec(words(), 0..4));
    (texts, 1..500_u32, date, time, any::<u32>(), "\\+1 555 [0-9]{4}").prop_map(
        |((reference, guest, product, notes), guests, date, start, total, phone)| Booking {
            reference,
            guest,
            product,
            notes,
            guests,
            date,
            start,
            total,
            phone,
        },
    )
}

impl Booking {
    /// The total in groups of three, with the marks of the layout.
    fn total(&self, group: &str, decimal: &str) -> String {
        let (mut units, mut grouped) = (self.total / 100, String::new());
        while units >= 1_000 {
            grouped = format!("{group}{:03}{grouped}", units % 1_000);
            units /= 1_000;
        }
        format!("{units}{grouped}{decimal}{:02}", self.total % 100)
    }

    fn assert_read(&self, read: &BookingConfirmation, currency: &str) {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!(text(&read.reference), self.reference);
        assert_eq!(text(&read.guest), self.guest);
        assert_eq!(text(&read.product), self.product);
        assert_eq!(text(&read.notes), self.notes.join("\n"));
        assert_eq!(text(&read.phone), self.phone);
        assert_eq!(
            (read.guests, read.date, read.start),
            (Some(self.guests), Some(self.date), Some(self.start))
        );
        let total = read.total.as_ref().unwrap();
        assert_eq!((total.amount(), total.currency()), (self.total("", ".").as_str(), currency));
    }
}

fn as_table(booking: &Booking) -> Message {
    let escaped = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let row = |label: &str, value: &str| {
        format!("<tr><th>{label}</th>\n <td><b>{}</b></td></tr>\n", escaped(value))
    };
    let rows = [
        row("Booking number", &booking.reference),
        row("Guest name", &booking.guest),
        row("Guests", &booking.guests.to_string()),
        row("Tour", &booking.product),
        row("Date", &booking.date.strftime("%A, %B %-d, %Y").to_string()),
        row("Time", &format!("{} – 1:00 PM", booking.start.strftime("%-I:%M %p"))),
        row("Total", &format!("${}", booking.total(",", "."))),
        row("Phone", &booking.phone),
        row("Special requests", &booking.notes.join("\n")).replace(
            &escaped(&booking.notes.join("\n")),
            &booking.notes.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>"),
        ),
    ];
    Message::builder("noreply@harbour-tours.example".parse().unwrap())
        .subject(format!("Booking {} confirmed", booking.reference).parse().unwrap())
        .html(format!("<h1>Hello</h1><table>{}</table><p>Bye</p>", rows.concat()))
        .to("bookings@example.com".parse().unwrap())
        .date("2026-05-01T00:00:00Z".parse().unwrap())
        .idempotency_key("table".parse().unwrap())
        .build()
        .unwrap()
}

fn as_lines(booking: &Booking) -> Message {
    let text = format!(
        "Hello,\n\nBooking reference: {}\nLead guest: {}\nParty size: {} people\nDate: {}\n\
         Check-in: {}\nBoat: {}\nTotal paid: {} EUR\nTelephone: {}\nComments:\n{}\n\nBye\n",
        booking.reference,
        booking.guest,
        booking.guests,
        booking.date.strftime("%-d %B %Y"),
        booking.start.strftime("%H:%M"),
        booking.product,
        booking.total(".", ","),
        booking.phone,
        booking.notes.join("\n"),
    );
    Message::builder("bookings@sailandstay.example".parse().unwrap())
        .subject("New booking: yours".parse().unwrap())
        .text(text)
        .to("bookings@example.com".parse().unwrap())
        .date("2026-05-01T00:00:00Z".parse().unwrap())
        .idempotency_key("lines".parse().unwrap())
        .build()
        .unwrap()
}

fn read(message: &Message) -> BookingConfirmation {
    let mail = Received::parse(&message.render()).unwrap();
    examples().read(&mail).unwrap_or_else(|problem| panic!("{problem}\n{}", mail.text()))
}

/// Bodies of what a layout looks for, in any order and broken anywhere.
fn bodies() -> impl Strategy<Value = String> {
    let scrap = prop_oneof![
        select(SCRAPS).prop_map(ToOwned::to_owned),
        any::<String>(),
        "[ -~é–]{0,12}",
        Just("\n".to_owned()),
    ];
    vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_a_layout_writes_it_reads(booking in bookings()) {
        booking.assert_read(&read(&as_table(&booking)), "USD");
        booking.assert_read(&read(&as_lines(&booking)), "EUR");
    }

    #[test]
    fn any_body_is_read_or_every_fault_is_said(body in bodies(), is_forwarded in any::<bool>()) {
        let from = if is_forwarded { "a@example.com" } else { "a@harbour-tours.example" };
        let mail = format!(
            "From: {from}\r\nSubject: Fwd: Booking 1 confirmed\r\nContent-Type: text/html; \
             charset=utf-8\r\n\r\nFrom: b@harbour-tours.example<br><br>{body}"
        );
        let mail = Received::parse(mail.as_bytes()).unwrap();
        match examples().read(&mail) {
            Ok(booking) => prop_assert!(booking.date.is_some() && booking.total.is_some()),
            Err(problem) => {
                let said = problem.to_string();
                prop_assert!(said.contains("Harbour Tours"), "{said}");
                prop_assert!(!said.contains(char::is_control), "{said:?}");
            }
        }
    }

    #[test]
    fn any_template_is_refused_or_fits_what_it_makes(
        (before, after) in ("[^{}]{0,9}", "[^{}]{0,9}"),
        word in "[A-Z]{1,9}",
        noise in "[{}_a ]{0,9}",
    ) {
        let layouts = |like: &str| {
            let like = serde_json::to_string(like).unwrap();
            let json = format!(
                r#"[{{ "name": "x", "from": ["a.example"], "subjects": [{{ "like": "x" }}],
                "fields": {{ "guest": {{ "lines": [{like}], "required": true }} }} }}]"#
            );
            BookingLayouts::from_json("x", &json)
        };
        let _ = layouts(&noise);
        let visible = |text: &str| text.replace(|c: char| c.is_control() || "*>-•·–".contains(c), "");
        let (before, after) = (visible(&before), visible(&after));
        if let Ok(layouts) = layouts(&format!("{before} {{}} {after}")) {
            let text = format!("{before} {word} {after}");
            let mail = format!("From: a@a.example\r\nSubject: x\r\nContent-Type: text/plain; \
                                charset=utf-8\r\n\r\n{text}");
            let mail = Received::parse(mail.as_bytes()).unwrap();
            let booking = layouts.read(&mail);
            prop_assert_eq!(booking.unwrap().guest, Some(word), "{}", text);
        }
    }
}

const SCRAPS: &[&str] = &[
    "<br>",
    "<table><tr><td>",
    "</td><td>",
    "</td></tr><tr><td>",
    "</table>",
    "Booking number",
    "Guest name: ",
    "Guests",
    "Date: ",
    "Time",
    "Tour: ",
    "Total: ",
    "Special requests",
    "Phone: ",
    "E-mail: ",
    "Sunday, May 3, 2026",
    "February 30, 2026",
    "5:30 PM – 9:00 PM",
    "$1,234.50",
    "*",
    "> ",
    ": ",
    " | ",
    "4",
];
