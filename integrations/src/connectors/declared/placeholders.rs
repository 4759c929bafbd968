//! Addresses with `{param.NAME}` in them.

use std::collections::BTreeMap;

use crate::connectors::secrets::percent_encode;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Param(String),
}

/// An address, or the end of one, that is completed from the customer's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::connectors) struct Template(Vec<Part>);

impl Template {
    /// Reads a template. `{{credential:…}}` passes as it is.
    ///
    /// # Errors
    /// In words, when a placeholder is not of the form `{param.NAME}` with a parameter the provider has.
    pub(in crate::connectors) fn read(text: &str, is_param: impl Fn(&str) -> bool) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            if at > 0 {
                parts.push(Part::Literal(rest[..at].to_owned()));
            }
            if let Some(credential) = rest[at..].strip_prefix("{{") {
                let end = credential.find("}}").ok_or("a '{{' is not closed")?;
                parts.push(Part::Literal(rest[at..at + end + 4].to_owned()));
                rest = &credential[end + 2..];
                continue;
            }
            let (inside, after) = rest[at + 1..].split_once('}').ok_or("a '{' is not closed")?;
            let name = inside.strip_prefix("param.").ok_or_else(|| format!("'{{{inside}}}' is not known; write {{param.NAME}}"))?;
            if !is_param(name) {
                return Err(format!("there is no parameter '{name}'"));
            }
            parts.push(Part::Param(name.to_owned()));
            rest = after;
        }
        if rest.contains('}') {
            return Err("a '}' has no '{'".into());
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }

    /// The text with every parameter in its place, percent-encoded; a parameter that is not there is empty.
    pub(in crate::connectors) fn fill(&self, params: &BTreeMap<String, String>) -> String {
        let piece = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Param(name) => params.get(name).map(|value| percent_encode(value)).unwrap_or_default(),
        };
        self.0.iter().map(piece).collect()
    }

    /// Whether a parameter has a place in it.
    pub(in crate::connectors) fn has_params(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Param(_)))
    }

    /// The text with every parameter in its place, as it is.
    pub(in crate::connectors) fn plain(&self, params: &BTreeMap<String, String>) -> String {
        let piece = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Param(name) => params.get(name).cloned().unwrap_or_default(),
        };
        self.0.iter().map(piece).collect()
    }

    /// The text with `0` for every parameter, to look at its form.
    pub(in crate::connectors) fn example(&self) -> String {
        let pieces = self.0.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Param(_) => "0",
        });
        pieces.collect()
    }
}

/// Whether a path holds a part that leads upwards: a customer's parameter could make one.
pub(in crate::connectors) fn climbs(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|part| part == ".." || part == ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_into_their_places() {
        let template = Template::read("/a/{param.x}/b?c={param.y}&k={{credential:k}}", |_| true).expect("a template");
        let params = BTreeMap::from([("x".to_owned(), "a/b ?ü".to_owned()), ("y".to_owned(), "1&d=2".to_owned())]);
        assert_eq!(template.fill(&params), "/a/a%2Fb%20%3F%C3%BC/b?c=1%26d%3D2&k={{credential:k}}");
        assert_eq!(template.example(), "/a/0/b?c=0&k={{credential:k}}");
    }

    #[test]
    fn what_is_not_a_placeholder_is_refused() {
        for (text, words) in [
            ("/{x}", "'{x}' is not known; write {param.NAME}"),
            ("/{param.z}", "there is no parameter 'z'"),
            ("/{param.x", "a '{' is not closed"),
            ("/x}", "a '}' has no '{'"),
            ("/{{credential:x", "a '{{' is not closed"),
        ] {
            assert_eq!(Template::read(text, |name| name == "x"), Err(words.to_owned()), "{text}");
        }
    }

    #[test]
    fn paths_that_climb_are_seen() {
        for path in ["/a/../b", "/..", "/a/%2e%2E/b", "/a/.%2e", "/./a", "/a\\..\\b"] {
            assert!(climbs(path), "{path}");
        }
        for path in ["/a..b/c", "/...", "/a?x=../..", "/a/b"] {
            assert!(!climbs(path), "{path}");
        }
    }
}
