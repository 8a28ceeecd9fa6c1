//! The images that an HTML body shows by their content id.

use super::{
    entities::decoded,
    tokens::{Token, Tokens},
};

/// The content ids of every `cid:` in `html` ([RFC 2392](https://www.rfc-editor.org/rfc/rfc2392)),
/// as often as they stand there: in tags, also those for Outlook alone, and in style sheets.
pub(crate) fn cids_of(html: &str) -> Vec<String> {
    Tokens::of(html)
        .flat_map(|token| match token {
            Token::Comment(inside) if inside.trim_ascii_start().starts_with("[if") => {
                Tokens::of(inside).flat_map(|token| cids_in_token(&token)).collect()
            }
            token => cids_in_token(&token),
        })
        .collect()
}

fn cids_in_token(token: &Token<'_>) -> Vec<String> {
    match token {
        Token::Open(tag) => cids_in(&decoded(tag.attributes)),
        Token::Raw(style) => cids_in(style),
        Token::Text(_) | Token::Close(_) | Token::Comment(_) => Vec::new(),
    }
}

/// `cid:` as a word: not the end of another one, and not within the id of one before it.
fn cids_in(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut cids = Vec::new();
    let mut from = 0;
    while let Some(at) = lower[from..].find(SCHEME).map(|at| from + at) {
        let begin = at + SCHEME.len();
        from = begin;
        if lower[..at].ends_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        from += text[begin..].find(is_end).unwrap_or(text.len() - begin);
        if from > begin {
            cids.push(text[begin..from].replace("%40", "@"));
        }
    }
    cids
}

fn is_end(c: char) -> bool {
    c.is_whitespace() || "\"'()<>,;".contains(c)
}

const SCHEME: &str = "cid:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cid_is_found_in_markup_and_not_in_text() {
        for (html, expected) in [
            ("<img src=\"cid:a@x.example\"><IMG SRC=CID:b@x.example>", "a@x.example b@x.example"),
            ("<img src='cid:a%40x' alt=\"a > b\" srcset='cid:b@x 1x, cid:c@x 2x'>", "a@x b@x c@x"),
            ("<td background=cid:a@x style=\"background:url(&quot;cid:b@x&quot;)\">", "a@x b@x"),
            ("<style>p { background: url(cid:a@x) }</style>", "a@x"),
            ("<!--[if mso]><v:fill src=\"cid:a@x\"/><![endif]-->", "a@x"),
            ("<!-- <img src=cid:a@x> --><p>cid:b@x (cid:12) <a href=placid:c@x>", ""),
            ("<img src=cid:><img alt='cid: d'>", ""),
            ("<img src=cid:é☃>", "é☃"),
            ("<img src=cid:cid:a@x srcset='cid:b@x 1x'>", "cid:a@x b@x"),
        ] {
            assert_eq!(cids_of(html).join(" "), expected, "{html}");
        }
    }
    #[test]
    fn hostile_markup_takes_no_more_room_than_it_has() {
        let html = format!("<img src='{}'>", "cid:".repeat(50_000));
        assert!(cids_of(&html).iter().map(String::len).sum::<usize>() <= html.len());
    }
}
