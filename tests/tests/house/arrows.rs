//! Which folder of a crate uses which: computed from the code and held by a table that may only shrink.
//!
//! A folder (or a file beside `lib.rs`) uses another where it names it (`crate::other`, or `billow_money::other` between the crates
//! of the business); a service of the business can only
//! be called by who was given it, and so names its type. `lib.rs` and `main.rs` put the parts together and are left out, and
//! so are tests. `ARROWS=print cargo test --workspace --test house -- --nocapture folders_use` prints the table as it would be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use regex::Regex;

use crate::{root, sources};

/// The table: a line per folder, below a line with the crate's name.
const TABLE: &str = include_str!("arrows.txt");

/// The crates whose folders are held.
const CRATES: &[&str] = &["billing", "api", "integrations", "jobs", "documents", "cli", "sandbox"];

/// Folders that use one another, and why that is so. A circle that is gone is to be removed here.
const CIRCLES: &[(&str, &[&str], &str)] = &[
    (
        "api",
        &[
            "accounts",
            "bills",
            "customers",
            "documents",
            "fetching",
            "gateways",
            "homes",
            "identity",
            "messages",
            "methods",
            "node",
            "operations",
            "payments",
            "providers",
            "recharges",
            "reconciling",
            "refunds",
            "remittances",
            "rules",
            "wallets",
        ],
        "GraphQL types of nouns name one another: a bill has its account and an account its bills",
    ),
    (
        "cli",
        &["check", "commands", "config", "database", "limits", "names", "sources", "wiring"],
        "checking the settings builds what serving builds, and settings are read by the names that their checks use",
    ),
    (
        "sandbox",
        &["cards", "control", "definitions", "page", "providers", "push", "server", "sms", "world"],
        "one pretend world, which each of its servers shows and changes",
    ),
];

/// Who uses whom in one crate.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The crates that are held as one: the business is compiled as several, and one list shows all of it.
fn parts(name: &str) -> Vec<String> {
    let inside = if name == "billing" { &["/kernel", "/supply", "/money", "/outreach", ""][..] } else { &[""] };
    inside.iter().map(|part| format!("{name}{part}/src")).collect()
}

/// The folder of a file below `src`; none for what puts the parts together.
fn folder(file: &Path) -> Option<String> {
    let mut below = file.strip_prefix(root()).ok()?.components().skip_while(|part| part.as_os_str() != "src").skip(1);
    let first = below.next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

/// The code of a file: no comments, no tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn arrows(name: &str) -> Arrows {
    let parts = parts(name);
    let files: Vec<(String, String)> = sources(&parts.iter().map(String::as_str).collect::<Vec<_>>())
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"))
        .filter_map(|(path, text)| Some((folder(&path)?, code(&text))))
        .collect();
    let folders: BTreeSet<&str> = files.iter().map(|(folder, _)| folder.as_str()).collect();
    let named = Regex::new(r"(?:crate|billow_(?:kernel|supply|money|outreach))::([a-z_0-9]+)").expect("an expression");
    let grouped = Regex::new(r"use (?:crate|billow_(?:kernel|supply|money|outreach))::\{([^;]*)\};").expect("an expression");
    let head = Regex::new(r"(?:^|,)\s*([a-z_0-9]+)").expect("an expression");

    let mut out = Arrows::new();
    for (folder, text) in &files {
        let uses = out.entry(folder.clone()).or_default();
        let mut add = |other: &str| {
            if other != folder && folders.contains(other) {
                uses.insert(other.to_owned());
            }
        };
        named.captures_iter(text).filter_map(|c| c.get(1)).for_each(|found| add(found.as_str()));
        for group in grouped.captures_iter(text).filter_map(|c| c.get(1)) {
            head.captures_iter(group.as_str()).filter_map(|c| c.get(1)).for_each(|found| add(found.as_str()));
        }
    }
    out.retain(|_, uses| !uses.is_empty());
    out
}

/// The table as it would be written.
fn printed(all: &BTreeMap<&str, Arrows>) -> String {
    let mut out = String::new();
    for name in CRATES {
        let _ = writeln!(out, "{name}");
        for (folder, uses) in &all[name] {
            let _ = writeln!(out, "  {folder} -> {}", uses.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
        }
    }
    out
}

/// Everything that can be reached from `from`.
fn reached<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(folder) = open.pop() {
        for next in arrows.get(folder).into_iter().flatten() {
            if found.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    found
}

/// The sets of folders that use one another.
fn circles(arrows: &Arrows) -> BTreeSet<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|folder| (folder.as_str(), reached(arrows, folder))).collect();
    let of = |folder: &str| -> Vec<String> {
        let with = reach[folder].iter().filter(|other| reach.get(*other).is_some_and(|back| back.contains(folder)));
        with.map(|other| (*other).to_owned()).collect()
    };
    arrows.keys().map(|folder| of(folder)).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn folders_use_what_the_table_says() {
    let all: BTreeMap<&str, Arrows> = CRATES.iter().map(|name| (*name, arrows(name))).collect();
    let wanted = printed(&all);
    if std::env::var("ARROWS").is_ok_and(|wish| wish == "print") {
        eprintln!("{wanted}");
    }
    let (now, then): (BTreeSet<&str>, BTreeSet<&str>) = (wanted.lines().collect(), TABLE.lines().collect());
    let (new, gone): (Vec<_>, Vec<_>) = (now.difference(&then).collect(), then.difference(&now).collect());
    assert!(
        TABLE == wanted,
        "the code now: {new:#?}\ntests/tests/house/arrows.txt: {gone:#?}\nAn arrow that is gone is removed from the table; a new one needs a better place for what is used."
    );
}

#[test]
fn no_folders_use_one_another_but_those_with_a_reason() {
    let known: BTreeSet<(&str, Vec<String>)> =
        CIRCLES.iter().map(|(of, circle, _)| (*of, circle.iter().map(|folder| (*folder).to_owned()).collect())).collect();
    let found: BTreeSet<(&str, Vec<String>)> =
        CRATES.iter().flat_map(|name| circles(&arrows(name)).into_iter().map(move |circle| (*name, circle))).collect();
    assert_eq!(found, known);
}

#[test]
fn a_circle_is_seen() {
    let arrows: Arrows =
        [("a", "b"), ("b", "c"), ("c", "b")].into_iter().map(|(from, to)| (from.to_owned(), BTreeSet::from([to.to_owned()]))).collect();
    assert_eq!(circles(&arrows), BTreeSet::from([vec!["b".to_owned(), "c".to_owned()]]));
    assert_eq!(code("let a = 1; // crate::b\n#[cfg(test)]\nmod tests {\n use crate::c;\n}"), "let a = 1; ");
}
