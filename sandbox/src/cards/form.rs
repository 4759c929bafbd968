//! Forms with brackets, as Stripe's clients write them: `metadata[attempt]=…`, `expand[]=…`, `line_items[0][quantity]=1`.

use std::collections::BTreeMap;

use super::answer::Refusal;

/// The most fields of a form.
const MAX_FIELDS: usize = 500;

/// A form's fields by path, the parts joined by dots: `metadata.attempt`, `expand.0`. In order, whatever order they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads what stands behind a question mark or in a body.
    pub(crate) fn read(text: &str) -> Self {
        let mut fields = BTreeMap::new();
        for pair in text.split('&').filter(|p| !p.is_empty()).take(MAX_FIELDS) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let mut path = decoded(name).replace('[', ".").replace(']', "");
            if path.ends_with('.') {
                // A list without numbers.
                let at = (0..MAX_FIELDS).find(|n| !fields.contains_key(&format!("{path}{n}"))).unwrap_or_default();
                path = format!("{path}{at}");
            }
            fields.insert(path, decoded(value));
        }
        Self(fields)
    }

    /// The whole form in one line, the same for the same content.
    pub(crate) fn fingerprint(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn owned(&self, path: &str) -> Option<String> {
        self.text(path).map(str::to_owned)
    }

    pub(crate) fn needed(&self, path: &str) -> Result<&str, Refusal> {
        self.text(path).ok_or_else(|| Refusal::invalid(path, format!("Missing required param: {path}.")))
    }

    pub(crate) fn is_true(&self, path: &str) -> bool {
        self.text(path) == Some("true")
    }

    /// A whole number above nought.
    pub(crate) fn amount(&self, path: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(path) else { return Ok(None) };
        text.parse().ok().filter(|n| *n > 0).map(Some).ok_or_else(|| Refusal::invalid(path, format!("Invalid positive integer: {text}")))
    }

    pub(crate) fn number(&self, path: &str) -> Option<i64> {
        self.text(path)?.parse().ok()
    }

    /// What stands below a path, by the rest of it.
    pub(crate) fn below(&self, path: &str) -> BTreeMap<String, String> {
        let prefix = format!("{path}.");
        self.0.iter().filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.clone()))).collect()
    }

    /// The items of a list.
    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        self.below(path).into_values().collect()
    }

    /// Which objects are to be told whole.
    pub(crate) fn expand(&self) -> Expand {
        Expand(self.list("expand"))
    }
}

/// Which objects are to be told whole instead of by their id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expand(Vec<String>);

impl Expand {
    /// What is to be told whole within a field; nothing when the field itself is not.
    pub(crate) fn within(&self, field: &str) -> Option<Self> {
        let wanted: Vec<_> = self.0.iter().filter(|p| p.split('.').next() == Some(field)).collect();
        let rest = wanted.iter().filter_map(|p| Some(p.split_once('.')?.1.to_owned())).collect();
        (!wanted.is_empty()).then_some(Self(rest))
    }
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok()).and_then(|two| u8::from_str_radix(two, 16).ok());
        match (byte, hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_become_paths_and_order_does_not_matter() {
        let form =
            Form::read("amount=1200&metadata[attempt]=att%5F1&metadata%5Bpayment%5D=p+1&expand[]=a&expand[]=b.c&line_items[0][quantity]=2");
        assert_eq!(form.amount("amount").expect("an amount"), Some(1_200));
        assert_eq!(form.text("metadata.attempt"), Some("att_1"));
        assert_eq!(form.text("metadata.payment"), Some("p 1"));
        assert_eq!(form.list("expand"), ["a", "b.c"]);
        assert_eq!(form.text("line_items.0.quantity"), Some("2"));
        assert!(form.expand().within("b").is_some_and(|inner| inner.within("c").is_some()));
        assert!(form.expand().within("c").is_none());
        assert_eq!(Form::read("b=2&a=1").fingerprint(), Form::read("a=1&b=2").fingerprint());
        assert!(Form::read("amount=-1").amount("amount").is_err());
    }
}
