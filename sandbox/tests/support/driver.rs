//! Does what a provider definition says, as plainly as possible: enough to see that the definitions and the servers fit together.
//!
//! Billow's own connectors do this properly; that they are not used here keeps the sandbox free of them.

use std::collections::BTreeMap;

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::Val;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

const ARR: &str = "def arr: if . == null then [] elif type == \"array\" then . else [.] end; ";

/// The single result of a program.
pub fn jq(program: &str, input: &Value) -> Value {
    let code = format!("{ARR}{program}");
    let arena = Arena::default();
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let modules = Loader::new(defs).load(&arena, File { code: code.as_str(), path: () }).expect("the program can be read");
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let filter = Compiler::default().with_funs(funs).compile(modules).expect("the program can be compiled");
    let input: Val = jaq_json::read::parse_single(input.to_string().as_bytes()).expect("JSON");
    let mut out = filter.id.run((Ctx::<data::JustLut<Val>>::new(&filter.lut, Vars::new([])), input)).map(unwrap_valr);
    let first = out.next().expect("a result").expect("no error");
    assert!(out.next().is_none(), "more than one result");
    serde_json::from_str(&first.to_string()).expect("JSON")
}

/// Fetches an account from a provider of kind HTTP and gives what the `outcome` program says.
pub async fn fetch(client: &reqwest::Client, (definition, credentials): &(Value, Value), params: &[(&str, &str)]) -> Value {
    let settings = &definition["connector"]["settings"];
    let base = settings["base_url"].as_str().expect("a base address");
    let params: BTreeMap<_, _> = params.iter().copied().collect();
    let mut context = json!({ "params": params, "today": "2026-11-21", "now": super::NOW, "steps": {} });
    for step in settings["steps"].as_array().expect("steps") {
        let name = step["name"].as_str().expect("a name");
        let polls = step["poll"]["max"].as_u64().unwrap_or(1);
        for _ in 0..polls {
            let asked = step["request"].as_str().map_or(json!({}), |program| jq(program, &context));
            let mut path = asked["path"].as_str().or(step["path"].as_str()).expect("a path").to_owned();
            for (name, value) in &params {
                path = path.replace(&format!("{{param.{name}}}"), value);
            }
            let mut request = match step["method"].as_str() {
                Some("POST") => client.post(format!("{base}{path}")),
                _ => client.get(format!("{base}{path}")),
            };
            for (name, value) in asked["query"].as_object().into_iter().flatten() {
                request = request.query(&[(name, value.as_str().expect("a text"))]);
            }
            if !asked["body"].is_null() {
                request = request.json(&asked["body"]);
            }
            let response = authorized(request, &settings["auth"], credentials).send().await.expect("an answer");
            let status = response.status().as_u16();
            let accepted = step["accept_status"].as_array().is_some_and(|all| all.iter().any(|s| *s == status));
            assert!(accepted, "{name} was answered with {status}");
            let text = response.text().await.expect("a body");
            let body = if step["format"] == "xml" { xml(&text) } else { serde_json::from_str(&text).expect("JSON") };
            context["steps"][name] = json!({ "status": status, "headers": {}, "body": body });
            if step["poll"].is_null() || jq(step["poll"]["until"].as_str().expect("a program"), &context) == true {
                break;
            }
        }
    }
    jq(settings["outcome"].as_str().expect("a program"), &context)
}

fn authorized(request: reqwest::RequestBuilder, auth: &Value, credentials: &Value) -> reqwest::RequestBuilder {
    let secret = |field: &str| credentials[auth[field].as_str().expect("a name")].as_str().expect("a secret");
    match auth["type"].as_str() {
        None => request,
        Some("bearer") => request.bearer_auth(secret("credential")),
        Some("header") => request.header(auth["name"].as_str().expect("a name"), secret("credential")),
        Some("query") => request.query(&[(auth["name"].as_str().expect("a name"), secret("credential"))]),
        Some("basic") => request.basic_auth(secret("username_credential"), Some(secret("password_credential"))),
        Some(other) => panic!("{other} is not a way to authorize"),
    }
}

/// XML as programs see it: attributes under `@name`, text under `#text`, repeated children as lists, no prefixes.
pub fn xml(text: &str) -> Value {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, Map<String, Value>, String)> = vec![(String::new(), Map::new(), String::new())];
    loop {
        let event = reader.read_event().expect("XML");
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                let attributes = start.attributes().map(|a| a.expect("an attribute"));
                let fields = attributes
                    .filter(|a| !a.key.as_ref().starts_with("xmlns"))
                    .map(|a| (format!("@{}", a.key.local_name().as_ref()), Value::from(a.value.as_ref())))
                    .collect();
                open.push((start.local_name().as_ref().to_owned(), fields, String::new()));
                if matches!(event, Event::Empty(_)) {
                    close(&mut open);
                }
            }
            Event::End(_) => close(&mut open),
            Event::Text(text) => open.last_mut().expect("an element").2.push_str(&text.xml10_content()),
            Event::Eof => return Value::Object(open.pop().expect("the document").1),
            _ => {}
        }
    }
}

fn close(open: &mut Vec<(String, Map<String, Value>, String)>) {
    let (name, mut fields, text) = open.pop().expect("an element");
    let text = text.trim();
    let value = match (fields.is_empty(), text.is_empty()) {
        (true, true) => Value::Null,
        (true, false) => Value::from(text),
        (false, _) => {
            if !text.is_empty() {
                fields.insert("#text".into(), text.into());
            }
            Value::Object(fields)
        }
    };
    let parent = &mut open.last_mut().expect("a parent").1;
    match parent.get_mut(&name) {
        None => drop(parent.insert(name, value)),
        Some(Value::Array(items)) => items.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}
