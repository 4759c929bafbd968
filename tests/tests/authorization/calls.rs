//! Calls of mutations, queries and subscriptions, made from the schema: the ids in them are chosen, everything else is right
//! in its form, so that the ids decide.

use serde_json::{Map, Value, json};

use crate::schema::{Argument, Field, Schema};

/// Types whose ids are not called after them.
const CALLED: [(&str, &str); 2] = [("invitation", "PropertyInvitation"), ("ids", "Notification")];
/// What stands for an id of anything: the subject of an event.
const ANYTHING: &str = "subject";
/// Optional fields that are always given, because without them a call is refused before anybody looks at its ids.
const ALWAYS: [&str; 1] = ["useWallet"];

/// Fields of answers that do not tell one object from another.
const UNTOLD: [&str; 3] = ["pageInfo", "edges", "cursor"];

/// A place in the arguments of a call where an id is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: Vec<String>,
    /// Of which type.
    pub ty: String,
}

/// The type whose ids an argument takes. `holder` is the input that it is a field of, or the type that the call answers.
fn kind(schema: &Schema, holder: &str, name: &str) -> String {
    if schema.interfaces.contains_key(holder) {
        return holder.to_owned();
    }
    let bare = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id")).unwrap_or(name);
    if let Some((_, ty)) = CALLED.iter().find(|(known, _)| *known == bare) {
        return (*ty).to_owned();
    }
    let mut ty = bare.to_owned();
    ty[..1].make_ascii_uppercase();
    if schema.has_id(&ty) {
        return ty;
    }
    if name == ANYTHING {
        return "Bill".to_owned();
    }
    // `id` alone: what the input or the answer is called after.
    let candidates = schema.objects.keys().filter(|ty| schema.has_id(ty) && holder.contains(ty.as_str()));
    let found = candidates.max_by_key(|ty| ty.len()).filter(|_| name == "id");
    found.unwrap_or_else(|| panic!("{holder}.{name}: say in tests/tests/authorization/calls.rs of which type this id is")).clone()
}

/// Every place of an id in the arguments of a field.
pub fn places(schema: &Schema, field: &Field) -> Vec<Place> {
    let mut found = Vec::new();
    collect(schema, &field.ty, &field.arguments, &[], &mut found);
    found
}

fn collect(schema: &Schema, holder: &str, arguments: &[Argument], path: &[String], found: &mut Vec<Place>) {
    for argument in arguments {
        let path = [path, std::slice::from_ref(&argument.name)].concat();
        if argument.ty == "ID" {
            found.push(Place { ty: kind(schema, holder, &argument.name), path });
        } else if let Some(fields) = schema.inputs.get(&argument.ty) {
            collect(schema, &argument.ty, fields, &path, found);
        }
    }
}

/// How the ids of a call are chosen.
pub struct Ids<'a> {
    /// The one that it is about.
    pub at: Option<(&'a Place, &'a str)>,
    /// Those that must be given besides.
    pub other: &'a dyn Fn(&str) -> String,
    /// The idempotency key of this call.
    pub key: String,
}

/// The variables of a call.
pub fn variables(schema: &Schema, field: &Field, ids: &Ids<'_>) -> Value {
    Value::Object(fields(schema, &field.ty, &field.arguments, &[], ids, false))
}

fn fields(schema: &Schema, holder: &str, arguments: &[Argument], path: &[String], ids: &Ids<'_>, one: bool) -> Map<String, Value> {
    let on_the_way = |path: &[String]| ids.at.is_some_and(|(place, _)| place.path.starts_with(path));
    let mut out = Map::new();
    for argument in arguments {
        let path = [path, std::slice::from_ref(&argument.name)].concat();
        let wanted = on_the_way(&path);
        let first = one
            && out.is_empty()
            && !arguments.iter().any(|a| on_the_way(&[&path[..path.len() - 1], std::slice::from_ref(&a.name)].concat()));
        if wanted || first || argument.required || ALWAYS.contains(&argument.name.as_str()) {
            let value = value(schema, holder, argument, &path, ids);
            out.insert(argument.name.clone(), if argument.list { json!([value]) } else { value });
        }
    }
    out
}

fn value(schema: &Schema, holder: &str, argument: &Argument, path: &[String], ids: &Ids<'_>) -> Value {
    if argument.ty == "ID" {
        return match ids.at {
            Some((place, id)) if place.path == path => json!(id),
            _ => json!((ids.other)(&kind(schema, holder, &argument.name))),
        };
    }
    if let Some(inner) = schema.inputs.get(&argument.ty) {
        return Value::Object(fields(schema, &argument.ty, inner, path, ids, schema.one_of.contains(&argument.ty)));
    }
    if let Some(values) = schema.enums.get(&argument.ty) {
        return json!(values[0]);
    }
    match (argument.ty.as_str(), argument.name.as_str()) {
        ("Boolean", _) => json!(true),
        ("Int", "first") => json!(5),
        ("Int", _) => json!(1),
        ("BigInt", _) => json!("100"),
        ("Date", _) => json!("2026-11-21"),
        ("JSON", _) => json!({}),
        ("Decimal", _) => json!("1.00"),
        ("CurrencyCode", _) => json!("EUR"),
        ("TimeZone", _) => json!("Europe/Berlin"),
        (_, "email") => json!("somebody@example.com"),
        (_, "password" | "newPassword") => json!("a password nobody has"),
        (_, "idempotencyKey") => json!(ids.key),
        _ => json!("some text"),
    }
}

/// The document of a call of a field of a root type; `x` in its answer.
pub fn document(schema: &Schema, operation: &str, field: &Field, variables: &Value) -> String {
    let given: Vec<&Argument> = field.arguments.iter().filter(|a| variables.get(&a.name).is_some()).collect();
    let declared: Vec<String> = given.iter().map(|a| format!("${}: {}", a.name, a.written)).collect();
    let passed: Vec<String> = given.iter().map(|a| format!("{0}: ${0}", a.name)).collect();
    let parens = |parts: Vec<String>| if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) };
    format!("{operation}{} {{ x: {}{}{} }}", parens(declared), field.name, parens(passed), selection(schema, &field.ty))
}

/// Everything of an answer that tells one object from another.
fn selection(schema: &Schema, ty: &str) -> String {
    if ty == "UserError" {
        return " { code message path retryAfter relatedId }".to_owned();
    }
    let Some(fields) = schema.objects.get(ty).filter(|_| !schema.has_id(ty)) else {
        return if schema.is_object(ty) { " { __typename id }".to_owned() } else { String::new() };
    };
    let inner = fields.iter().filter(|field| !field.needs_arguments() && !UNTOLD.contains(&field.name.as_str()));
    let inner: Vec<String> = inner
        .map(|field| {
            let deeper = schema.is_object(&field.ty) && !schema.has_id(&field.ty) && field.ty != "UserError";
            format!("{}{}", field.name, if deeper { " { __typename }".to_owned() } else { selection(schema, &field.ty) })
        })
        .collect();
    format!(" {{ {} }}", inner.join(" "))
}

/// An id of this type that nobody has.
pub fn made_up(example: &str) -> String {
    format!("{}_7zzzzzzzzzzzzzzzzzzzzzzzzz", example.split_once('_').expect("a prefix").0)
}

/// Whether a call was refused because of who called.
pub fn refused(answer: &Value) -> bool {
    let top = answer["errors"].as_array().into_iter().flatten().any(|error| {
        error["path"].as_array().is_none_or(|path| path.len() <= 1)
            && matches!(error["extensions"]["code"].as_str(), Some("UNAUTHENTICATED" | "FORBIDDEN"))
    });
    top || answer["data"]["x"]["userErrors"].as_array().into_iter().flatten().any(|error| error["code"] == "FORBIDDEN")
}
