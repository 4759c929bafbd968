//! Reads `matrix.txt`.

use std::collections::{BTreeMap, BTreeSet};

/// Every class of callers, as the table names them. What each of them is stands at the top of the table.
pub const CLASSES: [&str; 17] = [
    "nobody", "guest", "customer", "stranger", "own", "billed", "owner", "payer", "viewer", "paid", "former", "invited", "operator",
    "admin", "push", "read", "events",
];

fn group(word: &str) -> Vec<&str> {
    match word {
        "household" => vec!["owner", "payer", "viewer"],
        "staff" => vec!["operator", "admin"],
        "programs" => vec!["push", "read", "events"],
        "known" => [vec!["customer"], group("staff"), group("programs")].concat(),
        "everybody" => [vec!["nobody"], group("known")].concat(),
        word => {
            assert!(CLASSES.contains(&word), "matrix.txt: there is no class {word}; there are {CLASSES:?}");
            vec![word]
        }
    }
}

/// Classes as the table writes them: by their groups where all of a group are among them.
pub fn words(classes: &BTreeSet<&String>) -> String {
    let mut left: Vec<&str> = CLASSES.into_iter().filter(|class| classes.contains(&(*class).to_owned())).collect();
    let mut out = Vec::new();
    for name in ["everybody", "known", "household", "staff", "programs"] {
        let members = group(name);
        if members.iter().all(|member| left.contains(member)) {
            left.retain(|class| !members.contains(class));
            out.push(name);
        }
    }
    [left, out].concat().join(" ")
}

pub type Classes = BTreeSet<String>;

/// The rows of one type.
#[derive(Debug, Default)]
pub struct Rows {
    /// None for whoever is shown the field that leads to it.
    pub who: Option<Classes>,
    /// Fields with a row; none for those that everybody sees who sees the object.
    pub fields: BTreeMap<String, Option<Classes>>,
}

impl Rows {
    /// Whether this class may see the object.
    pub fn shows(&self, class: &str) -> bool {
        self.who.as_ref().is_none_or(|who| who.contains(class))
    }

    /// Whether this class may see the field.
    pub fn shows_field(&self, field: &str, class: &str) -> bool {
        self.fields.get(field).and_then(Option::as_ref).map_or_else(|| self.shows(class), |who| who.contains(class))
    }
}

#[derive(Debug, Default)]
pub struct Table {
    pub types: BTreeMap<String, Rows>,
    /// Fields that the walk finds empty, with the reason: `Type.field`.
    pub empty: BTreeMap<String, String>,
}

impl Table {
    /// Reads the table.
    pub fn read() -> Self {
        let mut table = Self::default();
        let mut current = String::new();
        for line in include_str!("matrix.txt").lines() {
            let text = line.split('#').next().unwrap_or_default();
            if text.trim().is_empty() {
                continue;
            }
            if let Some(exception) = text.strip_prefix("! ") {
                let (field, reason) =
                    exception.split_once(':').unwrap_or_else(|| panic!("matrix.txt: {text}: write `! Type.field: reason`"));
                table.empty.insert(field.trim().to_owned(), reason.trim().to_owned());
            } else if let Some(fields) = text.strip_prefix("    ") {
                let rows = table.types.get_mut(&current).expect("a field comes after its type");
                let (names, who) = match fields.split_once(':') {
                    Some((names, who)) => (names, Some(classes(who))),
                    None => (fields, None),
                };
                for name in names.split_whitespace() {
                    assert!(rows.fields.insert(name.into(), who.clone()).is_none(), "matrix.txt: {current}.{name} is there twice");
                }
            } else {
                let (name, who) = text.split_once(':').unwrap_or_else(|| panic!("matrix.txt: {text}: write `Type: classes`"));
                name.trim().clone_into(&mut current);
                let who = (who.trim() != "holder").then(|| classes(who));
                let rows = Rows { who, fields: BTreeMap::new() };
                assert!(table.types.insert(current.clone(), rows).is_none(), "matrix.txt: {current} is there twice");
            }
        }
        table
    }

    /// Whether this class may call a field of a root type.
    pub fn may_call(&self, root: &str, field: &str, class: &str) -> bool {
        self.types.get(root).and_then(|rows| rows.fields.get(field)).and_then(Option::as_ref).is_some_and(|who| who.contains(class))
    }
}

fn classes(words: &str) -> Classes {
    words.split_whitespace().flat_map(group).map(str::to_owned).collect()
}
