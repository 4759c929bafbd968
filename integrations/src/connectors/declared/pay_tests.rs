use std::sync::Arc;

use billow_billing::ports::{Connector, PayOutcome, PayReply, PayRequest};
use serde_json::{Value, json};

use super::HttpConnector;
use crate::connectors::testing::{definition, http_for, lines, request};
use crate::test_server::{Answer, Server};

const CONFIRMED: &str = "if .steps.pay.status == 422 then {outcome: \"REJECTED\", message: .steps.pay.body.why} \
                         else {outcome: \"CONFIRMED\", reference: .steps.pay.body.receipt} end";

fn settings(base_url: &str) -> Value {
    json!({
        "base_url": base_url,
        "auth": {"type": "bearer", "credential": "api_key"},
        "steps": [{"name": "fetch", "method": "GET", "path": "/bills"}],
        "outcome": "{outcome: \"NONE_DUE\"}",
        "pay": {
            "steps": [{"name": "pay", "method": "POST", "path": "/pay/{param.account}", "request": "{body: .payment}", "accept_status": [200, 422]}],
            "outcome": CONFIRMED,
        },
        "pay_status": {
            "steps": [{"name": "ask", "method": "GET", "request": "{path: \"/pay\", query: {ref: .payment.reference, order: .continuation.order}}", "accept_status": [200, 404]}],
            "outcome": "if .steps.ask.status == 404 then {outcome: \"NOT_SENT\"} else .steps.ask.body end",
        },
    })
}

fn order(settings: Value) -> PayRequest {
    let fetch = request(definition("HTTP", settings));
    PayRequest {
        definition: fetch.definition,
        credentials: fetch.credentials,
        params: fetch.params,
        reference: "remit_1".into(),
        bill_number: "B-7".into(),
        plan_code: Some("P-30".into()),
        amount_minor: 1_230,
        currency: "EUR".parse().expect("a currency"),
        now: fetch.now,
        today: fetch.today,
        continuation: None,
        trace: false,
    }
}

async fn pay(server: &Server, settings: Value) -> PayReply {
    HttpConnector::new(http_for(&[server])).pay(order(settings)).await
}

fn unknown(reply: &PayReply) -> &str {
    match &reply.outcome {
        PayOutcome::Unknown { message } => message,
        other => panic!("{other:?}"),
    }
}

fn not_sent(reply: &PayReply) -> &str {
    match &reply.outcome {
        PayOutcome::NotSent { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_payment_is_posted_and_confirmed() {
    let server = Server::always(Answer::json(200, &json!({"receipt": 77}))).await;
    let reply = pay(&server, settings(&server.url("/v1"))).await;
    assert_eq!(reply.outcome, PayOutcome::Confirmed { reference: Some("77".into()), voucher: None });
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/pay/A-1%2F2%20%C3%BC"));
    assert_eq!(seen.header("authorization"), Some("Bearer s3cr3t/key+1"));
    let sent = json!({"reference": "remit_1", "bill_number": "B-7", "plan_code": "P-30", "amount_minor": 1_230, "amount": "12.30", "currency": "EUR"});
    assert_eq!(seen.json(), sent);
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let server = Server::always(Answer::json(422, &json!({"why": "closed"}))).await;
    assert_eq!(pay(&server, settings(&server.url("/"))).await.outcome, PayOutcome::Rejected { message: "closed".into() });
}

#[tokio::test]
async fn what_never_left_us_is_not_sent() {
    let server = Server::always(Answer::json(200, &json!({}))).await;
    // Nobody listens there.
    let gone = Server::always(Answer::json(200, &json!({}))).await;
    let (address, http) = (gone.url("/"), http_for(&[&server, &gone]));
    drop(gone);
    let connector = HttpConnector::new(http);
    let reply = connector.pay(order(settings(&address))).await;
    assert!(not_sent(&reply).contains("could not be reached"), "{reply:?}");
    // The same of a question says nothing about the payment.
    assert!(unknown(&connector.pay_status(order(settings(&address))).await).contains("could not be reached"));
    let mut nameless = settings(&server.url("/"));
    nameless["auth"]["credential"] = "nothing".into();
    assert_eq!(not_sent(&pay(&server, nameless).await), "pay: the credential 'nothing' is not set");
    let mut wrong = settings(&server.url("/"));
    wrong["pay"]["steps"][0]["request"] = "error(\"no\")".into();
    assert!(not_sent(&pay(&server, wrong).await).starts_with("pay.request: "));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_answer_that_nobody_looked_at_it_is_not_sent() {
    for status in [401, 403, 429] {
        let server = Server::always(Answer::json(status, &json!({}))).await;
        not_sent(&pay(&server, settings(&server.url("/"))).await);
    }
}

#[tokio::test]
async fn what_may_have_arrived_is_unknown() {
    let whole = |body: &[u8]| Answer::Whole(200, Vec::new(), body.to_vec());
    let late = Answer::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n".to_vec(), b" ".to_vec());
    for (words, answer) in [
        ("a fault", Answer::json(500, &json!({}))),
        ("a status nobody expects", Answer::json(400, &json!({}))),
        ("a page for people", whole(b"<html>")),
        ("half an answer", whole(b"{\"receipt\": ")),
        ("an answer that takes too long", late),
        ("no answer", Answer::Close),
    ] {
        let server = Server::always(answer).await;
        let mut short = order(settings(&server.url("/")));
        Arc::get_mut(&mut short.definition).expect("ours alone").limits.timeout_ms = 300;
        let reply = HttpConnector::new(http_for(&[&server])).pay(short).await;
        assert!(matches!(reply.outcome, PayOutcome::Unknown { .. }), "{words}: {:?}", reply.outcome);
        assert_eq!(server.seen().len(), 1, "{words}: sent once");
    }
    // An outcome program that makes no sense of a good answer.
    let server = Server::always(Answer::json(200, &json!({"receipt": "77"}))).await;
    let mut odd = settings(&server.url("/"));
    odd["pay"]["outcome"] = "{outcome: \"PAID\"}".into();
    assert!(unknown(&pay(&server, odd).await).starts_with("outcome: outcome: 'PAID' is not one of"));
}

#[tokio::test]
async fn a_refusal_to_look_after_something_was_done_is_unknown() {
    let server =
        Server::start(|seen, _| if seen.target == "/order" { Answer::json(200, &json!({})) } else { Answer::json(429, &json!({})) }).await;
    let mut two = settings(&server.url("/"));
    two["pay"]["steps"] = json!([
        {"name": "order", "method": "POST", "path": "/order", "request": "{body: .payment}"},
        {"name": "pay", "method": "POST", "path": "/confirm"},
    ]);
    unknown(&pay(&server, two).await);
}

#[tokio::test]
async fn what_is_awaited_is_asked_about_with_what_was_left() {
    let server = Server::start(|seen, count| match (seen.method.as_str(), count) {
        ("POST", _) => Answer::json(200, &json!({"order": "o-1"})),
        (_, 1) => Answer::json(200, &json!({"outcome": "AWAITED", "after_ms": 60_000, "continuation": {"order": "o-2"}})),
        (_, 2) => Answer::json(404, &json!({})),
        _ => Answer::json(200, &json!({"outcome": "CONFIRMED", "voucher": "4711"})),
    })
    .await;
    let mut slow = settings(&server.url("/"));
    slow["pay"]["outcome"] = "{outcome: \"AWAITED\", continuation: {order: .steps.pay.body.order}}".into();
    let PayOutcome::Awaited { after_ms, continuation } = pay(&server, slow.clone()).await.outcome else { panic!("awaited") };
    assert_eq!((after_ms, &continuation), (5_000, &json!({"order": "o-1"})));
    let connector = HttpConnector::new(http_for(&[&server]));
    let ask = |continuation| PayRequest { continuation: Some(continuation), ..order(slow.clone()) };
    let again = connector.pay_status(ask(continuation)).await.outcome;
    assert_eq!(again, PayOutcome::Awaited { after_ms: 60_000, continuation: json!({"order": "o-2"}) });
    assert!(matches!(connector.pay_status(ask(json!({"order": "o-2"}))).await.outcome, PayOutcome::NotSent { .. }));
    let last = connector.pay_status(ask(json!({"order": "o-2"}))).await.outcome;
    assert_eq!(last, PayOutcome::Confirmed { reference: None, voucher: Some("4711".into()) });
    let targets: Vec<_> = server.seen().into_iter().skip(1).map(|s| s.target).collect();
    assert_eq!(targets, ["/pay?ref=remit_1&order=o-1", "/pay?ref=remit_1&order=o-2", "/pay?ref=remit_1&order=o-2"]);
}

#[tokio::test]
async fn a_polled_step_that_is_not_there_yet_is_awaited() {
    let server = Server::always(Answer::json(200, &json!({"state": "WORKING"}))).await;
    let mut polled = settings(&server.url("/"));
    polled["pay"]["steps"][0]["poll"] = json!({"until": ".steps.pay.body.state == \"DONE\"", "every_ms": 10, "max": 2});
    let outcome = pay(&server, polled).await.outcome;
    assert_eq!(outcome, PayOutcome::Awaited { after_ms: 1_000, continuation: json!({"steps": {}}) });
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_placeholder_in_a_bill_s_number_gets_no_secret() {
    let server = Server::always(Answer::json(200, &json!({}))).await;
    let evil = PayRequest { bill_number: "{{credential:api_key}}".into(), ..order(settings(&server.url("/"))) };
    let reply = HttpConnector::new(http_for(&[&server])).pay(evil).await;
    assert!(not_sent(&reply).contains("never passed on"));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_definition_s_ways_to_pay_are_checked() {
    let server = Server::always(Answer::json(200, &json!({}))).await;
    let connector = HttpConnector::new(http_for(&[&server]));
    let check = |settings: &Value| lines(connector.check(&definition("HTTP", settings.clone())));
    let good = settings(&server.url("/"));
    assert_eq!(check(&good), Vec::<String>::new());
    let can = |settings: &Value| {
        let definition = definition("HTTP", settings.clone());
        (connector.can_pay(&definition), connector.can_tell_payments(&definition))
    };
    assert_eq!(can(&good), (true, true));
    let mut silent = good.clone();
    silent.as_object_mut().expect("settings").remove("pay_status");
    assert_eq!((check(&silent), can(&silent)), (Vec::new(), (true, false)));
    let mut neither = silent.clone();
    neither.as_object_mut().expect("settings").remove("pay");
    assert_eq!(can(&neither), (false, false));
    let mut wrong = good.clone();
    wrong["pay"]["steps"][0]["request"] = "{".into();
    wrong["pay"]["more"] = 1.into();
    wrong["pay_status"]["steps"] = json!([]);
    let problems = check(&wrong);
    assert!(problems.iter().any(|p| p.starts_with("connector.settings.pay.more: is not a setting here")), "{problems:?}");
    assert!(problems.iter().any(|p| p == "connector.settings.pay_status.steps: must be a list of 1 to 10 steps"), "{problems:?}");
    let mut broken = good.clone();
    broken["pay"]["outcome"] = "{".into();
    assert!(check(&broken)[0].starts_with("connector.settings.pay.outcome: "), "{:?}", check(&broken));
    let mut lonely = good;
    lonely.as_object_mut().expect("settings").remove("pay");
    assert_eq!(check(&lonely), ["connector.settings.pay_status: is of no use without pay"]);
    let nothing = connector.pay(order(neither)).await;
    assert_eq!(not_sent(&nothing), "the definition says no way to pay");
}
