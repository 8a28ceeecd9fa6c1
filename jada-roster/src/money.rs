//! Amounts of money as whole minor units of an ISO 4217 currency.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// An ISO 4217 currency with its number of digits after the point.
///
/// Codes without a minor unit (gold, test codes) are refused: nothing is charged in them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
    digits: u8,
}

impl Currency {
    /// US dollar.
    pub const USD: Self = Self { code: *b"USD", digits: 2 };

    /// The three letters, upper case.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// Digits after the point, 0 to 4 (`USD` 2, `JPY` 0, `KWD` 3).
    #[must_use]
    pub fn digits(self) -> u8 {
        self.digits
    }

    /// Minor units in one unit: 1, 10, 100, 1,000 or 10,000.
    fn scale(self) -> i64 {
        10_i64.pow(u32::from(self.digits))
    }

    /// Whether a written sign is this currency's: `$` for every dollar, `€` for the euro.
    fn is_signed(self, sign: &str) -> bool {
        iso_currency::Currency::from_code(self.code())
            .is_some_and(|iso| iso.symbol().symbol.ends_with(sign))
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("currency", text, "an ISO 4217 code such as USD or EUR");
        let upper = text.trim().to_ascii_uppercase();
        let code: [u8; 3] = upper.as_bytes().try_into().map_err(|_| wrong())?;
        let iso = iso_currency::Currency::from_code(&upper).ok_or_else(wrong)?;
        let digits = iso.exponent().and_then(|digits| u8::try_from(digits).ok());
        Ok(Self { code, digits: digits.ok_or_else(wrong)? })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An exact amount: whole minor units (cents) of one currency.
///
/// `Display` writes the plain decimal with the code, `1234.50 USD`; [`decimal`](Self::decimal)
/// and [`grouped`](Self::grouped) write the number alone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Nothing, in a currency.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// An amount from its minor units (cents for `USD`, yen for `JPY`).
    #[must_use]
    pub fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a decimal as people write it: `1234.5`, `1,234.50`, `$1,234.50`, `-80`.
    ///
    /// Commas group thousands, a point divides, at most the currency's digits follow it, and a
    /// sign such as `$` must be the currency's own. Amounts have at most 15 digits, which is what
    /// a worksheet's cell keeps.
    ///
    /// # Errors
    /// [`Error::Invalid`] with what was expected; `1.234,50` is refused, not guessed at.
    pub fn from_text(text: &str, currency: Currency) -> Result<Self, Error> {
        let wrong = || Error::invalid("amount", text, expected_amount(currency));
        let (negative, unsigned) = split_sign(text.trim(), currency).ok_or_else(wrong)?;
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(wrong()),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        let digits = usize::from(currency.digits);
        let whole = ungroup(whole).ok_or_else(wrong)?;
        if fraction.len() > digits || whole.trim_start_matches('0').len() + digits > MAX_DIGITS {
            return Err(wrong());
        }
        let minor: i64 = format!("{whole}{fraction:0<digits$}").parse().map_err(|_| wrong())?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`] or [`Error::AmountOutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, Error> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Error::CurrencyMismatch`] or [`Error::AmountOutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, Error> {
        self.combine(other, i64::checked_sub)
    }

    /// Writes the plain decimal with all the currency's digits: `-1234.50`.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::of(self, false)
    }

    /// Writes the decimal with thousands grouped by commas: `-1,234.50`.
    #[must_use]
    pub fn grouped(self) -> Decimal {
        Decimal::of(self, true)
    }

    fn combine(self, other: Self, with: fn(i64, i64) -> Option<i64>) -> Result<Self, Error> {
        if self.currency != other.currency {
            let (left, right) = (self.currency.to_string(), other.currency.to_string());
            return Err(Error::CurrencyMismatch { left, right });
        }
        let minor = with(self.minor, other.minor).ok_or(Error::AmountOutOfRange)?;
        Ok(Self { minor, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An amount as decimal text without its currency, on the stack.
#[derive(Clone, Copy)]
pub struct Decimal {
    buffer: [u8; BUFFER],
    /// Where the text begins, its sign included.
    start: u8,
    negative: bool,
}

impl Decimal {
    fn of(money: Money, grouped: bool) -> Self {
        let scale = money.currency.scale().unsigned_abs();
        let minor = money.minor.unsigned_abs();
        let mut buffer = [0_u8; BUFFER];
        let mut at = BUFFER;
        let mut put = |byte| {
            at -= 1;
            buffer[at] = byte;
        };
        let mut fraction = minor % scale;
        for _ in 0..money.currency.digits {
            put(ascii_digit(fraction));
            fraction /= 10;
        }
        if scale > 1 {
            put(b'.');
        }
        let mut whole = minor / scale;
        for written in 0.. {
            if grouped && written > 0 && written % 3 == 0 {
                put(b',');
            }
            put(ascii_digit(whole));
            whole /= 10;
            if whole == 0 {
                break;
            }
        }
        let negative = money.minor < 0;
        if negative {
            put(b'-');
        }
        Self { buffer, start: u8::try_from(at).unwrap_or(0), negative }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.buffer[usize::from(self.start)..]).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.as_str().trim_start_matches('-');
        f.pad_integral(!self.negative, "", digits)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Takes the minus and the currency's sign off the front, in either order, each once.
fn split_sign(text: &str, currency: Currency) -> Option<(bool, &str)> {
    let minus = |text: &'_ str| text.strip_prefix(['-', '−']).map(str::len);
    let (negative, rest) = match minus(text) {
        Some(left) => (true, &text[text.len() - left..]),
        None => (false, text),
    };
    let digits = rest.find(|c: char| c.is_ascii_digit() || c == '-' || c == '−')?;
    let (sign, rest) = rest.split_at(digits);
    if !sign.is_empty() && !currency.is_signed(sign.trim_end()) {
        return None;
    }
    match minus(rest) {
        Some(left) if !negative && !sign.is_empty() => Some((true, &rest[rest.len() - left..])),
        Some(_) => None,
        None => Some((negative, rest)),
    }
}

/// `1,234` to `1234`; nothing where a group has not three digits.
fn ungroup(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.len() > first.len();
    let sizes = if grouped { (1..=3).contains(&first.len()) } else { !first.is_empty() };
    let rest_right = groups.all(|group| group.len() == 3);
    let digits = whole.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    (sizes && rest_right && digits).then(|| whole.replace(',', ""))
}

fn expected_amount(currency: Currency) -> String {
    match currency.digits {
        0 => format!("whole {currency} such as 1234 or 1,234"),
        digits => format!(
            "a decimal such as 1234.5 or 1,234.50 with at most {digits} digits after the point ({currency})"
        ),
    }
}

fn ascii_digit(number: u64) -> u8 {
    b'0' + u8::try_from(number % 10).unwrap_or(0)
}

/// What an IEEE double, and so a worksheet's cell, keeps of a decimal.
const MAX_DIGITS: usize = 15;
/// 19 digits, 6 commas, a point, and some air.
const BUFFER: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn amounts_as_people_write_them_are_read() {
        let cases = [
            ("1234.5", "USD", 123_450),
            ("1,234.50", "USD", 123_450),
            ("$1234.5", "USD", 123_450),
            ("$1,234,567.89", "CAD", 123_456_789),
            (" 80 ", "USD", 8_000),
            ("-80", "USD", -8_000),
            ("-$80.00", "USD", -8_000),
            ("$-80.00", "USD", -8_000),
            ("−80.01", "EUR", -8_001),
            ("€ 7", "EUR", 700),
            ("0.00", "USD", 0),
            ("-0", "USD", 0),
            ("0001", "USD", 100),
            ("1,234", "JPY", 1_234),
            ("1.234", "KWD", 1_234),
            ("9999999999999.99", "USD", 999_999_999_999_999),
        ];
        for (text, code, minor) in cases {
            let money = Money::from_text(text, currency(code)).unwrap();
            assert_eq!(money.minor(), minor, "{text}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        let cases = [
            ("1.234,50", "USD"),
            ("1.234", "USD"),
            ("1,23", "USD"),
            ("12,34,567", "USD"),
            (",123", "USD"),
            ("1234,567", "USD"),
            ("1e3", "USD"),
            ("1.", "USD"),
            (".5", "USD"),
            ("", "USD"),
            ("-", "USD"),
            ("$", "USD"),
            ("--5", "USD"),
            ("-$-5", "USD"),
            ("€5", "USD"),
            ("$5", "EUR"),
            ("5 USD", "USD"),
            ("(5)", "USD"),
            ("1.00", "JPY"),
            ("1_000", "USD"),
            ("NaN", "USD"),
            ("٣", "USD"),
            ("1.-5", "USD"),
            ("+5", "USD"),
            ("99999999999999.99", "USD"),
            ("99999999999999999999999", "USD"),
        ];
        for (text, code) in cases {
            assert!(Money::from_text(text, currency(code)).is_err(), "{text} {code}");
        }
    }

    #[test]
    fn a_currency_is_a_code_with_digits() {
        assert_eq!(currency("usd"), Currency::USD);
        assert_eq!((currency("JPY").digits(), currency("KWD").digits()), (0, 3));
        for text in ["", "US", "USDD", "XXX", "XAU", "ZZZ", "€"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_decimal_has_the_currencys_digits() {
        let usd = |minor| Money::from_minor(minor, Currency::USD);
        assert_eq!(usd(-123_456_789).grouped().to_string(), "-1,234,567.89");
        assert_eq!(usd(5).decimal().to_string(), "0.05");
        assert_eq!(format!("{:>10}", usd(-5).grouped()), "     -0.05");
        assert_eq!(usd(100_000).to_string(), "1000.00 USD");
        assert_eq!(Money::from_minor(1_000, currency("JPY")).grouped().to_string(), "1,000");
        assert_eq!(usd(i64::MIN).grouped().to_string(), "-92,233,720,368,547,758.08");
    }

    #[test]
    fn sums_are_checked() {
        let top = Money::from_minor(i64::MAX, Currency::USD);
        let one = Money::from_minor(1, Currency::USD);
        assert!(matches!(top.checked_add(one), Err(Error::AmountOutOfRange)));
        let yen = Money::zero(currency("JPY"));
        assert!(matches!(one.checked_sub(yen), Err(Error::CurrencyMismatch { .. })));
        assert_eq!(one.checked_sub(one).unwrap(), Money::zero(Currency::USD));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -999_999_999_999_999_i64..=999_999_999_999_999,
                                        code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money::from_minor(minor, currency(code));
            for text in [money.decimal().to_string(), money.grouped().to_string()] {
                prop_assert_eq!(Money::from_text(&text, money.currency()).unwrap(), money);
            }
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,24}") {
            let _ = Money::from_text(&text, Currency::USD);
        }
    }
}
