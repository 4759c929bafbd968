//! The house itself: which crate may import which, which folder uses which, under which licences we build, and that documents
//! say what the code says.

mod arrows;
mod events;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file under these folders of the repository, with its text.
fn sources(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let mut folders: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                files.push((path, text));
            }
        }
    }
    files
}

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")).exec().expect("cargo metadata")
}

/// What each crate may import of ours. A crate that is not listed here fails the test, so that it gets its row.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("billow-entities", &[]),
    ("billow-migration", &[]),
    ("billow-kernel", &["billow-entities"]),
    ("billow-supply", &["billow-entities", "billow-kernel"]),
    ("billow-money", &["billow-entities", "billow-kernel", "billow-supply"]),
    ("billow-outreach", &["billow-entities", "billow-kernel", "billow-money", "billow-supply"]),
    ("billow-billing", &["billow-entities", "billow-kernel", "billow-money", "billow-outreach", "billow-supply"]),
    ("billow-documents", &["billow-billing", "billow-entities"]),
    ("billow-integrations", &["billow-billing", "billow-entities"]),
    ("billow-jobs", &["billow-billing", "billow-entities"]),
    ("billow-api", &["billow-billing", "billow-entities"]),
    (
        "billow-cli",
        &[
            "billow-api",
            "billow-billing",
            "billow-documents",
            "billow-entities",
            "billow-integrations",
            "billow-jobs",
            "billow-migration",
            "billow-sandbox",
        ],
    ),
    ("billow-sandbox", &[]),
    ("billow-tests", &["*"]),
    ("billow-bench", &["*"]),
];

/// The business, in the order in which its crates may use one another.
const BUSINESS: &[&str] = &["billow-kernel", "billow-supply", "billow-money", "billow-outreach", "billow-billing"];

/// What the business must never know.
const BUSINESS_MUST_NOT: &[&str] = &[
    "axum",
    "async-graphql",
    "async-graphql-axum",
    "apalis",
    "apalis-sqlite",
    "apalis-postgres",
    "reqwest",
    "hyper",
    "lettre",
    "web-push",
];

#[test]
fn arrows_point_the_right_way() {
    let metadata = metadata();
    let rules: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(allowed) = rules.get(package.name.as_str()) else {
            wrong.push(format!("{} has no row", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            let name = dependency.name.as_str();
            if name.starts_with("billow-") && !allowed.contains(&"*") && !allowed.contains(&name) {
                wrong.push(format!("{} must not import {name}", package.name));
            }
            if BUSINESS.contains(&package.name.as_str()) && BUSINESS_MUST_NOT.contains(&name) {
                wrong.push(format!("the business must not know {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Licences we build under; each lets us ship a binary under Apache-2.0.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether some choice of an SPDX expression is allowed: `OR` needs one side, `AND` both.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    expression.split(" OR ").any(|side| side.split(" AND ").all(|licence| LICENCES.contains(&licence.trim())))
}

/// The licence of a package that names only a file: what the file itself says in its first line.
fn read_licence(package: &Package) -> Option<&'static str> {
    let file = package.manifest_path.parent()?.join(package.license_file.as_ref()?);
    let text = std::fs::read_to_string(file).ok()?;
    (text.lines().next()?.trim() == "MIT License").then_some("MIT")
}

#[test]
fn every_dependency_has_a_licence_we_can_build_under() {
    let metadata = metadata();
    let members: BTreeSet<_> = metadata.workspace_members.iter().collect();
    let wrong: Vec<_> = metadata
        .packages
        .iter()
        .filter(|p| !members.contains(&p.id))
        .filter(|p| !p.license.as_deref().or_else(|| read_licence(p)).is_some_and(allowed))
        .map(|p| format!("{} {}: {}", p.name, p.version, p.license.as_deref().unwrap_or("no licence")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!allowed("GPL-3.0") && !allowed("MIT AND AGPL-3.0") && allowed("(MIT OR GPL-3.0) AND MIT"));
}

/// Every code that a person can be shown is in the one list, and each of the list is explained in `docs/errors.md`.
#[test]
fn every_error_code_is_listed_and_documented() {
    let page = std::fs::read_to_string(root().join("docs/errors.md")).expect("the page");
    let listed: BTreeSet<&str> = billow_billing::UserErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    let undocumented: Vec<_> = listed.iter().filter(|code| !page.contains(&format!("`{code}`"))).collect();
    assert!(undocumented.is_empty(), "not in docs/errors.md: {undocumented:?}");
    let (mut unlisted, mut found) = (BTreeSet::new(), BTreeSet::new());
    for (_, source) in sources(&["billing", "api/src", "integrations/src"]) {
        for call in
            ["Error::invalid(", "UserError::new(", "Cause::new(", ".add(", "refused(", "problem(", "Err((", "Some((", "|| (", "then(|| ("]
        {
            for rest in source.split(call).skip(1) {
                let Some(code) = rest.trim_start().strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
                let is_code = code.len() > 3 && code.contains('_') && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
                if listed.contains(code) {
                    found.insert(code.to_owned());
                } else if is_code {
                    unlisted.insert(code.to_owned());
                }
            }
        }
    }
    assert!(found.len() > 80, "the search finds the calls: {}", found.len());
    assert!(unlisted.is_empty(), "not in billing/kernel/src/error_codes.rs: {unlisted:?}");
}

/// A transaction that turns out to have nothing to change is ended by `leave`. One that is only dropped holds its locks a little
/// longer than its caller waits, and work that skips locked rows is then not done until the next wake-up.
#[test]
fn a_transaction_is_ended_before_its_caller_goes_on() {
    let (mut found, mut wrong) = (0, Vec::new());
    for (path, source) in sources(&["billing/kernel/src", "billing/supply/src", "billing/money/src", "billing/outreach/src", "billing/src"])
    {
        let (mut open, mut left) = (false, false);
        for (line, text) in source.lines().enumerate() {
            open = (open || text.contains(".write_tx()")) && !text.contains("tx.commit()") && text != "    }" && text != "}";
            // An answer that is the value of an expression, such as of `return if …`.
            let expression = text.trim_start().starts_with("Ok(") && text.ends_with(')') && !text.contains("tx");
            if open && (text.contains("return Ok(") || expression) {
                found += 1;
                if !left && !text.contains("tx.leave(") {
                    wrong.push(format!("{}:{}", path.display(), line + 1));
                }
            }
            left = text.contains("tx.leave(");
        }
    }
    assert!(found > 20, "the search finds the places: {found}");
    assert!(wrong.is_empty(), "dropped: {wrong:#?}");
}

/// What the API changes uses nothing of what it answers questions with; what both need has a place of its own.
#[test]
fn no_mutation_uses_a_query() {
    let (mut found, mut wrong) = (0, Vec::new());
    for (path, source) in sources(&["api/src"]) {
        if !path.components().any(|part| part.as_os_str() == "mutations") {
            continue;
        }
        found += 1;
        wrong.extend(source.lines().filter(|line| line.contains("queries::")).map(|line| format!("{}: {line}", path.display())));
    }
    assert!(found > 80, "the search finds the mutations: {found}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The status of a stored bill and what of it was paid change by one function, which takes the bill as a type that only its
/// lock makes.
#[test]
fn a_stored_bill_changes_in_one_place() {
    let (mut found, mut wrong) = (0, Vec::new());
    for (path, source) in sources(&["billing/kernel/src", "billing/supply/src", "billing/money/src", "billing/outreach/src", "billing/src"])
    {
        // `as_paid` answers a bill as it was when it was paid; that is never stored.
        let one_place = ["bills/state.rs", "bills/transition.rs", "bills/as_paid.rs"].iter().any(|file| path.ends_with(file));
        for (line, text) in source.lines().enumerate() {
            let text = text.trim_start();
            let set = ["paid_minor = ", "paid_minor += ", "paid_minor -= ", "bill.status = ", "row.model.status = "];
            let column = ["bill::Column::Status, Expr", "bill::Column::PaidMinor, Expr", "bill::Column::MarkedBy, Expr"];
            let assigns = set.iter().any(|wanted| text.contains(wanted)) && !text.starts_with("let ") && !text.starts_with("//");
            if assigns || column.iter().any(|wanted| text.contains(wanted)) {
                found += 1;
                if !one_place {
                    wrong.push(format!("{}:{}: {text}", path.display(), line + 1));
                }
            }
        }
    }
    assert!(found > 5, "the search finds the places: {found}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
