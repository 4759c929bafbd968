//! Who sees what and who may call what. `matrix.txt` has a row for every type and field of the schema; these tests ask the
//! API as everybody and compare. A type or field without a row fails, and so does an object or a field that shows to somebody
//! who is not in its row, whichever way they came to it, and a row that lets somebody see what nobody of them could be shown.
//!
//! `MATRIX=print` prints what was seen, as a draft of rows.

mod alike;
mod calls;
mod neighbours;
mod schema;
mod table;
mod walk;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use billow_tests::both;
use schema::Schema;
use table::{Table, words};
use walk::{Seen, Walker};
use world::World;

/// Root types: their rows say who may call a field.
const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

fn prints() -> bool {
    std::env::var("MATRIX").is_ok_and(|value| value == "print")
}

#[test]
fn every_type_and_field_has_a_row() {
    let (schema, table) = (Schema::read(), Table::read());
    let mut wrong = Vec::new();
    for (ty, fields) in &schema.objects {
        let Some(rows) = table.types.get(ty) else {
            wrong.push(format!(
                "type {ty}: say who may see it in tests/tests/authorization/matrix.txt (`{ty}: classes`), and add its fields"
            ));
            continue;
        };
        let names: BTreeSet<&String> = fields.iter().map(|field| &field.name).collect();
        for field in names.iter().filter(|name| !rows.fields.contains_key(**name)) {
            wrong.push(format!(
                "{ty}.{field}: say who may see it in tests/tests/authorization/matrix.txt, below {ty}: `    {field}` for all who see the \
                 {ty}, `    {field}: classes` for others"
            ));
        }
        for gone in rows.fields.keys().filter(|name| !names.contains(name)) {
            wrong.push(format!("{ty}.{gone}: there is no such field any more; remove its row from matrix.txt"));
        }
        if ROOTS.contains(&ty.as_str()) {
            wrong.extend(rows.fields.iter().filter(|(_, who)| who.is_none()).map(|(name, _)| format!("{ty}.{name}: say who may call it")));
        }
    }
    for gone in table.types.keys().filter(|ty| !schema.objects.contains_key(*ty)) {
        wrong.push(format!("{gone}: there is no such type any more; remove its rows from matrix.txt"));
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn leaks(table: &Table, seen: &Seen) -> Vec<String> {
    let mut found = seen.wrong.clone();
    for ((root, class), answered) in &seen.roots {
        let allowed = table.may_call("Query", root, class);
        if *answered != allowed {
            let (by_row, did) = (if allowed { "may" } else { "must not" }, if *answered { "was answered" } else { "was refused" });
            found.push(format!("{class} {by_row} ask {root} by its row, and {did}"));
        }
    }
    for ((ty, class), at) in &seen.objects {
        if table.types.get(ty).is_some_and(|rows| !rows.shows(class)) {
            found.push(format!("{class} must not see {ty}: seen as {at}"));
        }
    }
    for ((ty, field, class), at) in &seen.fields {
        if table.types.get(ty).is_some_and(|rows| rows.shows(class) && !rows.shows_field(field, class)) {
            found.push(format!("{class} must not see {ty}.{field}: seen as {at}"));
        }
    }
    found
}

/// Rows that permit what nobody was shown, and exceptions from that which are none.
fn rotten(schema: &Schema, table: &Table, seen: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    let reached: BTreeSet<&String> = seen.objects.keys().map(|(ty, _)| ty).collect();
    // What only mutations and subscriptions answer is not walked to.
    let walked = |ty: &str| reached.contains(&ty.to_owned());
    let never = schema.reachable().into_iter().filter(|ty| !walked(ty) && !table.empty.contains_key(ty));
    found.extend(never.map(|ty| format!("nobody was shown a {ty}: give the world of these tests one (world.rs), or add `! {ty}: reason`")));
    for (ty, rows) in table.types.iter().filter(|(ty, _)| !ROOTS.contains(&ty.as_str())) {
        for class in rows.who.iter().flatten() {
            if !seen.objects.contains_key(&(ty.clone(), class.clone())) {
                found.push(format!("{class} may see {ty} by its row, and nobody of them was shown one"));
            }
        }
        for (field, who) in rows.fields.iter().filter(|_| walked(ty)) {
            let shown: BTreeSet<&String> =
                seen.fields.keys().filter(|(t, f, _)| t == ty && f == field).map(|(_, _, class)| class).collect();
            let name = format!("{ty}.{field}");
            if table.empty.contains_key(&name) {
                if !shown.is_empty() {
                    found.push(format!("{name} is not empty any more: remove its exception (`! {name}`) from matrix.txt"));
                }
                continue;
            }
            for class in who.iter().flatten().filter(|class| !shown.contains(class)) {
                found.push(format!("{class} may see {name} by its row, and nobody of them was shown it"));
            }
            let flag = schema.objects[ty].iter().any(|known| known.name == *field && known.ty == "Boolean");
            if who.is_none() && shown.is_empty() && !flag {
                found.push(format!(
                    "{name} was empty for everybody: give the world of these tests one (world.rs), or add `! {name}: reason`"
                ));
            }
        }
    }
    for name in table.empty.keys() {
        match name.split_once('.') {
            Some((ty, field)) if table.types.get(ty).is_some_and(|rows| rows.fields.contains_key(field)) => {}
            None if table.types.contains_key(name) && !walked(name) => {}
            None if table.types.contains_key(name) => {
                found.push(format!("{name} is shown now: remove its exception (`! {name}`) from matrix.txt"));
            }
            _ => found.push(format!("! {name}: there is no such type or field")),
        }
    }
    found
}

/// A draft of rows from what was seen.
fn print(schema: &Schema, seen: &Seen) {
    eprintln!("Query: everybody");
    for root in &schema.objects["Query"] {
        let by = seen.roots.iter().filter(|((name, _), answered)| *name == root.name && **answered).map(|((_, class), _)| class).collect();
        eprintln!("    {}: {}", root.name, words(&by));
    }
    for (ty, fields) in schema.objects.iter().filter(|(ty, _)| !ROOTS.contains(&ty.as_str())) {
        let who: BTreeSet<&String> = seen.objects.keys().filter(|(t, _)| t == ty).map(|(_, class)| class).collect();
        eprintln!("{ty}: {}", if who.is_empty() { "holder".to_owned() } else { words(&who) });
        let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for field in fields {
            let by: BTreeSet<&String> =
                seen.fields.keys().filter(|(t, f, _)| t == ty && *f == field.name).map(|(_, _, class)| class).collect();
            groups.entry(words(&by)).or_default().push(&field.name);
        }
        // What nobody was shown is an exception, or the world lacks it.
        let never = if who.is_empty() { None } else { groups.remove("") };
        for field in never.into_iter().flatten() {
            eprintln!("! {ty}.{field}: ");
        }
        for (by, names) in groups {
            let by = if by == words(&who) { String::new() } else { by };
            eprintln!("    {}{}", names.join(" "), if by.is_empty() { String::new() } else { format!(": {by}") });
        }
    }
}

both! {
    async fn nobody_sees_what_their_row_does_not_say(engine) {
        let (schema, table) = (Schema::read(), Table::read());
        let world = World::new(engine).await;
        let (mut seen, mut requests) = (Seen::default(), 0);
        for caller in &world.callers {
            let mut walker = Walker::new(&schema, &world, caller, &mut seen);
            walker.walk().await;
            requests += walker.requests;
        }
        if prints() {
            print(&schema, &seen);
            eprintln!("# {} callers, {requests} requests, {} cells", world.callers.len(), seen.fields.len());
        }
        let mut wrong = leaks(&table, &seen);
        wrong.extend(rotten(&schema, &table, &seen));
        assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    }
}
