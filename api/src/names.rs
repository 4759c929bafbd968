//! Operation names as labels of metrics and spans: those of callers who have signed in, up to a number.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::RwLock;

/// Names that are told apart; the web app has some hundred.
const MOST: usize = 300;
/// Longer names are not.
const LONGEST: usize = 60;

/// The names seen so far.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<HashSet<Arc<str>>>);

impl Names {
    /// The label of an operation with this name: strangers cannot make new ones.
    pub(crate) fn label(&self, name: Option<&str>, signed_in: bool) -> Arc<str> {
        let Some(name) = name.filter(|name| name.len() <= LONGEST) else {
            return Arc::from(if name.is_some() { "other" } else { "anonymous" });
        };
        if let Some(known) = self.0.read().get(name) {
            return Arc::clone(known);
        }
        let mut names = self.0.write();
        if !signed_in || names.len() >= MOST {
            return Arc::from("other");
        }
        let name: Arc<str> = Arc::from(name);
        names.insert(Arc::clone(&name));
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_bounded_and_strangers_make_none() {
        let names = Names::default();
        assert_eq!(&*names.label(Some("Home"), false), "other");
        assert_eq!(&*names.label(Some("Home"), true), "Home");
        assert_eq!(&*names.label(Some("Home"), false), "Home");
        assert_eq!(&*names.label(None, true), "anonymous");
        for n in 0..1_000 {
            names.label(Some(&format!("Q{n}")), true);
        }
        assert_eq!(names.0.read().len(), MOST);
        assert_eq!(&*names.label(Some(&"x".repeat(99)), true), "other");
    }
}
