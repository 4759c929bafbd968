//! The page for people and the same as JSON.

mod support;

use billow_sandbox::{BillStatus, Fault, MailFault, Provider};
use serde_json::{Value, json};
use support::{Rig, rig};

const ACCOUNT: &str = Provider::Voltara.samples()[0];

async fn post(rig: &Rig, path: &str, body: Value) -> (u16, Value) {
    let answer = rig.client.post(rig.url(path)).json(&body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.expect("text")).unwrap_or(Value::Null))
}

async fn get(rig: &Rig, path: &str) -> Value {
    rig.client.get(rig.url(path)).send().await.expect("an answer").json().await.expect("JSON")
}

async fn form(rig: &Rig, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = rig.client.post(rig.url(path)).form(fields).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

#[tokio::test]
async fn bills_over_json() {
    let rig = rig().await;
    let (status, seeded) = post(&rig, "/control/history", json!({ "provider": "voltara", "account": "VT20000001", "months": 3 })).await;
    assert_eq!((status, seeded.as_array().map(Vec::len)), (200, Some(3)));
    let (status, bill) = post(&rig, "/control/bills", json!({ "provider": "voltara", "account": ACCOUNT, "amount_minor": 4_200 })).await;
    assert_eq!((status, &bill["amount_minor"]), (201, &json!(4_200)));
    let which = json!({ "provider": "voltara", "account": ACCOUNT, "number": bill["number"] });
    let mut correction = which.clone();
    correction["amount_minor"] = json!(4_300);
    assert_eq!(post(&rig, "/control/bills/correct", correction).await.1["revision"], 2);
    assert_eq!(post(&rig, "/control/bills/paid", which.clone()).await.1["status"], "PAID");
    assert_eq!(post(&rig, "/control/bills/cancel", which).await.1["status"], "CANCELLED");
    let account = get(&rig, &format!("/control/account?provider=voltara&account={ACCOUNT}")).await;
    assert_eq!(account["bills"][0]["amount_minor"], 4_300);

    for (path, body, expected) in [
        ("/control/bills/paid", json!({ "provider": "voltara", "account": ACCOUNT, "number": "none" }), 404),
        ("/control/bills/paid", json!({ "provider": "voltara", "account": "none", "number": "none" }), 404),
        ("/control/bills", json!({ "provider": "chirp", "account": "+491713920001" }), 409),
        ("/control/bills", json!({ "provider": "nobody", "account": "1" }), 422),
        ("/control/recharge", json!({ "account": "+491713920001", "plan": "none" }), 404),
        ("/control/recharge", json!({ "account": "+491713920001", "plan": "CH84" }), 200),
    ] {
        assert_eq!(post(&rig, path, body.clone()).await.0, expected, "{path} {body}");
    }
}

#[tokio::test]
async fn faults_over_json() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let wish = json!({ "provider": "ringo", "account": null, "fault": { "kind": "TOO_MANY_REQUESTS", "retry_after_s": 5 } });
    assert_eq!(post(&rig, "/control/faults", wish).await.0, 204);
    assert_eq!(get(&rig, "/control/faults").await[0]["fault"]["retry_after_s"], 5);
    assert_eq!(post(&rig, "/control/faults/clear", json!({ "provider": "ringo", "kind": "TOO_MANY_REQUESTS" })).await.0, 204);
    assert!(state.faults().is_empty());
    for fault in Fault::ALL {
        let named = serde_json::to_value(&fault).expect("JSON");
        assert_eq!(named["kind"], fault.kind(), "the name is the same everywhere");
        assert_eq!(post(&rig, "/control/faults", json!({ "provider": "ringo", "fault": named })).await.0, 204);
    }
    assert_eq!(state.faults().len(), Fault::ALL.len());
    assert_eq!(post(&rig, "/control/mail-fault", json!({ "to": null, "fault": { "kind": "PERMANENT" } })).await.0, 204);
    assert_eq!(post(&rig, "/control/reset", json!({})).await.0, 204);
    assert!(state.faults().is_empty());
    let before = state.changes();
    assert_eq!(post(&rig, "/control/latency", json!({ "ms": 0 })).await.0, 204);
    assert_eq!(get(&rig, "/control/changes").await["changes"], before);
}

#[tokio::test]
async fn the_page_does_what_its_forms_say() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let (status, page) = form(&rig, "/page/issue", &[("provider", "voltara"), ("account", ACCOUNT), ("amount", "84,20")]).await;
    assert_eq!(status, 200, "after going back to the page");
    assert!(page.contains("84.20 EUR"));
    let bill = state.bills(Provider::Voltara, ACCOUNT).remove(0);
    let of_bill = [("provider", "voltara"), ("account", ACCOUNT), ("number", bill.number.as_str())];
    let with = |extra: &[(&'static str, &'static str)]| [&of_bill[..], extra].concat();
    form(&rig, "/page/bill", &with(&[("action", "correct"), ("amount", "90")])).await;
    assert_eq!(state.bills(Provider::Voltara, ACCOUNT)[0].amount_minor, 9_000);
    form(&rig, "/page/bill", &with(&[("action", "paid"), ("amount", "")])).await;
    assert_eq!(state.bills(Provider::Voltara, ACCOUNT)[0].status, BillStatus::Paid);
    let (status, words) = form(&rig, "/page/bill", &with(&[("action", "correct"), ("amount", "")])).await;
    assert_eq!(status, 422);
    assert!(words.contains("needs the new amount"));

    form(&rig, "/page/fault", &[("provider", "gasline"), ("account", ""), ("kind", "LATENCY"), ("figure", "1500")]).await;
    assert_eq!(state.faults()[0].fault, Fault::Latency { ms: 1_500 });
    form(&rig, "/page/fault/clear", &[("provider", "gasline"), ("account", ""), ("kind", "LATENCY")]).await;
    assert!(state.faults().is_empty());
    form(&rig, "/page/way", &[("way", "mail"), ("to", "ada@example.org"), ("kind", "PERMANENT")]).await;
    let (_, page) = form(&rig, "/page/recharge", &[("account", "+491713920001"), ("plan", "CH84")]).await;
    assert!(page.contains("ada@example.org"), "the fault is listed");
    form(&rig, "/page/forget", &[]).await;
    assert_eq!(get(&rig, "/control/outbox").await["mails"], json!([]));
}

#[tokio::test]
async fn what_came_from_outside_cannot_write_the_page() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let nasty = "<script>alert(1)</script>";
    state.add_account(Provider::Voltara, nasty).expect("added");
    state.issue_bill(Provider::Voltara, nasty, None).expect("issued");
    state.set_fault(Provider::Voltara, Some(nasty), Fault::Hang);
    state.set_mail_fault(Some(nasty), Some(MailFault::Hang));
    let (base, sid, token) = rig.sandbox.sms_access();
    let sms = [("To", "+33639980001"), ("From", nasty), ("Body", nasty)];
    let url = format!("{base}/2010-04-01/Accounts/{sid}/Messages.json");
    assert_eq!(rig.client.post(url).basic_auth(sid, Some(token)).form(&sms).send().await.expect("an answer").status(), 201);
    let page = rig.client.get(rig.url("/")).send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script>alert"));
}

#[tokio::test]
async fn a_mail_is_shown_where_it_can_do_no_harm() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let rig = rig().await;
    let mut talk = tokio::net::TcpStream::connect(rig.sandbox.smtp_addr()).await.expect("a connection");
    let mail = "EHLO t\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ada@example.org>\r\nDATA\r\nSubject: Hello & <b>\r\nContent-Type: text/html\r\n\r\n\
                <p>Hi <a href=\"https://x.example\">there</a></p>\r\n.\r\nQUIT\r\n";
    talk.write_all(mail.as_bytes()).await.expect("written");
    let mut answers = String::new();
    talk.read_to_string(&mut answers).await.expect("answers");
    let id = rig.sandbox.state().mails()[0].id;
    let shown = rig.client.get(rig.url(&format!("/mails/{id}"))).send().await.expect("an answer");
    let policy = shown.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("sandbox ") && policy.contains("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert!(shown.text().await.expect("text").contains("<p>Hi "));
    let page = rig.client.get(rig.url("/")).send().await.expect("an answer").text().await.expect("text");
    assert!(page.contains("Hello &amp; &lt;b&gt;"));
    let outbox = get(&rig, "/control/outbox?limit=1").await;
    assert_eq!(outbox["mails"][0]["subject"], "Hello & <b>");
    assert_eq!(rig.client.get(rig.url("/mails/999")).send().await.expect("an answer").status(), 404);
}
