//! Reads the lines of a calendar, for tests: unfolded, in order, texts unescaped on demand.

pub(crate) struct Calendar(Vec<Property>);

pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) parameters: String,
    pub(crate) value: String,
}

impl Calendar {
    pub(crate) fn read(ics: &str) -> Self {
        assert!(ics.ends_with("\r\n") && !ics.replace("\r\n", "").contains(['\r', '\n']), "{ics}");
        assert_eq!(ics.split("\r\n").find(|line| line.len() > 75), None);
        let unfolded = ics.replace("\r\n ", "");
        Self(unfolded.trim_end().split("\r\n").map(Property::read).collect())
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&Property> {
        self.0.iter().filter(|property| property.name == name).collect()
    }

    /// The value of the last one so named, as it stands.
    pub(crate) fn value(&self, name: &str) -> &str {
        &self.all(name).last().unwrap_or_else(|| panic!("no {name}")).value
    }

    pub(crate) fn text(&self, name: &str) -> String {
        unescaped(self.value(name))
    }
}

impl Property {
    fn read(line: &str) -> Self {
        let mut is_quoted = false;
        let colon = line.find(|c| {
            is_quoted ^= c == '"';
            c == ':' && !is_quoted
        });
        let (head, value) = line.split_at(colon.unwrap_or_else(|| panic!("no colon in {line}")));
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        let [name, parameters, value] = [name, parameters, &value[1..]].map(str::to_owned);
        Self { name, parameters, value }
    }

    /// The common name, as RFC 6868 writes it.
    pub(crate) fn common_name(&self) -> Option<String> {
        let (_, rest) = self.parameters.split_once("CN=\"")?;
        let (name, _) = rest.split_once('"')?;
        let carets: Vec<_> = name.split("^^").map(|part| part.replace("^'", "\"")).collect();
        Some(carets.join("^"))
    }
}

fn unescaped(text: &str) -> String {
    let mut unescaped = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some('n' | 'N')) => unescaped.push('\n'),
            ('\\', Some(escaped)) => unescaped.push(escaped),
            _ => {
                unescaped.push(c);
                continue;
            }
        }
        chars.next();
    }
    unescaped
}
