//! Clients that mean harm, or do it without meaning to: what one of them does is not felt by another.

use std::time::Duration;

use axum::http::StatusCode;
use billow_sandbox::Provider;
use billow_tests::{Client, Raw, TestApp, both};
use futures::SinkExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Longer than anything takes here, and shorter than the limits that a client which holds things up would run into.
const PROMPT: Duration = Duration::from_secs(8);

/// The question of graphql-js with everything it can be asked for, as GraphiQL and other tools send it.
const STANDARD: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } \
     subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations \
     args(includeDeprecated: true) { ...InputValue } } } } \
     fragment FullType on __Type { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description \
     args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } \
     inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description \
     isDeprecated deprecationReason } possibleTypes { ...TypeRef } } \
     fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason } \
     fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name \
     ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

/// Sends as one who does not get tired, and answers the code of the first error.
async fn code(client: &Client, query: &str, variables: Value) -> String {
    let answer = client.ask(query, variables).await;
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
}

/// A raw connection to the server.
async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.address).await.expect("a connection")
}

/// What the server says until it closes the connection.
async fn to_the_end(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    tokio::time::timeout(PROMPT, stream.read_to_end(&mut said)).await.expect("the server closes it").unwrap_or_default();
    String::from_utf8_lossy(&said).into_owned()
}

both! {
    async fn the_schema_can_be_asked_for_as_tools_do_and_no_more(engine) {
        let app = TestApp::start(engine).await;
        let stranger = app.anonymous();
        let first = stranger.run(STANDARD, json!({})).await;
        let types = first["__schema"]["types"].as_array().expect("types");
        assert!(types.len() > 200 && types.iter().any(|one| one["name"] == "Bill" && one["fields"].as_array().is_some_and(|f| f.len() > 10)));
        assert_eq!(stranger.run(STANDARD, json!({})).await, first, "the same again");
        let bill = stranger.run("query($name: String!) { __type(name: $name) { fields { name type { name ofType { name } } } } __schema { queryType { name } } }", json!({"name": "Bill"})).await;
        assert!(bill["__type"]["fields"].as_array().is_some_and(|fields| fields.len() > 10));

        let mut bomb = String::from("{ __schema { types { ...A0 } } }");
        for n in 0..6 {
            bomb += &format!(" fragment A{n} on __Type {{ fields {{ type {{ ...A{m} ofType {{ ...A{m} }} }} }} }}", m = n + 1);
        }
        bomb += " fragment A6 on __Type { name }";
        let aliases = (0..7).map(|n| format!("a{n}: __schema {{ types {{ name }} }} ")).collect::<String>();
        let types = (0..20).map(|n| format!("a{n}: types {{ name description fields {{ name description args {{ name }} }} }} ")).collect::<String>();
        let by_fragment = "{ ...F ...F } fragment F on Query { __schema { types { name } } }";
        for hostile in [&bomb, &format!("{{ {aliases} }}"), &format!("{{ __schema {{ {types} }} }}"), by_fragment,
            "{ a: __type(name: \"Bill\") { name } b: __type(name: \"Bill\") { name } }"] {
            let asked = tokio::time::timeout(PROMPT, code(&stranger, hostile, json!({})));
            assert_eq!(asked.await.expect("a prompt answer"), "TOO_COMPLEX", "{}", &hostile[..60]);
        }
    }

    async fn a_client_that_does_not_read_holds_up_nobody(engine) {
        let app = TestApp::start(engine).await;
        let (anna, account) = app.customer_with_electricity("Anna", "VT10000001").await;
        let (ben, _) = app.customer_with_electricity("Ben", "VT10000002").await;
        for _ in 0..20 {
            app.sandbox.state().issue_bill(Provider::Voltara, "VT10000001", None).expect("a bill");
        }
        anna.fetch_now(&account).await;
        app.settle().await;
        for _ in 0..20 {
            for change in ["pause", "resume"] {
                let query = format!("mutation($id: ID!) {{ {change}UtilityAccount(input: {{utilityAccountId: $id}}) {{ userErrors {{ code }} }} }}");
                anna.run(&query, json!({"id": account})).await;
            }
        }
        app.settle().await;
        let mut attack = Raw::signed_in(&anna).await;
        let query = "subscription { utilityAccountUpdated(after: \"0\") { utilityAccount { id label bills(first: 20) { nodes { id number status \
             amount { formatted } issuedOn dueOn provider { id name } utilityAccount { id label } property { id name } } } } } }";
        for n in 0..50 {
            attack.say(json!({"type": "subscribe", "id": n.to_string(), "payload": {"query": query}})).await;
        }
        // And not a word is read.
        for n in 0..30 {
            let bills = tokio::time::timeout(PROMPT, ben.run("{ bills(first: 5) { nodes { id number } } }", json!({})));
            let bills = bills.await.unwrap_or_else(|_| panic!("question {n} was held up"));
            assert!(bills["bills"]["nodes"].is_array());
            tokio::time::timeout(PROMPT, app.billing.fetching.fetch_due()).await.expect("work goes on").expect("work goes on");
        }
        // Her own other screens work as well, and a client that reads after all gets its events.
        tokio::time::timeout(PROMPT, anna.run("{ bills(first: 5) { nodes { id } } }", json!({}))).await.expect("prompt");
        let mut events = 0;
        while events < 300 {
            let message = attack.hear().await;
            assert_eq!(message["type"], "next", "{message}");
            events += 1;
        }
    }

    async fn a_close_frame_is_answered(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        for n in 0..20 {
            let mut socket = Raw::signed_in(&anna).await;
            if n % 2 == 0 {
                socket.say(json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { billReceived { cursor } }"}})).await;
            }
            socket.0.send(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }))).await.expect("sent");
            assert_eq!(socket.to_the_end().await, Some(1000));
        }
    }

    async fn sockets_and_operations_are_counted_by_sign_in_and_by_address(engine) {
        let app = TestApp::start_limited(engine, |config, _| {
            config.limits.sockets_per_sign_in = 2;
            config.limits.sockets_per_address = 3;
        })
        .await;
        let (anna, ben) = (app.customer("Anna").await, app.customer("Ben").await);
        let (_first, _second) = (Raw::signed_in(&anna).await, Raw::signed_in(&anna).await);
        let mut third = Raw::open(&anna).await;
        third.init(&anna).await;
        assert_eq!(third.to_the_end().await, Some(4429));
        let _his = Raw::signed_in_patiently(&ben).await;
        assert_eq!(Raw::refused(&ben).await, StatusCode::SERVICE_UNAVAILABLE);
    }

    async fn a_client_must_get_on_with_it(engine) {
        let app = TestApp::start_limited(engine, |_, connections| {
            connections.head = Duration::from_millis(300);
            connections.idle = Duration::from_millis(600);
        })
        .await;
        let silent = connect(&app).await;
        assert_eq!(to_the_end(silent).await, "", "one that says nothing");
        let mut slow = connect(&app).await;
        slow.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.expect("sent");
        let dripping = async {
            let (mut read, mut write) = slow.into_split();
            let drip = async { while write.write_all(b"x").await.is_ok() { tokio::time::sleep(Duration::from_millis(20)).await } };
            let mut said = Vec::new();
            tokio::select! { _ = read.read_to_end(&mut said) => {}, () = drip => {} }
            said
        };
        let said = tokio::time::timeout(PROMPT, dripping).await.expect("one that drips is closed");
        assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
        let mut idle = connect(&app).await;
        idle.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
        let said = to_the_end(idle).await;
        assert!(said.starts_with("HTTP/1.1 200"), "answered, and closed when nothing more came: {said}");
    }

    async fn one_address_has_so_many_connections_and_a_proxy_of_ours_more(engine) {
        for (proxies, fits) in [(&[][..], false), (&["127.0.0.0/8"][..], true)] {
            let app = TestApp::start_limited(engine, |config, connections| {
                config.trusted_proxies = billow_api::TrustedProxies::of(proxies).expect("networks");
                connections.proxies = config.trusted_proxies.clone();
                connections.per_address = 5;
            })
            .await;
            let mut open = Vec::new();
            for _ in 0..5 {
                open.push(connect(&app).await);
            }
            let mut one_more = connect(&app).await;
            drop(one_more.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await);
            assert_eq!(to_the_end(one_more).await.starts_with("HTTP/1.1 200"), fits, "{proxies:?}");
        }
    }

    async fn who_asks_for_too_much_is_asked_to_wait_and_nobody_else(engine) {
        let app = TestApp::start_limited(engine, |config, _| {
            config.limits.cost_per_minute = 1_000;
            config.limits.address_cost_per_minute = 2_000;
        })
        .await;
        let (anna, ben) = (app.customer("Anna").await, app.customer("Ben").await);
        let query = "{ bills(first: 20) { nodes { id number provider { name } } } }";
        let mut asked = 0;
        let refused = loop {
            let answer = anna.ask(query, json!({})).await;
            if answer.get("errors").is_some() {
                break answer;
            }
            asked += 1;
            assert!(asked < 50, "a budget without an end");
        };
        assert!(asked > 2, "{asked} questions");
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "TOO_MANY", "{refused}");
        assert!(extensions["retryAfter"].as_u64().is_some_and(|seconds| (1..=60).contains(&seconds)), "{refused}");
        let mut socket = Raw::signed_in(&anna).await;
        socket.say(json!({"type": "subscribe", "id": "1", "payload": {"query": query}})).await;
        assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "TOO_MANY", "on a socket as well");
        ben.run(query, json!({})).await;
        // Strangers of one address share one budget; what they send costs the more, the longer it is.
        let junk = format!("{{ viewer {{ role }} }} # {}", "x".repeat(40_000));
        let mut codes = Vec::new();
        for _ in 0..4 {
            codes.push(code(&app.anonymous(), &junk, json!({})).await);
        }
        assert_eq!(codes.last().map(String::as_str), Some("TOO_MANY"), "{codes:?}");
        ben.run("{ viewer { role } }", json!({})).await;
    }

    async fn who_asks_again_and_again_for_too_much_is_no_longer_read(engine) {
        let app = TestApp::start(engine).await;
        let (stranger, anna) = (app.anonymous(), app.customer("Anna").await);
        let introspection = |n: usize| format!("query Q{n} {{ a: __schema {{ types {{ name }} }} b: __schema {{ types {{ name }} }} }}");
        let costly = |n: usize| format!("query Q{n} {{ utilityAccounts(first: 100) {{ nodes {{ bills(first: 100) {{ nodes {{ id }} }} }} }} }}");
        for (client, ask) in [(&stranger, &introspection as &dyn Fn(usize) -> String), (&anna, &costly)] {
            let mut refused = 0;
            loop {
                match code(client, &ask(refused), json!({})).await.as_str() {
                    "TOO_COMPLEX" => refused += 1,
                    "TOO_MANY" => break,
                    other => panic!("{other}"),
                }
                assert!(refused < 100, "a budget without an end");
            }
            assert!(refused > 10, "a mistake is forgiven: {refused}");
        }
        app.customer("Ben").await.run("{ viewer { role } }", json!({})).await;
    }

    async fn what_cannot_be_stored_is_the_callers_mistake_on_every_way_in(engine) {
        let app = TestApp::start(engine).await;
        let (anna, _) = app.customer_with_electricity("Anna", "VT10000001").await;
        let admin = app.staff(billow_entities::Role::Admin).await;
        for (client, query, variables, path) in [
            (&anna, "query($s: String) { providers(search: $s) { nodes { id } } }", json!({"s": "\0"}), json!(["s"])),
            (&anna, "{ providers(search: \"a\\u0000b\") { nodes { id } } }", json!({}), json!(["providers", "search"])),
            (&anna, "mutation($input: AddPropertyInput!) { addProperty(input: $input) { property { id } userErrors { code } } }",
                json!({"input": {"name": "Home\0", "city": "Berlin"}}), json!(["input", "name"])),
            (&admin, "query($k: [String!]) { events(filter: {kinds: $k}) { nodes { id } } }", json!({"k": ["bill.received", "\0"]}), json!(["k", "1"])),
            (&admin, "query($s: String) { events(filter: {subject: $s}) { nodes { id } } }", json!({"s": "\0"}), json!(["s"])),
            (&admin, "mutation($d: JSON!) { registerProvider(input: {definition: $d}) { provider { id } userErrors { code } } }",
                json!({"d": {"code": "x", "deep": [{"text": "a\0"}]}}), json!(["d", "deep", "0", "text"])),
        ] {
            let answer = client.ask(query, variables).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!((&extensions["code"], &extensions["path"]), (&json!("BAD_USER_INPUT"), &path), "{query}\n{answer}");
        }
        let long = anna.ask("query($s: String) { providers(search: $s) { nodes { id } } }", json!({"s": "x".repeat(900_000)})).await;
        assert_eq!(long["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{long}");
        let longish = anna.ask("query($s: String) { providers(search: $s) { nodes { id } } }", json!({"s": "x".repeat(201)})).await;
        assert_eq!(longish["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{longish}");
        let mut socket = Raw::signed_in(&anna).await;
        socket.say(json!({"type": "subscribe", "id": "1", "payload": {"query": "{ providers(search: \"\\u0000\") { nodes { id } } }"}})).await;
        assert_eq!(socket.hear().await["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
        // Half a surrogate is no text at all.
        let half = anna.post("/graphql", "application/json", r#"{"query":"{ viewer { role } }","variables":{"s":"\ud800"}}"#).await;
        assert_eq!(half.status(), StatusCode::BAD_REQUEST);
        for path in ["/verify/doc%00x?s=a", "/unsubscribe/a%00b", "/unsubscribe?token=%00", "/documents/a%00.pdf", "/%00"] {
            let answer = app.anonymous().get(path).await;
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        }
        let webhook = app.anonymous().post("/webhooks/gateways/a%00b", "application/json", "{}").await;
        assert_eq!(webhook.status(), StatusCode::BAD_REQUEST);
    }

    async fn what_is_malformed_is_answered_in_our_form_and_can_be_read(engine) {
        let app = TestApp::start(engine).await;
        let stranger = app.anonymous();
        for path in ["/documents/x.pdf?expires=tomorrow", "/verify/%ff", "/documents/%ff.pdf", "/graphql", "/graphql/ws", "/hooks/bills"] {
            let answer = stranger.get(path).await;
            assert!(answer.status().is_client_error(), "{path}");
            assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
            let body: Value = serde_json::from_str(&answer.text().await.expect("a text")).unwrap_or_else(|_| panic!("{path} is not JSON"));
            assert!(body["errors"][0]["extensions"]["code"].is_string(), "{path}: {body}");
        }
        // A client that is still sending reads why it is refused.
        for (path, kind, status) in [("/graphql", "text/plain", 415), ("/hooks/bills", "application/json", 401), ("/livez", "text/plain", 405)] {
            for _ in 0..5 {
                let answer = stranger.post(path, kind, vec![b'x'; 3 << 20]).await;
                assert_eq!(answer.status().as_u16(), status, "{path}");
                drop(answer.text().await.expect("the answer"));
            }
        }
        let page = stranger.get("/").await;
        let policy = page.headers()["content-security-policy"].to_str().expect("a text").to_owned();
        assert!(policy.contains(&format!("connect-src 'self' ws://{};", app.address)), "{policy}");
    }

    async fn documents_can_be_asked_for_by_their_hash(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let query = "query Who { viewer { role } }";
        let hash = "47d6c0fdfae6ce5ca4ebb9ee1f6c5dcfa2d62de4d8c8e5f2f2ea6b5ed0d6a0f0";
        let ask = async |body: Value| {
            let answer = anna.post("/graphql", "application/json", body.to_string()).await;
            let status = answer.status().as_u16();
            (status, serde_json::from_str::<Value>(&answer.text().await.expect("a text")).expect("JSON"))
        };
        let by = |hash: &str| json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
        let (status, unknown) = ask(json!({"extensions": by(hash)})).await;
        assert_eq!((status, &unknown["errors"][0]["message"], &unknown["errors"][0]["extensions"]["code"]),
            (200, &json!("PersistedQueryNotFound"), &json!("PERSISTED_QUERY_NOT_FOUND")));
        let (_, forged) = ask(json!({"query": query, "extensions": by(hash)})).await;
        assert_eq!(forged["errors"][0]["extensions"]["code"], "BAD_REQUEST");
        let right = billow_tests::sha256_hex(query);
        assert_eq!(ask(json!({"query": query, "extensions": by(&right)})).await.1, json!({"data": {"viewer": {"role": "CUSTOMER"}}}));
        assert_eq!(ask(json!({"extensions": by(&right)})).await.1, json!({"data": {"viewer": {"role": "CUSTOMER"}}}));
        let mut socket = Raw::signed_in(&anna).await;
        socket.say(json!({"type": "subscribe", "id": "1", "payload": {"extensions": by(&right)}})).await;
        assert_eq!(socket.hear().await["payload"]["data"]["viewer"]["role"], "CUSTOMER");
    }

    async fn metrics_and_what_is_not_ready_are_not_for_the_public(engine) {
        let app = TestApp::start_limited(engine, |config, _| config.metrics_renderer = Some(std::sync::Arc::new(|| "billow_up 1\n".into()))).await;
        assert_eq!(app.anonymous().get("/metrics").await.status(), StatusCode::OK, "from this machine");
        let forwarded = async |path: &str| {
            let mut stream = connect(&app).await;
            let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.expect("sent");
            to_the_end(stream).await
        };
        assert!(forwarded("/metrics").await.starts_with("HTTP/1.1 404"));
        let ready = forwarded("/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200") && !ready.contains("database"), "{ready}");
        assert!(app.anonymous().get("/readyz").await.text().await.expect("a text").contains("database"));
    }

    async fn only_subscriptions_of_a_push_service_are_pushed_to(engine) {
        let app = TestApp::start(engine).await;
        let anna = app.customer("Anna").await;
        let register = "mutation($input: RegisterPushSubscriptionInput!) { registerPushSubscription(input: $input) { pushSubscription { id } userErrors { code message path } } }";
        let browser = app.sandbox.state().create_subscription(None).expect("a subscription");
        let input = |endpoint: &str, p256dh: &str| json!({"input": {"endpoint": endpoint, "p256dh": p256dh, "auth": browser.auth, "label": "Laptop"}});
        for path in ["/control/reset", "/", "/push/send/", "/push/send/../../control/reset"] {
            let endpoint = format!("{}{path}", app.sandbox.http_url());
            assert_eq!(anna.refused(register, input(&endpoint, &browser.p256dh)).await, ["endpoint: INVALID"], "{path}");
        }
        // 65 bytes that begin as a point does and are none.
        let off_the_curve = format!("BA{}", "A".repeat(85));
        assert_eq!(anna.refused(register, input(&browser.endpoint, &off_the_curve)).await, ["p256dh: INVALID"]);
        anna.must(register, input(&browser.endpoint, &browser.p256dh)).await;
    }
}
