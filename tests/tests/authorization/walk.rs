//! Asks everything a caller can reach: from every root field along every edge, and notes what came back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::schema::{Field, Schema};
use crate::world::{AFTER, Caller, World};

/// Edges from a root field that are followed.
const DEPTH: usize = 12;
/// Objects without an id that belong to what this field of theirs leads to.
const BELONG_TO: [(&str, &str); 1] = [("PropertyMember", "customer")];

/// What was seen: of each type and field, by which classes, and where first.
#[derive(Debug, Default)]
pub struct Seen {
    pub objects: BTreeMap<(String, String), String>,
    pub fields: BTreeMap<(String, String, String), String>,
    /// Answers of root fields by class: whether any was not refused.
    pub roots: BTreeMap<(String, String), bool>,
    /// What is wrong wherever it shows.
    pub wrong: Vec<String>,
}

/// A field that is asked for, with everything that is asked for below it.
#[derive(Debug)]
struct Branch {
    /// As it is written in the query.
    call: String,
    ty: String,
    /// Whether it is behind an interface.
    fragment: bool,
    below: BTreeMap<String, Branch>,
    /// Fields that fail here and take their parent along.
    without: BTreeSet<String>,
    depth: usize,
}

impl Branch {
    fn new(call: String, ty: &str, depth: usize) -> Self {
        Self { call, ty: ty.to_owned(), fragment: false, below: BTreeMap::new(), without: BTreeSet::new(), depth }
    }

    fn written(&self, schema: &Schema) -> String {
        let inner = self.selection(schema);
        if self.fragment { format!("{} {{ ... on {} {{ {inner} }} }}", self.call, self.ty) } else { format!("{} {{ {inner} }}", self.call) }
    }

    fn asked<'a>(&self, schema: &'a Schema) -> impl Iterator<Item = &'a Field> {
        schema.objects[&self.ty].iter().filter(|field| !field.needs_arguments() && !self.without.contains(&field.name))
    }

    fn selection(&self, schema: &Schema) -> String {
        let mut out = "__typename".to_owned();
        for field in self.asked(schema) {
            out.push(' ');
            match self.below.get(&field.name) {
                Some(branch) => out += &branch.written(schema),
                None if schema.is_object(&field.ty) => {
                    out += &format!("{} {{ __typename{} }}", called(field), key_fields(schema, &field.ty));
                }
                None => out += &field.name,
            }
        }
        out
    }

    /// Leaves out the field in which an error arose, where its parent fell with it.
    fn leave_out(&mut self, path: &[&str], schema: &Schema) -> bool {
        let Some((name, rest)) = path.split_first() else { return false };
        if let Some(branch) = self.below.get_mut(*name).filter(|_| !rest.is_empty()) {
            return branch.leave_out(rest, schema);
        }
        let fails = schema.objects[&self.ty].iter().any(|field| field.name == **name && !field.nullable);
        fails && self.without.insert((*name).to_owned())
    }
}

/// A field as it is asked for: of a page only its beginning.
fn called(field: &Field) -> String {
    if field.takes("first") { format!("{}(first: 3)", field.name) } else { field.name.clone() }
}

/// What tells one object of a type from another.
fn key_fields(schema: &Schema, ty: &str) -> String {
    match BELONG_TO.iter().find(|(known, _)| *known == ty) {
        Some((_, field)) => format!(" {field} {{ id }}"),
        None if schema.has_id(ty) => " id".to_owned(),
        None => String::new(),
    }
}

fn key_of<'a>(object: &'a Value, ty: &str) -> Option<&'a str> {
    match BELONG_TO.iter().find(|(known, _)| *known == ty) {
        Some((_, field)) => object[*field]["id"].as_str(),
        None => object["id"].as_str(),
    }
}

/// Whether a value shows something.
fn shows(value: &Value) -> bool {
    !(value.is_null() || *value == json!([]) || *value == json!("") || *value == json!(false))
}

pub struct Walker<'a> {
    schema: &'a Schema,
    world: &'a World,
    caller: &'a Caller,
    seen: &'a mut Seen,
    done: BTreeSet<(String, String)>,
    pub requests: usize,
}

impl<'a> Walker<'a> {
    pub fn new(schema: &'a Schema, world: &'a World, caller: &'a Caller, seen: &'a mut Seen) -> Self {
        Self { schema, world, caller, seen, done: BTreeSet::new(), requests: 0 }
    }

    /// Walks from every root field.
    pub async fn walk(&mut self) {
        let schema = self.schema;
        for root in &schema.objects["Query"] {
            if self.caller.name == "guest" && root.name != "payLink" {
                continue;
            }
            let mut branches = self.calls(root);
            if branches.is_empty() {
                let answer = self.ask(&format!("{{ {} }}", root.name)).await;
                self.note_root(&root.name, &answer);
            } else {
                self.explore(root, &mut branches).await;
            }
        }
    }

    async fn ask(&mut self, query: &str) -> Value {
        self.requests += 1;
        let answer = self.caller.client.ask(query, json!({})).await;
        for error in answer["errors"].as_array().into_iter().flatten() {
            let code = error["extensions"]["code"].as_str().unwrap_or_default();
            assert!(matches!(code, "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND"), "{}: {query}\n{error:#}", self.caller.name);
        }
        answer
    }

    /// The ways to call a root field, by the name under which each answers. None for a scalar.
    fn calls(&self, root: &Field) -> BTreeMap<String, Branch> {
        let by_id = |ty: &str, alias: String, id: &String| {
            let mut branch = Branch::new(format!("{alias}: {}(id: \"{id}\")", root.name), ty, 1);
            branch.fragment = root.ty == "Node";
            (alias, branch)
        };
        if root.name == "node" {
            let types = self.schema.interfaces[&root.ty].iter();
            let all = types.flat_map(|ty| self.world.some_of(ty).into_iter().map(move |id| (ty, id)));
            return all.enumerate().map(|(at, (ty, id))| by_id(ty, format!("n{at}"), id)).collect();
        }
        if !self.schema.is_object(&root.ty) {
            return BTreeMap::new();
        }
        if root.takes("id") {
            return self.world.some_of(&root.ty).into_iter().enumerate().map(|(at, id)| by_id(&root.ty, format!("n{at}"), id)).collect();
        }
        let given = match root.name.as_str() {
            "payLink" if self.caller.name == "guest" => format!("(token: \"{}\")", self.world.link_token),
            "payLink" => "(token: \"made-up\")".to_owned(),
            "previewPayment" => format!("(input: {{bills: [{{billId: \"{}\"}}], useWallet: true}})", self.world.open_bill),
            // Who has no bill yet has no usual currency.
            "wallet" if self.caller.customer.is_some() => "(currency: \"EUR\")".to_owned(),
            "wallet" | "wallets" | "paymentMethods" => self.of_customer(),
            name => {
                assert!(!root.needs_arguments(), "Query.{name} needs arguments: give an example in tests/tests/authorization/walk.rs");
                if root.takes("first") { "(first: 10)".to_owned() } else { String::new() }
            }
        };
        BTreeMap::from([(root.name.clone(), Branch::new(format!("{}{given}", root.name), &root.ty, 1))])
    }

    /// Whose wallet and methods: their own, and for staff they say it.
    fn of_customer(&self) -> String {
        let anna = self.world.caller("anna").customer.as_deref().unwrap_or_default();
        if self.caller.customer.is_some() { String::new() } else { format!("(customerId: \"{anna}\")") }
    }

    fn note_root(&mut self, root: &str, answer: &Value) {
        let failed =
            answer["errors"].as_array().is_some_and(|errors| errors.iter().any(|error| error["path"].as_array().map(Vec::len) == Some(1)));
        let told = answer["data"][root]["userErrors"].as_array().into_iter().flatten().any(|error| error["code"] == "FORBIDDEN");
        let refused = failed || told;
        *self.seen.roots.entry((root.to_owned(), self.caller.class().to_owned())).or_default() |= !refused;
    }

    async fn explore(&mut self, root: &Field, branches: &mut BTreeMap<String, Branch>) {
        loop {
            let written: String = branches.values().map(|branch| format!("{} ", branch.written(self.schema))).collect();
            let answer = self.ask(&format!("{{ {written}}}")).await;
            self.note_root(&root.name, &answer);
            if self.caller.name == "erik" && answer.to_string().contains(AFTER) {
                self.seen.wrong.push(format!("who left the home sees what came after: {}\n{answer}", root.name));
            }
            let mut left_out = false;
            for error in answer["errors"].as_array().into_iter().flatten() {
                let path: Vec<&str> = error["path"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                if let Some((first, rest)) = path.split_first().filter(|(_, rest)| !rest.is_empty()) {
                    left_out |= branches.get_mut(*first).is_some_and(|branch| branch.leave_out(rest, self.schema));
                }
            }
            let mut more = false;
            for (name, branch) in branches.iter_mut() {
                more |= self.visit(branch, &answer["data"][name], None, &root.name);
            }
            if !left_out {
                branches.retain(|name, _| !answer["data"][name].is_null());
            }
            if branches.is_empty() || !(more || left_out) {
                return;
            }
        }
    }

    /// Notes what came back; answers whether there is more to ask for.
    fn visit(&mut self, branch: &mut Branch, value: &Value, above: Option<&str>, way: &str) -> bool {
        let object = match value {
            Value::Array(items) => return items.iter().fold(false, |more, item| self.visit(branch, item, above, way) | more),
            Value::Object(object) if !object.is_empty() => value,
            _ => return false,
        };
        let own = key_of(object, &branch.ty).filter(|id| self.world.knows(id)).or(above);
        let class = self.world.class(self.caller, own);
        let at = || format!("{} by {way}", self.caller.name);
        self.seen.objects.entry((branch.ty.clone(), class.to_owned())).or_insert_with(at);
        let schema = self.schema;
        let (mut more, mut next) = (false, Vec::new());
        for field in branch.asked(schema) {
            let value = &object[&field.name];
            if !shows(value) {
                continue;
            }
            self.seen.fields.entry((branch.ty.clone(), field.name.clone(), class.to_owned())).or_insert_with(at);
            if !schema.is_object(&field.ty) {
                continue;
            }
            let edge = format!("{}.{}", branch.ty, field.name);
            let children = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
            let new = children.iter().fold(false, |new, child| {
                let key = key_of(child, &field.ty).or(own).unwrap_or_default();
                self.done.insert((edge.clone(), key.to_owned())) | new
            });
            if new && branch.depth < DEPTH && !branch.below.contains_key(&field.name) {
                next.push(field);
            }
        }
        for field in next {
            branch.below.insert(field.name.clone(), Branch::new(called(field), &field.ty, branch.depth + 1));
            more = true;
        }
        for (name, below) in &mut branch.below {
            more |= self.visit(below, &object[name], own, &format!("{way} > {name}"));
        }
        more
    }
}
