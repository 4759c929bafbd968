use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchRequest, FetchedAmount};
use serde_json::{Value, json};

use super::HttpConnector;
use crate::connectors::testing::{definition, http_for, lines, request};
use crate::test_server::{Answer, Server};

const BILLS: &str = "{outcome: \"BILLS\", bills: [.steps.fetch.body.bills | arr[] | {number: .id, amount: .total, due_on: .due}]}";

fn settings(server: &Server, steps: Value, outcome: &str) -> Value {
    json!({"base_url": server.url("/v1/"), "steps": steps, "outcome": outcome})
}

fn one_step(server: &Server) -> Value {
    settings(server, json!([{"name": "fetch", "method": "GET", "path": "/accounts/{param.account}/bills"}]), BILLS)
}

fn request_for(settings: Value) -> FetchRequest {
    request(definition("HTTP", settings))
}

async fn fetch(server: &Server, request: FetchRequest) -> FetchReply {
    HttpConnector::new(http_for(&[server])).fetch(request).await
}

fn bills_answer() -> Answer {
    Answer::json(200, &json!({"bills": [{"id": 7, "total": "12.30", "due": "2026-12-01"}]}))
}

fn broken(reply: FetchReply) -> String {
    match reply.outcome {
        FetchOutcome::Broken { message } => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_step_becomes_bills() {
    let server = Server::always(bills_answer()).await;
    let reply = fetch(&server, request_for(one_step(&server))).await;
    let FetchOutcome::Bills(bills) = reply.outcome else { panic!("{:?}", reply.outcome) };
    assert_eq!((bills[0].number.as_str(), &bills[0].amount), ("7", &FetchedAmount::Decimal("12.30".into())));
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/v1/accounts/A-1%2F2%20%C3%BC/bills"));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert!(reply.trace.is_empty());
}

#[tokio::test]
async fn programs_build_requests_from_what_came_before() {
    let server = Server::start(|seen, _| match seen.target.as_str() {
        "/v1/token" => Answer::json(201, &json!({"token": "t-1"})),
        _ => bills_answer(),
    })
    .await;
    let steps = json!([
        {"name": "token", "method": "POST", "path": "/token", "request": "{body: {user: \"{{credential:user}}\", pass: \"{{credential:password}}\", at: .now}}"},
        {"name": "fetch", "method": "PUT", "request": "{path: \"/bills\", query: {of: .params.account, day: .today, n: 3, tag: [\"a\", \"b\"], no: null}, headers: {\"X-Token\": .steps.token.body.token}, body: \"plain {{credential:api_key}}\"}"},
    ]);
    let mut settings = settings(&server, steps, BILLS);
    settings["auth"] = json!({"type": "header", "name": "X-Api-Key", "credential": "api_key"});
    let reply = fetch(&server, request_for(settings)).await;
    assert!(matches!(reply.outcome, FetchOutcome::Bills(_)), "{:?}", reply.outcome);
    let seen = server.seen();
    assert_eq!(seen[0].json(), json!({"user": "billow", "pass": "pa ss\"w0rd", "at": "2026-11-21T09:00:00Z"}));
    assert_eq!((seen[0].header("content-type"), seen[0].header("x-api-key")), (Some("application/json"), Some("s3cr3t/key+1")));
    assert_eq!((seen[1].method.as_str(), seen[1].target.as_str()), ("PUT", "/v1/bills?of=A-1%2F2%20%C3%BC&day=2026-11-21&n=3&tag=a&tag=b"));
    assert_eq!((seen[1].header("x-token"), &seen[1].body[..]), (Some("t-1"), &b"plain s3cr3t/key+1"[..]));
}

#[tokio::test]
async fn every_kind_of_proof_is_sent() {
    let server = Server::always(bills_answer()).await;
    for (auth, header, value) in [
        (json!({"type": "bearer", "credential": "api_key"}), "authorization", "Bearer s3cr3t/key+1"),
        (
            json!({"type": "basic", "username_credential": "user", "password_credential": "password"}),
            "authorization",
            "Basic YmlsbG93OnBhIHNzIncwcmQ=",
        ),
        (json!({"type": "header", "name": "X-Key", "credential": "api_key"}), "x-key", "s3cr3t/key+1"),
    ] {
        let mut settings = one_step(&server);
        settings["auth"] = auth;
        fetch(&server, request_for(settings)).await;
        assert_eq!(server.seen().last().expect("a request").header(header), Some(value));
    }
    let mut settings = one_step(&server);
    settings["auth"] = json!({"type": "query", "name": "key", "credential": "api_key"});
    fetch(&server, request_for(settings)).await;
    assert!(server.seen().last().expect("a request").target.ends_with("/bills?key=s3cr3t%2Fkey%2B1"));
}

#[tokio::test]
async fn a_missing_credential_is_named_and_nothing_is_sent() {
    let server = Server::always(bills_answer()).await;
    let mut settings = one_step(&server);
    settings["auth"] = json!({"type": "bearer", "credential": "nothing"});
    assert_eq!(broken(fetch(&server, request_for(settings)).await), "fetch: the credential 'nothing' is not set");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_polled_step_is_asked_until_it_is_true() {
    let server = Server::start(|seen, count| match (seen.target.as_str(), count) {
        ("/v1/register", _) => Answer::json(202, &json!({"ref": "r-1"})),
        (_, 1 | 2) => Answer::json(200, &json!({"state": "WAITING"})),
        _ => Answer::json(200, &json!({"state": "READY", "bills": {"id": "b", "total": 5}})),
    })
    .await;
    let steps = |max: u32| {
        json!([
            {"name": "register", "method": "POST", "path": "/register", "request": "{body: {account: .params.account}}"},
            {"name": "fetch", "method": "GET", "request": "{path: \"/bills/\" + .steps.register.body.ref}",
             "poll": {"until": ".steps.fetch.body.state == \"READY\"", "every_ms": 10, "max": max}},
        ])
    };
    let reply = fetch(&server, request_for(settings(&server, steps(5), BILLS))).await;
    assert!(matches!(reply.outcome, FetchOutcome::Bills(_)), "{:?}", reply.outcome);
    let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/v1/register", "/v1/bills/r-1", "/v1/bills/r-1", "/v1/bills/r-1"]);
}

#[tokio::test]
async fn what_is_not_there_in_time_goes_on_at_the_next_fetch() {
    let server = Server::start(|seen, count| match (seen.target.as_str(), count) {
        ("/v1/register", _) => Answer::json(200, &json!({"ref": "r-1"})),
        (_, 1..=2) => Answer::json(200, &json!({"state": "WAITING"})),
        _ => Answer::json(200, &json!({"state": "READY", "bills": [{"id": "b", "total": "5"}]})),
    })
    .await;
    let steps = json!([
        {"name": "register", "method": "POST", "path": "/register"},
        {"name": "fetch", "method": "GET", "request": "{path: \"/bills/\" + .steps.register.body.ref}",
         "poll": {"until": ".steps.fetch.body.state == \"READY\"", "every_ms": 10, "max": 2}},
    ]);
    let mut request = request_for(settings(&server, steps, BILLS));
    let FetchOutcome::Pending { after_ms, continuation } = fetch(&server, request.clone()).await.outcome else { panic!("not pending") };
    assert_eq!((after_ms, &continuation["at"], &continuation["step"]), (1000, &json!(1), &json!("fetch")));
    assert_eq!(continuation["answers"]["register"]["body"], json!({"ref": "r-1"}));

    request.continuation = Some(continuation);
    let reply = fetch(&server, request.clone()).await;
    assert!(matches!(reply.outcome, FetchOutcome::Bills(_)), "{:?}", reply.outcome);
    let registered = |server: &Server| server.seen().iter().filter(|seen| seen.target == "/v1/register").count();
    assert_eq!(registered(&server), 1, "the work was asked for twice");

    // What was left behind by other steps is no use: everything begins anew.
    request.continuation = Some(json!({"at": 1, "step": "other", "answers": {}}));
    fetch(&server, request).await;
    assert_eq!(registered(&server), 2);
}

#[tokio::test]
async fn a_step_with_nothing_to_ask_is_left_out() {
    let server = Server::always(Answer::json(200, &json!({"error": "no such account"}))).await;
    let steps = json!([
        {"name": "register", "method": "POST", "path": "/register"},
        {"name": "fetch", "method": "GET", "path": "/x", "request": "if .steps.register.body.error then null else {} end", "poll": {"until": "error"}},
    ]);
    let outcome = "{outcome: \"NOT_FOUND\", message: (.steps.register.body.error + \", \" + (.steps | keys | join(\"\")))}";
    let reply = fetch(&server, request_for(settings(&server, steps, outcome))).await;
    assert_eq!(reply.outcome, FetchOutcome::NotFound { message: "no such account, register".into() });
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_program_can_say_pending() {
    let server = Server::always(Answer::json(200, &json!({"state": "SOON"}))).await;
    let settings =
        settings(&server, json!([{"name": "fetch", "method": "GET", "path": "/x"}]), "{outcome: \"PENDING\", retry_after_ms: 5000}");
    let outcome = fetch(&server, request_for(settings)).await.outcome;
    assert!(matches!(outcome, FetchOutcome::Pending { after_ms: 5000, .. }), "{outcome:?}");
}

#[tokio::test]
async fn statuses_mean_what_they_mean() {
    for (status, kind) in [
        (400, "BROKEN"),
        (401, "BROKEN"),
        (403, "BROKEN"),
        (404, "BROKEN"),
        (408, "RETRYABLE"),
        (429, "RETRYABLE"),
        (500, "RETRYABLE"),
        (502, "RETRYABLE"),
        (503, "RETRYABLE"),
        (302, "BROKEN"),
        (304, "BROKEN"),
    ] {
        let server = Server::always(Answer::Whole(status, vec![("retry-after", "7".into())], b"{}".to_vec())).await;
        let outcome = fetch(&server, request_for(one_step(&server))).await.outcome;
        assert_eq!(serde_json::to_value(outcome.kind()).expect("a kind"), kind, "{status}");
        if let FetchOutcome::Retryable { retry_after_ms, message } = outcome {
            assert_eq!((retry_after_ms, message), (Some(7000), format!("fetch: the provider answered {status}")));
        }
    }
    let server = Server::always(Answer::json(404, &json!({"error": "unknown account"}))).await;
    let steps = json!([{"name": "fetch", "method": "GET", "path": "/x", "accept_status": [200, 404]}]);
    let outcome =
        "if .steps.fetch.status == 404 then {outcome: \"NOT_FOUND\", message: .steps.fetch.body.error} else {outcome: \"NONE_DUE\"} end";
    let reply = fetch(&server, request_for(settings(&server, steps, outcome))).await;
    assert_eq!(reply.outcome, FetchOutcome::NotFound { message: "unknown account".into() });
}

#[tokio::test]
async fn faults_of_the_network_are_passing_or_not() {
    let cut = Server::always(Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec())).await;
    assert!(matches!(fetch(&cut, request_for(one_step(&cut))).await.outcome, FetchOutcome::Retryable { .. }));
    let large = Server::always(Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 65536])).await;
    let message = broken(fetch(&large, request_for(one_step(&large))).await);
    assert_eq!(message, "fetch: the answer (200) is larger than the 1048576 bytes allowed, after decompression");
    // Somewhere that is not allowed.
    let elsewhere = Server::always(bills_answer()).await;
    let reply = HttpConnector::new(http_for(&[&cut])).fetch(request_for(one_step(&elsewhere))).await;
    assert!(broken(reply).contains("refused"));
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn faults_of_the_mapping_say_what_and_where() {
    let server = Server::always(Answer::json(
        200,
        &json!({"bills": [{"id": 1, "total": "1", "due": "2026-12-01"}, {"id": 2, "total": "2", "due": "31/12/2026"}]}),
    ))
    .await;
    let reply = fetch(&server, request_for(one_step(&server))).await;
    let problems: Vec<_> = reply.refused.iter().map(|refused| (refused.at, refused.problem.as_str())).collect();
    assert_eq!(problems, [(1, "bills[1].due_on: '31/12/2026' is not a date of the form YYYY-MM-DD")]);
    assert!(matches!(reply.outcome, FetchOutcome::Bills(bills) if bills.len() == 1), "the other is taken");
    let steps = |request: &str| json!([{"name": "fetch", "method": "GET", "path": "/x", "request": request}]);
    for (steps, outcome, words) in [
        (steps("{}"), "empty", "outcome: the program yields nothing"),
        (steps("{}"), "{outcome: \"NONE_DUE\"}, 1", "outcome: it yields more than one value; collect them in an array"),
        (steps("{}"), ".steps.fetch.body.bills.x", "outcome: cannot index an array of 2 elements with \"x\""),
        (steps("{}"), "error(\"no such thing\")", "outcome: no such thing"),
        (steps("1"), "1", "fetch.request: it must yield an object with path, query, headers or body"),
        (steps("{url: 1}"), "1", "fetch.request: url: is not part of a request; there are path, query, headers, body"),
        (steps("{path: \"x\"}"), "1", "fetch.request: path: 'x' does not begin with a slash"),
        (steps("{query: {a: {}}}"), "1", "fetch.request: query.a: must be a text, a number or a truth value"),
        (steps("{headers: {a: []}}"), "1", "fetch.request: headers.a: must be a text, a number or a truth value"),
        (steps("{headers: {host: \"evil\"}}"), "1", "fetch: refused: the header 'host' belongs to the connection and cannot be set"),
    ] {
        assert_eq!(broken(fetch(&server, request_for(settings(&server, steps, outcome))).await), words);
    }
    // The steps or the time, whichever is spent first.
    let endless = broken(fetch(&server, request_for(settings(&server, steps("{}"), "def f: f; f"))).await);
    assert!(endless.starts_with("outcome: it was stopped after "), "{endless}");
    let html = Server::always(Answer::Whole(200, Vec::new(), b"<html>maintenance</html>".to_vec())).await;
    assert_eq!(
        broken(fetch(&html, request_for(one_step(&html))).await),
        "fetch: the answer is not JSON: expected value at line 1 column 1"
    );
}

#[tokio::test]
async fn other_forms_of_answers_are_read() {
    let xml = Server::always(Answer::Whole(
        200,
        Vec::new(),
        b"<r:bills xmlns:r='urn:r'><r:bill><id>x1</id><total>9.90</total></r:bill></r:bills>".to_vec(),
    ))
    .await;
    let steps = json!([{"name": "fetch", "method": "GET", "path": "/x", "format": "xml"}]);
    let outcome = "{outcome: \"BILLS\", bills: [.steps.fetch.body.bills.bill | arr[] | {number: .id, amount: .total}]}";
    let reply = fetch(&xml, request_for(settings(&xml, steps, outcome))).await;
    assert!(matches!(&reply.outcome, FetchOutcome::Bills(bills) if bills[0].number == "x1"), "{:?}", reply.outcome);
    assert_eq!(xml.seen()[0].header("accept"), Some("application/xml, text/xml;q=0.9"));

    let csv = Server::always(Answer::Whole(200, Vec::new(), b"no,sum\nc1,3.50\n".to_vec())).await;
    let steps = json!([{"name": "fetch", "method": "GET", "path": "/x", "format": "csv"}]);
    let outcome = "{outcome: \"BILLS\", bills: [.steps.fetch.body[] | {number: .no, amount: .sum}]}";
    let reply = fetch(&csv, request_for(settings(&csv, steps, outcome))).await;
    assert!(matches!(&reply.outcome, FetchOutcome::Bills(bills) if bills[0].number == "c1"), "{:?}", reply.outcome);

    let text = Server::always(Answer::Whole(200, vec![("X-State", "none".into())], b"NO DUES".to_vec())).await;
    let steps = json!([{"name": "fetch", "method": "GET", "path": "/x", "format": "text"}]);
    let outcome = "if (.steps.fetch.body | test(\"NO DUES\")) and .steps.fetch.headers[\"x-state\"] == \"none\" then {outcome: \"NONE_DUE\"} else error end";
    assert_eq!(fetch(&text, request_for(settings(&text, steps, outcome))).await.outcome, FetchOutcome::NoneDue);
}

#[tokio::test]
async fn prepaid_accounts_tell_what_is_left_and_what_can_be_bought() {
    let server = Server::always(Answer::json(200, &json!({"left": "12.50", "until": "2026-12-05"}))).await;
    let outcome =
        "{outcome: \"NONE_DUE\", prepaid: {balance: .steps.fetch.body.left, expires_on: .steps.fetch.body.until, plan_code: \"P28\"},
        plans: [{code: \"P28\", name: \"28 days\", price: {minor: 29900}, validity_days: 28, benefits: [\"2 GB a day\"]}]}";
    let settings = settings(&server, json!([{"name": "fetch", "method": "GET", "path": "/x"}]), outcome);
    let reply = fetch(&server, request_for(settings)).await;
    assert_eq!(reply.prepaid.and_then(|prepaid| prepaid.plan_code).as_deref(), Some("P28"));
    assert_eq!(reply.plans.map(|plans| plans[0].validity_days), Some(28));
}

#[tokio::test]
async fn secrets_are_neither_in_traces_nor_in_messages_nor_in_programs() {
    // A provider that repeats whatever it is sent.
    let server = Server::start(|seen, _| {
        let body = json!({"echo": String::from_utf8_lossy(&seen.body), "key": seen.header("x-api-key"), "target": seen.target});
        Answer::json(200, &body)
    })
    .await;
    let steps = json!([{"name": "fetch", "method": "POST", "path": "/x?k={{credential:api_key}}&pin={param.pin}",
        "request": "{body: {pass: \"{{credential:password}}\", pin: .params.pin}, headers: {\"x-other\": \"{{credential:user}}\"}}"}]);
    let mut settings = settings(&server, steps, "error(.steps.fetch.body.key + \" \" + .steps.fetch.body.echo)");
    settings["auth"] = json!({"type": "header", "name": "X-Api-Key", "credential": "api_key"});
    let mut request = request_for(settings);
    request.trace = true;
    let reply = fetch(&server, request).await;
    let all = format!("{reply:?}");
    for secret in ["s3cr3t", "pa ss", "w0rd", "pin-9876", "s3cr3t%2Fkey"] {
        assert!(!all.contains(secret), "{secret} shows in {all}");
    }
    assert_eq!(reply.trace.len(), 1);
    let exchange = &reply.trace[0];
    assert_eq!(exchange.request_line, format!("POST {}", server.url("/v1/x?k=•••&pin=•••")));
    assert_eq!((exchange.status, exchange.request_body.as_deref()), (Some(200), Some("{\"pass\":\"•••\",\"pin\":\"•••\"}")));
    assert!(server.seen()[0].target.contains("k=s3cr3t%2Fkey%2B1&pin=pin-9876"), "the real request holds the real secrets");
}

#[tokio::test]
async fn placeholders_from_outside_are_never_filled() {
    let server = Server::always(Answer::json(200, &json!({"bills": [{"id": "{{credential:api_key}}", "total": "1"}]}))).await;
    let message = broken(fetch(&server, request_for(one_step(&server))).await);
    assert_eq!(message, "fetch: the answer holds a {{credential:…}}, which is never passed on");

    let mut request = request_for(one_step(&server));
    request.params.insert("account".into(), "{{credential:api_key}}".into());
    assert!(matches!(fetch(&server, request).await.outcome, FetchOutcome::NotFound { .. }));
    assert_eq!(server.seen().len(), 1, "nothing was sent for it");
}

#[tokio::test]
async fn a_parameter_cannot_leave_its_place_in_the_address() {
    let server = Server::always(bills_answer()).await;
    for value in ["..", ".", "%2e%2e"] {
        let mut request = request_for(one_step(&server));
        request.params.insert("account".into(), value.into());
        let outcome = fetch(&server, request).await.outcome;
        match value {
            // Encoded again, so it is a name like any other.
            "%2e%2e" => assert!(matches!(outcome, FetchOutcome::Bills(_)), "{outcome:?}"),
            _ => assert!(matches!(outcome, FetchOutcome::NotFound { .. }), "{outcome:?}"),
        }
    }
    assert_eq!(server.seen()[0].target, "/v1/accounts/%252e%252e/bills");
    let mut request = request_for(one_step(&server));
    request.params.insert("account".into(), "x?admin=1#y".into());
    fetch(&server, request).await;
    assert_eq!(server.seen()[1].target, "/v1/accounts/x%3Fadmin%3D1%23y/bills");
}

#[tokio::test]
async fn definitions_are_checked_field_by_field() {
    let server = Server::always(bills_answer()).await;
    let connector = HttpConnector::new(http_for(&[&server]));
    let check = |settings: Value| lines(connector.check(&definition("HTTP", settings)));
    assert_eq!(check(one_step(&server)), Vec::<String>::new());
    assert_eq!(check(Value::Null), ["connector.settings: must be an object", "connector.settings.steps: must be a list of 1 to 10 steps"]);
    let mut wrong = one_step(&server);
    wrong["base_url"] = json!("http://example.com/v1");
    wrong["outcome"] = json!(".a |");
    wrong["steps"][0]["request"] = json!("foo(1)");
    wrong["steps"][0]["poll"] = json!({"until": "$x"});
    let problems = check(wrong);
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems[0].starts_with("connector.settings.base_url: the address must begin with https://"), "{problems:?}");
    assert!(problems[1].starts_with("connector.settings.steps.0.request: line 1, column 1: there is no function 'foo'"), "{problems:?}");
    assert!(problems[2].starts_with("connector.settings.steps.0.poll.until: line 1, column 1: there is no variable '$x'"), "{problems:?}");
    assert!(problems[3].starts_with("connector.settings.outcome: "), "{problems:?}");

    let wrong = json!({
        "base_url": 7, "auth": {"type": "bearer", "credential": "API KEY", "extra": 1}, "stepz": [], "outcome": "",
        "steps": [
            {"name": "Fetch", "method": "DELETE", "path": "x", "format": "yaml", "accept_status": [200, 99], "poll": {"until": ".", "every_ms": 60000, "max": 100}},
            {"name": "b", "method": "GET", "path": "/{param.nobody}", "retries": 3},
            {"name": "b", "method": "GET", "path": "/../x"},
            {"name": "d"},
        ],
    });
    let problems = check(wrong);
    let expected = [
        "connector.settings.base_url: must be a text",
        "connector.settings.auth.credential: must name a credential: small letters, digits and underscores",
        "connector.settings.auth.extra: is not a setting here; there are type, credential",
        "connector.settings.steps.0.name: must begin with a small letter and hold small letters, digits and underscores",
        "connector.settings.steps.0.method: must be one of GET, POST, PUT, not \"DELETE\"",
        "connector.settings.steps.0.path: must begin with a slash; it follows base_url",
        "connector.settings.steps.0.format: must be one of json, xml, csv, text, not \"yaml\"",
        "connector.settings.steps.0.accept_status.1: must be a status from 200 to 599, not 99",
        "connector.settings.steps.0.poll.max: times every_ms must not be more than 300000 ms; what takes longer goes on at the next fetch",
        "connector.settings.steps.1.path: there is no parameter 'nobody'",
        "connector.settings.steps.1.retries: is not a setting here; there are name, method, request, path, format, encoding, delimiter, accept_status, poll",
        "connector.settings.steps.2.path: must not hold '..', '.' or '#'",
        "connector.settings.steps.2.name: is the name of another step, too",
        "connector.settings.steps.3.method: is missing",
        "connector.settings.steps.3.path: is missing (or a request that yields one)",
        "connector.settings.outcome: must not be empty",
        "connector.settings.stepz: is not a setting here; there are base_url, auth, steps, outcome, pay, pay_status",
    ];
    for line in expected {
        assert!(problems.iter().any(|problem| problem == line), "missing: {line}\nin: {problems:#?}");
    }
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
}
