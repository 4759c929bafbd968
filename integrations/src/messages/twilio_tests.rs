use serde_json::json;

use super::*;
use crate::http::GuardPolicy;
use crate::test_server::{Answer, Server};

fn sender(server: &Server, from: &str) -> TwilioSms {
    let policy = GuardPolicy { allowed_hosts: vec![server.address.to_string()], ..GuardPolicy::default() };
    let settings =
        TwilioSettings { base_url: server.url("/"), account_sid: "AC123".into(), auth_token: "token".to_owned().into(), from: from.into() };
    TwilioSms::new(GuardedHttp::new(policy).expect("a client"), settings).expect("a sender")
}

fn sms() -> Sms {
    Sms {
        delivery_id: "dlv_01h2e8kqvbfwea724h75qc655w".parse().expect("an id"), to: "+49301234567".into(), text: "12,30 € & more".into()
    }
}

#[tokio::test]
async fn a_text_message_is_a_form() {
    let server = Server::always(Answer::json(201, &json!({"sid": "SM1"}))).await;
    assert_eq!(sender(&server, "+4930999").send(sms()).await, SendOutcome::Sent);
    assert_eq!(sender(&server, "MG456").send(sms()).await, SendOutcome::Sent);
    let seen = server.seen();
    assert_eq!(seen[0].target, "/2010-04-01/Accounts/AC123/Messages.json");
    assert_eq!(seen[0].header("authorization"), Some("Basic QUMxMjM6dG9rZW4="));
    assert_eq!(seen[0].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(String::from_utf8_lossy(&seen[0].body), "To=%2B49301234567&From=%2B4930999&Body=12%2C30+%E2%82%AC+%26+more");
    assert!(String::from_utf8_lossy(&seen[1].body).contains("&MessagingServiceSid=MG456&"));
}

#[tokio::test]
async fn every_answer_means_something() {
    let answers = [
        (201, 0, "sent"),
        (400, 21211, "gone"),
        (400, 21610, "gone"),
        (400, 21617, "refused"),
        (404, 20404, "refused"),
        (401, 20003, "retry"),
        (429, 20429, "retry"),
        (503, 0, "retry"),
        (500, 0, "unknown"),
    ];
    let server = Server::start(move |_, n| Answer::json(answers[n].0, &json!({"code": answers[n].1}))).await;
    let sender = sender(&server, "+4930999");
    for (status, code, expected) in answers {
        let outcome = match sender.send(sms()).await {
            SendOutcome::Sent => "sent",
            SendOutcome::Gone { .. } => "gone",
            SendOutcome::Refused { .. } => "refused",
            SendOutcome::Retryable { .. } => "retry",
            SendOutcome::Unknown { .. } => "unknown",
        };
        assert_eq!(outcome, expected, "{status} {code}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown() {
    let server = Server::always(Answer::Close).await;
    assert!(matches!(sender(&server, "+4930999").send(sms()).await, SendOutcome::Unknown { .. }));
}

#[test]
fn settings_are_checked() {
    let http = GuardedHttp::new(GuardPolicy::default()).expect("a client");
    let settings = |base_url: &str, account_sid: &str| TwilioSettings {
        base_url: base_url.into(),
        account_sid: account_sid.into(),
        auth_token: "token".to_owned().into(),
        from: "+4930999".into(),
    };
    assert!(TwilioSms::new(http.clone(), settings("https://api.twilio.com", "AC1")).is_ok());
    assert!(TwilioSms::new(http.clone(), settings("http://api.twilio.com", "AC1")).is_err());
    assert!(TwilioSms::new(http, settings("https://api.twilio.com", "../AC1")).is_err());
}
