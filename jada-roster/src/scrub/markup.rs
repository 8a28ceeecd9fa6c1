//! Tags and entities of HTML, as far as they stand in notes that were copied from a page.

/// What the tag or the entity at the beginning of a text stands for, if there is one, and its length
/// in bytes. A tag with attributes is none: what they say is read like any other text.
pub(super) fn read(text: &str) -> Option<(Option<char>, usize)> {
    match text.as_bytes().first()? {
        b'<' => tag(text),
        b'&' => entity(text).map(|(c, length)| (Some(c), length)),
        _ => None,
    }
}

fn tag(text: &str) -> Option<(Option<char>, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b'>')?;
    let name = text.get(1..end)?.trim_matches(['/', ' ']).to_ascii_lowercase();
    let is = |names: &str| names.split(' ').any(|it| it == name);
    if is(INLINE) {
        return Some((None, end + 1));
    }
    is(BLOCKS).then_some((Some('\n'), end + 1))
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(code) => char::from_u32(numeric(code)?)?,
        None => ENTITIES.iter().find(|(it, _)| *it == name)?.1,
    };
    Some((c, end + 1))
}

fn numeric(code: &str) -> Option<u32> {
    match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => code.parse().ok(),
    }
}

/// Bytes within which a tag or an entity ends.
const LONGEST: usize = 12;

const INLINE: &str = "b big code em font i mark s small span strong sub sup u";

const BLOCKS: &str = "br div h1 h2 h3 h4 li p table tbody td th tr ul";

const ENTITIES: [(&str, char); 13] = [
    ("amp", '&'),
    ("cent", '¢'),
    ("curren", '¤'),
    ("dollar", '$'),
    ("emsp", ' '),
    ("ensp", ' '),
    ("euro", '€'),
    ("mdash", '-'),
    ("nbsp", ' '),
    ("ndash", '-'),
    ("pound", '£'),
    ("thinsp", ' '),
    ("yen", '¥'),
];
