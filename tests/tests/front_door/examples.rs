//! The example operations that GraphiQL offers: each is run by whoever it is for, with ids that exist.

use std::path::PathBuf;

use billow_entities::Role;
use billow_sandbox::Provider;
use billow_tests::{TestApp, both, text};
use serde_json::{Value, json};

struct Example {
    name: String,
    text: String,
    variables: Value,
}

fn examples() -> Vec<Example> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/graphiql/examples"));
    let mut out: Vec<_> = std::fs::read_dir(&folder)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "graphql"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("an example");
            let variables: String = text.lines().filter_map(|line| line.strip_prefix("# variables: ")).collect();
            let variables = if variables.is_empty() { json!({}) } else { serde_json::from_str(&variables).expect("variables are JSON") };
            Example { name: path.file_name().expect("a name").to_string_lossy().into_owned(), text, variables }
        })
        .collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(out.len() >= 10, "the examples are there");
    out
}

/// Puts ids that exist in the place of the blanks an example leaves.
fn filled(mut variables: Value, ids: &[(&str, &str)]) -> Value {
    fill(&mut variables, ids);
    if let Some(input) = variables.get_mut("input").and_then(Value::as_object_mut) {
        for param in input.get_mut("params").and_then(Value::as_array_mut).into_iter().flatten() {
            param["value"] = json!("VT10000003");
        }
    }
    variables
}

fn fill(value: &mut Value, ids: &[(&str, &str)]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, ids)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match ids.iter().find(|(known, _)| known == name) {
                    Some((_, id)) if field == "" => *field = json!(id),
                    _ => fill(field, ids),
                }
            }
        }
        _ => {}
    }
}

both! {
    async fn all_of_them_work(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 2).expect("history");
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let voltara = app.known_provider("voltara").await.expect("a provider");
        let admin = app.staff(Role::Admin).await;
        app.cards().await;
        let method = anna.save_card().await;
        let paid = anna.open_bills().await.pop().expect("a bill");
        let payment = text(&anna.pay(&[&paid], "for-the-examples", json!({"paymentMethodId": method})).await["id"]);
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", Some(4_000)).expect("a bill");
        anna.fetch_now(&account).await;
        app.settle().await;
        let bill = anna.open_bills().await.pop().expect("a bill");
        let chirp = app.provider(Provider::Chirp).await;
        let line = anna.add_account(&chirp, None, "mobile_number", Provider::Chirp.samples()[0]).await;
        app.settle().await;
        let sold = anna.run("query($id: ID!) { provider(id: $id) { rechargePlans { id } } }", json!({"id": chirp})).await;
        let plan = text(&sold["provider"]["rechargePlans"][0]["id"]);
        let prepaid = [("utilityAccountId", line.as_str()), ("rechargePlanId", &plan)];
        let ids = [
            ("providerId", voltara.as_str()),
            ("utilityAccountId", &account),
            ("billId", &bill),
            ("paymentMethodId", &method),
            ("paymentId", &payment),
        ];
        for example in examples() {
            let staff = ["(staff", "(administrators"].iter().any(|words| example.text.contains(words)) && !example.name.starts_with("06") && !example.name.starts_with("08");
            let who = if staff { &admin } else { &anna };
            let mut variables = example.variables.clone();
            if example.text.contains("recharge(") {
                fill(&mut variables, &prepaid);
            }
            let variables = filled(variables, &ids);
            if example.text.contains("\nsubscription ") {
                let _open = who.subscribe(&example.text, variables).await;
                continue;
            }
            let data = who.run(&example.text, variables).await;
            let (field, value) = data.as_object().and_then(|o| o.iter().next()).expect("a field");
            assert!(!value.is_null(), "{}: {field} is null", example.name);
            if example.text.contains("\nmutation ") {
                assert_eq!(value["userErrors"], json!([]), "{}", example.name);
            }
        }
        assert_eq!(text(&anna.run("{ viewer { role } }", json!({})).await["viewer"]["role"]), "CUSTOMER");
    }
}
