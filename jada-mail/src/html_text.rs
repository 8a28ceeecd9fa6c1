//! A readable plain-text twin of an HTML body.
//!
//! It is what a reader sees whose program shows no HTML, and what rules that look for
//! `label: value` read. The layout is the line's: a block begins a line, a paragraph stands
//! between blank ones, a list has bullets or numbers.
//!
//! The cells of a row share a line, with ` | ` between them: that is seen by people, survives
//! collapsed white space, and stands in few texts. After a cell that ends in a colon it is a space,
//! so that `<td>Guest:</td><td>Ada</td>` reads `Guest: Ada`. Mails lay their page out in tables,
//! so a cell of several lines ends the line of its row, and an empty cell leaves no trace unless the
//! table has headings.

use self::{
    page::Page,
    tokens::{Token, Tokens},
};

mod cids;
mod elements;
mod entities;
mod link;
mod page;
mod tokens;

pub(crate) use cids::cids_of;

/// Renders `html` as text, its lines ending in LF. Any text is read, and in linear time: what is no
/// HTML is taken as a browser would take it.
pub(crate) fn text_of(html: &str) -> String {
    let mut page = Page::default();
    for token in Tokens::of(html) {
        match token {
            Token::Text(text) => page.text(&entities::decoded(text)),
            Token::Open(tag) => page.open(&tag),
            Token::Close(name) => page.close(&name),
            Token::Comment(_) | Token::Raw(_) => {}
        }
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_oneof, proptest};

    use super::*;

    #[track_caller]
    fn assert_texts(cases: &[(&str, &str)]) {
        for (html, expected) in cases {
            assert_eq!(text_of(html).trim_end_matches('\n'), *expected, "{html}");
        }
    }

    #[test]
    fn blocks_begin_lines_and_paragraphs_stand_apart() {
        assert_texts(&[
            ("", ""),
            (" \n ", ""),
            ("plain", "plain"),
            ("a<br>b<BR/>c", "a\nb\nc"),
            ("a<br><br><br>b", "a\n\nb"),
            ("<h1>T</h1><p>a\r\n  b</p><p>c", "T\n\na b\n\nc"),
            ("<div>a</div><div>b</div>c", "a\nb\nc"),
            ("<div><div><p>a</p></div></div><div>b</div>", "a\n\nb"),
            ("a<hr>b", "a\n\n---\n\nb"),
            ("x <b>bold</b>, <i>i</i>talic", "x bold, italic"),
            ("<p>a <p>b", "a\n\nb"),
            ("<pre>\n  fn\n    x\n</pre>y", "  fn\n    x\n\ny"),
            (
                "<blockquote>a<p>b</p><blockquote>c</blockquote></blockquote>d",
                "> a\n>\n> b\n>\n> > c\n\nd",
            ),
            ("<dl><dt>Boat<dd>Sloop<dt>Crew<dd>2</dl>", "Boat\n  Sloop\nCrew\n  2"),
        ]);
    }

    #[test]
    fn lists_have_bullets_and_numbers() {
        assert_texts(&[
            ("<ul><li>a<li>b</ul>c", "- a\n- b\n\nc"),
            ("<ol><li>a</li><li>b<br>c</li></ol>", "1. a\n2. b\n  c"),
            ("<ol start=9><li>a<li>b</ol>", "9. a\n10. b"),
            ("x<ul><li>a<ol><li>b</ol><li><p>c</p></ul>", "x\n\n- a\n  1. b\n- c"),
            ("<ul><li></li><li>a</li></ul>", "- a"),
            ("<li>a", "- a"),
        ]);
    }

    #[test]
    fn cells_of_a_row_share_a_line() {
        assert_texts(&[
            ("<table><tr><th>A<th>B<tr><td>1<td>2</table>x", "A | B\n1 | 2\n\nx"),
            ("<table><tr><td>Guest:</td> <td>Ada</td></tr></table>", "Guest: Ada"),
            ("<table><tr><td><p>Guest</p></td><td><div>Ada</div></td></tr></table>", "Guest | Ada"),
            ("<table><tr><td>a<td>&nbsp;<td>b</table>", "a | b"),
            ("<table><tr><th>A<th>B<th>C<tr><td>1:<td><td>3<td>", "A | B | C\n1: | | 3"),
            ("<table><tr><th><th>B<th>C<tr><td><td><td>3<tr><td>x", "| B | C\n| | 3\nx"),
            ("<table><tr><td>a<td>b<br>c<td>d</table>", "a | b\nc\nd"),
            ("<table><tr><td><p>a</p><p>b</p></td></tr><tr><td>c</td></tr></table>", "a\n\nb\n\nc"),
            (
                "<table><tr><td>a</td><td><table><tr><td>b</td><td>c</td></tr></table></td></tr></table>",
                "a | b | c",
            ),
            (
                "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table><tr><td>e</table>",
                "a | b\nc | d\n\ne",
            ),
            ("<table><tr><td>a<td><ul><li>b</ul></table>", "a\n- b"),
            ("<table><tr><td>a<td><tr><td>b<td>c</table>", "a\nb | c"),
            ("<table><tr><td><p>a<td><p>b<tr><td><p>c<td><p>d</table>", "a | b\nc | d"),
            ("<table><tr><td><h1>a</h1><tr><td><p>b</table>", "a\n\nb"),
        ]);
    }

    #[test]
    fn links_say_where_they_lead_unless_their_words_do() {
        assert_texts(&[
            (
                "<a href=\"https://x.example/a?b=1&amp;c\">See</a>.",
                "See <https://x.example/a?b=1&c>.",
            ),
            ("<a href='https://x.example/'>x.example</a>", "x.example"),
            ("<a href=https://x.example>HTTPS://X.example/</a>", "HTTPS://X.example/"),
            ("<a href=mailto:a@b.example?subject=x>a@b.example</a>", "a@b.example"),
            ("<a href=mailto:a@b.example>Write</a>", "Write <a@b.example>"),
            ("<a href='tel:+15550100'>+1 555 0100</a>", "+1 555 0100"),
            ("<a href=sms:+15550100>Text us</a>", "Text us <sms:+15550100>"),
            ("<a href=#top>up</a> <a href=/x>there</a> <a name=x>here</a>", "up there here"),
            ("<a href=javascript:x>go</a>", "go"),
            ("<a href=https://x.example><div>a</div></a><div>b</div>", "a <https://x.example>\nb"),
            ("<a href=https://x.example><img src=cid:x alt=Logo></a>", "Logo <https://x.example>"),
            ("<a href=https://x.example><img src=cid:x></a>", "<https://x.example>"),
            ("a<a href=https://x.example></a>b", "ab"),
            ("<a href='https://x.example/a b>\n<c'>x</a>", "x <https://x.example/a%20b%3E%3Cc>"),
            ("<ul><li><a href=https://x.example>https://x.example</a></ul>", "- https://x.example"),
            (
                "<a href=https://x.example>a<a href=https://y.example>b",
                "a <https://x.example>b <https://y.example>",
            ),
        ]);
    }

    #[test]
    fn what_is_not_shown_is_left_out() {
        assert_texts(&[
            ("<head><title>T</title><style>p{}</style></head><body>a", "a"),
            ("<script>if (a < b) '</p>'</script>a<script>", "a"),
            ("a<!-- <p>b</p> -->c<!-->d<!doctype html><?xml?></>e", "acde"),
            ("<!--[if mso]><p>a</p><![endif]--><![if !mso]>b<![endif]>", "b"),
            ("<div style=\"color:red; Display : NONE\">a<div>b</div>c</div>d", "d"),
            ("<span hidden>a</span>b<p hidden>c<p>d", "b\n\nd"),
            ("<ul><li style=display:none>a<li>b</ul>", "- b"),
            ("a\u{200b}\u{ad}b&shy;c&#0;d&#7;", "abcd"),
            ("<svg><title>x</title><text>y</text></svg>z", "z"),
            ("a<!-- open", "a"),
            ("a<b class='x", "a"),
        ]);
    }

    #[test]
    fn references_are_decoded_once() {
        assert_texts(&[
            ("caf&eacute; &#233;&#xE9; &euro;5 &#128;5 &#146;", "café éé €5 €5 ’"),
            ("&amp;lt; &lt;b&gt; a&nbsp;&nbsp;b", "&lt; <b> a b"),
            (
                "&; &x &unknown; AT&T & co; &#xZZ; &#99999999;",
                "&; &x &unknown; AT&T & co; &#xZZ; \u{fffd}",
            ),
            ("1 < 2 <3 a<", "1 < 2 <3 a<"),
        ]);
    }

    /// Scraps of HTML, well-formed or not.
    fn scraps() -> impl Strategy<Value = String> {
        let scrap = prop_oneof![
            "</?(a|p|li|ul|ol|td|tr|table|div|b|pre|blockquote|script|img|a href=https://x)>?",
            any::<String>(),
            r#"[<>/!&;#"'= a-z-]{0,12}"#,
        ];
        prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_control_character_comes_out(html in scraps()) {
            let text = text_of(&html);
            prop_assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        }

        #[test]
        fn escaped_words_come_out_as_they_were(words in prop::collection::vec("[a-zé<>&\"0-9]{1,9}", 1..9)) {
            let text = words.join(" ");
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            assert_eq!(text_of(&format!("<p>{escaped}</p>")), format!("{text}\n"));
        }
    }

    #[test]
    fn hostile_pages_take_linear_time() {
        for scrap in [
            "<", "<a", "</", "<!--", "&", "<p>", "<b><td>", "<script>", "<a b=\"", "<ul><li>",
            "</x>", "<a x='' ",
        ] {
            let html = scrap.repeat(200_000 / scrap.len());
            let began = std::time::Instant::now();
            text_of(&html);
            assert!(began.elapsed().as_secs() < 10, "{scrap}: {:?}", began.elapsed());
        }
    }
}
