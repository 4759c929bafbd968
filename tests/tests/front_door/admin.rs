//! An administrator's journeys: providers at run time without code, and keys for programs.

use billow_entities::Role;
use billow_sandbox::{Provider, provider_definition};
use billow_tests::{Client, TestApp, both, stable, text};
use chrono::Duration;
use serde_json::{Value, json};

const REGISTER: &str = "mutation($input: RegisterProviderInput!) { registerProvider(input: $input) { \
     provider { id code version status credentialNames } userErrors { code message path } } }";
const UPDATE: &str = "mutation($input: UpdateProviderInput!) { updateProvider(input: $input) { provider { id name version credentialNames } userErrors { code message path } } }";
const TEST: &str = "mutation($input: TestProviderInput!) { testProvider(input: $input) { report { outcome message durationMs \
     bills { number dueOn issuedOn amount { formatted } lines { label } problems raw } plans prepaid \
     exchanges { step requestLine requestHeaders { name value } requestBody status responseBody problem } } userErrors { code message path } } }";

fn voltara(app: &TestApp) -> (Value, Value) {
    provider_definition(Provider::Voltara, app.sandbox.http_url())
}

/// The definition with one thing changed.
fn with(definition: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = definition.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = changed.pointer_mut(parent).expect("a place");
    match parent {
        Value::Array(items) => items[name.parse::<usize>().expect("a number")] = value,
        other => other[name] = value,
    }
    changed
}

async fn report(admin: &Client, input: Value) -> Value {
    admin.must(TEST, json!({"input": input})).await["report"].take()
}

fn sample() -> Value {
    json!([{"name": "consumer_number", "value": "VT10000001"}])
}

both! {
    async fn a_provider_is_registered_by_data_alone_and_in_force_at_once(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 2).expect("history");
        let admin = app.staff(Role::Admin).await;
        let (definition, credentials) = voltara(&app);
        let payload = admin.must(REGISTER, json!({"input": {"definition": definition, "credentials": credentials}})).await;
        assert_eq!(payload["provider"]["credentialNames"], json!(["api_key"]));
        assert_eq!(admin.refused(REGISTER, json!({"input": {"definition": definition, "credentials": credentials}})).await, ["definition.code: CODE_TAKEN"]);
        let id = text(&payload["provider"]["id"]);
        let anna = app.customer("Anna").await;
        anna.add_account(&id, None, "consumer_number", "VT10000001").await;
        app.settle().await;
        assert_eq!(anna.bills().await.len(), 2);
        // Not even staff read a secret back.
        let whole = admin.run("query($id: ID!) { provider(id: $id) { definition credentialNames versions { definition note editedBy { email } } } events(first: 100) { nodes { data } } auditEntries { nodes { data } } }", json!({"id": id})).await;
        assert!(!whole.to_string().contains(credentials["api_key"].as_str().expect("a key")), "{whole}");
    }

    async fn all_that_is_wrong_with_a_definition_is_told_at_its_place(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let (good, credentials) = voltara(&app);
        let outcome = "/connector/settings/outcome";
        for (changed, wanted) in [
            (with(&good, "/params/0/pattern", json!("VT[0-9{8")), "definition.params.0.pattern: INVALID"),
            (with(&good, "/params/0/pattern", json!("(a{1000}){1000}")), "definition.params.0.pattern: INVALID"),
            (with(&good, "/params/0/example", json!("VT1")), "definition.params.0.example: INVALID"),
            (with(&good, "/schedule/every/day", json!(32)), "definition.schedule.every.day: OUT_OF_RANGE"),
            (with(&good, "/schedule/every", json!({"kind": "CRON", "expression": "0 6 31 2 *"})), "definition.schedule.every.expression: OUT_OF_RANGE"),
            (with(&good, "/schedule/every", json!({"kind": "CRON", "expression": "whenever"})), "definition.schedule.every.expression: OUT_OF_RANGE"),
            (with(&good, "/schedule/hour", json!(24)), "definition.schedule.hour: OUT_OF_RANGE"),
            (with(&good, "/connector/settings/base_url", json!("http://10.0.0.1/bills")), "definition.connector.settings.base_url: CONNECTOR"),
            (with(&good, "/connector/settings/base_url", json!("https://169.254.169.254/latest")), "definition.connector.settings.base_url: CONNECTOR"),
            (with(&good, "/connector/settings/base_url", json!("https://localhost:5432/")), "definition.connector.settings.base_url: CONNECTOR"),
            (with(&good, "/connector/settings/base_url", json!("file:///etc/passwd")), "definition.connector.settings.base_url: CONNECTOR"),
            (with(&good, outcome, json!("{outcome: ")), "definition.connector.settings.outcome: CONNECTOR"),
            (with(&good, outcome, json!("env")), "definition.connector.settings.outcome: CONNECTOR"),
            (with(&good, "/connector/settings/steps/0/methd", json!("GET")), "definition.connector.settings.steps.0.methd: CONNECTOR"),
            (with(&good, "/colour", json!("red")), "definition.colour: UNKNOWN_FIELD"),
            (with(&good, "/currency", json!("EURO")), "definition.currency: TOO_LONG"),
            (with(&good, "/time_zone", json!("Europe/Atlantis")), "definition.time_zone: INVALID"),
            (with(&good, "/amount_rule", json!({"kind": "RANGE", "min_minor": 10, "max_minor": 1})), "definition.amount_rule.min_minor: OUT_OF_RANGE"),
            (with(&good, "/connector/settings/auth/credential", json!("secret")), "definition.connector.settings.auth.credential: UNKNOWN_CREDENTIAL"),
        ] {
            let found = admin.refused(REGISTER, json!({"input": {"definition": changed, "credentials": credentials}})).await;
            assert!(found.iter().any(|f| f == wanted), "{wanted}: {found:?}");
        }
        // Several things at once are told at once.
        let bad = with(&with(&good, "/name", json!("")), "/schedule/grace_days", json!(99));
        assert_eq!(admin.refused(REGISTER, json!({"input": {"definition": bad, "credentials": credentials}})).await.len(), 2);
        assert_eq!(admin.refused(REGISTER, json!({"input": {"definition": "text", "credentials": credentials}})).await, ["definition: WRONG_TYPE"]);
        assert_eq!(admin.refused(REGISTER, json!({"input": {"definition": good, "credentials": {"api_key": ""}}})).await, ["credentials.api_key: REQUIRED"]);
        let none = admin.run("{ providers { nodes { id } } }", json!({})).await;
        assert_eq!(none["providers"]["nodes"], json!([]));
    }

    async fn a_try_shows_the_request_the_answer_and_where_the_mapping_fails(engine) {
        let app = TestApp::start(engine).await;
        app.sandbox.state().seed_history(Provider::Voltara, "VT10000001", 1).expect("history");
        let admin = app.staff(Role::Admin).await;
        let (definition, credentials) = voltara(&app);
        let tried = report(&admin, json!({"definition": definition, "credentials": credentials, "params": sample()})).await;
        assert!(!tried.to_string().contains("voltara-key"), "the secret is masked: {tried}");
        insta::assert_json_snapshot!("admin_test_report", stable(tried));

        for (program, outcome, words) in [
            ("def f: f; f", "BROKEN", "stopped after"),
            ("[limit(1000000000; repeat(1))] | {outcome: \"NONE_DUE\"}", "BROKEN", "outcome"),
            ("\"bills\"", "BROKEN", "outcome"),
            ("{outcome: \"BILLS\", bills: [{number: 1}]}", "BROKEN", "amount"),
            ("{outcome: \"BILLS\", bills: [{number: \"1\", amount: \"12.305\"}]}", "BILLS", "12.305"),
            ("{outcome: \"PERHAPS\"}", "BROKEN", "PERHAPS"),
            (".steps.invoices.body.invoices.first", "BROKEN", "index"),
            ("error(\"no such luck\")", "BROKEN", "no such luck"),
        ] {
            let changed = with(&definition, "/connector/settings/outcome", json!(program));
            let tried = report(&admin, json!({"definition": changed, "credentials": credentials, "params": sample()})).await;
            assert_eq!(tried["outcome"], outcome, "{program}: {tried:#}");
            assert!(format!("{} {}", tried["message"], tried["bills"]).contains(words), "{program}: {tried:#}");
        }
        // A wrong key is told as such, and a wrong sample before any call.
        let tried = report(&admin, json!({"definition": definition, "credentials": {"api_key": "wrong"}, "params": sample()})).await;
        assert_eq!((&tried["outcome"], &tried["exchanges"][0]["status"]), (&json!("BROKEN"), &json!(401)));
        app.sandbox.state().clear_log();
        let wrong = json!({"definition": definition, "credentials": credentials, "params": [{"name": "consumer_number", "value": "XX"}]});
        assert!(admin.refused(TEST, json!({"input": wrong})).await[0].starts_with("params.consumer_number"));
        assert!(app.sandbox.state().log(None).is_empty());
        assert_eq!(admin.run("{ providers { nodes { id } } bills { nodes { id } } }", json!({})).await, json!({"providers": {"nodes": []}, "bills": {"nodes": []}}), "nothing was stored");
    }

    async fn an_edit_keeps_versions_and_refuses_what_somebody_else_did_not_see(engine) {
        let app = TestApp::start(engine).await;
        let id = app.provider(Provider::Voltara).await;
        let admin = app.staff(Role::Admin).await;
        let (definition, _) = voltara(&app);
        let renamed = with(&definition, "/name", json!("Voltara AG"));
        let mut told = admin.subscribe("subscription { providerUpdated { resync provider { name version } } }", json!({})).await;
        let edit = |definition: &Value, version: i32| json!({"input": {"providerId": id, "expectedVersion": version, "definition": definition, "note": "A new name"}});
        let edited = admin.must(UPDATE, edit(&renamed, 1)).await;
        assert_eq!((&edited["provider"]["version"], &edited["provider"]["credentialNames"]), (&json!(2), &json!(["api_key"])));
        app.settle().await;
        assert_eq!(told.next().await["providerUpdated"]["provider"], json!({"name": "Voltara AG", "version": 2}));
        assert_eq!(admin.refused(UPDATE, edit(&definition, 1)).await, ["expectedVersion: CONFLICT"]);
        let versions = admin.run("query($id: ID!) { provider(id: $id) { versions { version note definition editedBy { email } } } }", json!({"id": id})).await;
        let versions = versions["provider"]["versions"].as_array().expect("versions").clone();
        assert_eq!(versions.iter().map(|v| (v["version"].clone(), v["definition"]["name"].clone())).collect::<Vec<_>>(), [(json!(2), json!("Voltara AG")), (json!(1), json!("Voltara Energie"))]);
        assert_eq!((&versions[0]["note"], &versions[0]["editedBy"]["email"]), (&json!("A new name"), &json!("admin@example.com")));
        // The secret a definition names cannot be taken away from under it.
        let input = json!({"providerId": id, "expectedVersion": 2, "definition": renamed, "removeCredentials": ["api_key"]});
        assert_eq!(admin.refused(UPDATE, json!({"input": input})).await, ["definition.connector.settings.auth.credential: UNKNOWN_CREDENTIAL"]);

        // What accounts were added with stays, and another day moves them.
        let anna = app.customer("Anna").await;
        let account = anna.add_account(&id, None, "consumer_number", "VT10000001").await;
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        app.settle().await;
        let other = with(&renamed, "/params/0/name", json!("contract"));
        assert!(admin.refused(UPDATE, edit(&other, 2)).await.iter().all(|e| e.ends_with("IN_USE") || e.ends_with("CONNECTOR")));
        admin.must(UPDATE, edit(&with(&renamed, "/schedule/every/day", json!(20)), 2)).await;
        app.settle().await;
        let next = anna.run("query($id: ID!) { utilityAccount(id: $id) { nextFetchAt } }", json!({"id": account})).await;
        assert!(text(&next["utilityAccount"]["nextFetchAt"]).starts_with("2026-12-20T0"), "{next}");
    }

    async fn a_paused_provider_is_left_alone_and_its_health_is_seen(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let id = app.known_provider("voltara").await.expect("a provider");
        let admin = app.staff(Role::Admin).await;
        let pause = "mutation($input: PauseProviderInput!) { pauseProvider(input: $input) { provider { status statusReason } userErrors { code message path } } }";
        let paused = admin.must(pause, json!({"input": {"providerId": id, "reason": "They are moving house"}})).await;
        assert_eq!(paused["provider"], json!({"status": "PAUSED", "statusReason": "They are moving house"}));
        app.sandbox.state().clear_log();
        app.pass(Duration::days(27));
        app.settle().await;
        assert!(app.sandbox.state().log(None).is_empty(), "nobody is fetched");
        let fetch = "mutation($input: FetchBillsInput!) { fetchBills(input: $input) { userErrors { code message path } } }";
        assert_eq!(anna.refused(fetch, json!({"input": {"utilityAccountId": account}})).await, [": PROVIDER_PAUSED"]);
        let trouble = admin.run("{ dashboard { providersInTrouble { code } customers } }", json!({})).await;
        assert_eq!(trouble["dashboard"], json!({"providersInTrouble": [{"code": "voltara"}], "customers": 1}));

        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        let resume = "mutation($input: ResumeProviderInput!) { resumeProvider(input: $input) { provider { status statusReason } userErrors { code message path } } }";
        assert_eq!(admin.must(resume, json!({"input": {"providerId": id}})).await["provider"], json!({"status": "ACTIVE", "statusReason": null}));
        app.settle().await;
        assert_eq!(anna.bills().await.len(), 1, "what was missed is made up for");
        let health = "query($id: ID!) { provider(id: $id) { health { circuit circuitReason lastSuccessAt outcomes24h { outcome count } p50Ms accounts accountsNeedingAttention dueNow } } }";
        insta::assert_json_snapshot!("admin_health", stable(admin.run(health, json!({"id": id})).await));
    }

    async fn a_program_s_key_opens_what_its_scopes_say_and_nothing_else(engine) {
        let app = TestApp::start(engine).await;
        let (_, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        let admin = app.staff(Role::Admin).await;
        let create = "mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key apiClient { id name keyHint scopes provider { code } } userErrors { code message path } } }";
        let reader = admin.must(create, json!({"input": {"name": "ledger", "scopes": ["BILLS_READ"]}})).await;
        let key = text(&reader["key"]);
        assert!(key.starts_with("bk_") && key.ends_with(&text(&reader["apiClient"]["keyHint"])), "{reader}");
        let program = app.client(&key);
        let viewer = program.run("{ viewer { role user { id } client { name scopes } } bills { nodes { number } } }", json!({})).await;
        assert_eq!(viewer["viewer"], json!({"role": null, "user": null, "client": {"name": "ledger", "scopes": ["BILLS_READ"]}}));
        for query in ["{ events { nodes { id } } }", "{ customers { nodes { id } } }", "{ staff { id } }", "{ notifications { nodes { id } } }"] {
            assert_eq!(program.fault(query, json!({})).await, "FORBIDDEN", "{query}");
        }
        let (definition, credentials) = voltara(&app);
        assert_eq!(program.refused(REGISTER, json!({"input": {"definition": definition, "credentials": credentials}})).await, [": FORBIDDEN"]);
        // Bills are posted for one provider, and that has to be said.
        assert_eq!(admin.refused(create, json!({"input": {"name": "poster", "scopes": ["BILLS_PUSH"]}})).await.len(), 1);
        assert_eq!(admin.refused(create, json!({"input": {"name": " ", "scopes": []}})).await.len(), 2);

        let revoke = "mutation($input: RevokeApiClientInput!) { revokeApiClient(input: $input) { apiClient { revokedAt } userErrors { code message path } } }";
        admin.must(revoke, json!({"input": {"apiClientId": reader["apiClient"]["id"]}})).await;
        assert_eq!(program.fault("{ bills { nodes { number } } }", json!({})).await, "UNAUTHENTICATED");
        let listed = admin.run("{ apiClients { name revokedAt } }", json!({})).await;
        assert_eq!(listed["apiClients"][0]["revokedAt"], json!("2026-11-21T09:00:00.000Z"));
    }

    async fn customers_and_operators_are_refused(engine) {
        let app = TestApp::start(engine).await;
        let id = app.provider(Provider::Voltara).await;
        let (definition, credentials) = voltara(&app);
        let (anna, operator) = (app.customer("Anna").await, app.staff(Role::Operator).await);
        for somebody in [&anna, &operator] {
            for (query, input) in [
                (REGISTER, json!({"definition": definition, "credentials": credentials})),
                (UPDATE, json!({"providerId": id, "expectedVersion": 1, "definition": definition})),
                (TEST, json!({"providerId": id, "params": sample()})),
                ("mutation($input: PauseProviderInput!) { pauseProvider(input: $input) { userErrors { code message path } } }", json!({"providerId": id, "reason": "No"})),
                ("mutation($input: ResumeProviderInput!) { resumeProvider(input: $input) { userErrors { code message path } } }", json!({"providerId": id})),
                ("mutation($input: ResetProviderCircuitInput!) { resetProviderCircuit(input: $input) { userErrors { code message path } } }", json!({"providerId": id})),
                ("mutation($input: CreateApiClientInput!) { createApiClient(input: $input) { key userErrors { code message path } } }", json!({"name": "x", "scopes": ["BILLS_READ"]})),
                ("mutation($input: CreateStaffUserInput!) { createStaffUser(input: $input) { userErrors { code message path } } }", json!({"email": "me@example.com", "password": "correct horse battery", "role": "ADMIN"})),
            ] {
                assert_eq!(somebody.refused(query, json!({"input": input})).await, [": FORBIDDEN"], "{query}");
            }
        }
        let nobody = app.anonymous().ask(REGISTER, json!({"input": {"definition": definition, "credentials": credentials}})).await;
        assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }

    async fn staff_are_made_and_kept_out_again(engine) {
        let app = TestApp::start(engine).await;
        let admin = app.staff(Role::Admin).await;
        let create = "mutation($input: CreateStaffUserInput!) { createStaffUser(input: $input) { user { id email role disabledAt } userErrors { code message path } } }";
        let made = admin.must(create, json!({"input": {"email": "otto@example.com", "password": "correct horse battery", "role": "OPERATOR"}})).await;
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { code message path } } }";
        let input = json!({"input": {"email": "otto@example.com", "password": "correct horse battery", "deviceKind": "BEARER"}});
        let otto = app.client(&text(&app.anonymous().must(sign_in, input.clone()).await["token"]));
        otto.run("{ dashboard { customers } }", json!({})).await;
        let disable = "mutation($input: DisableUserInput!) { disableUser(input: $input) { user { disabledAt } userErrors { code message path } } }";
        admin.must(disable, json!({"input": {"userId": made["user"]["id"]}})).await;
        assert_eq!(otto.fault("{ dashboard { customers } }", json!({})).await, "UNAUTHENTICATED");
        assert_eq!(app.anonymous().refused(sign_in, input).await.len(), 1);
        let own = text(&admin.run("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"]);
        assert_eq!(admin.refused(disable, json!({"input": {"userId": own}})).await.len(), 1, "an instance keeps an administrator");
    }
}
