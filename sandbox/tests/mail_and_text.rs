//! The mail server and the text-message gateway.

mod support;

use std::time::Duration;

use billow_sandbox::{MailFault, SmsFault};
use serde_json::Value;
use support::{Rig, rig};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// A mail client that says what it is told to say.
struct Talk(BufReader<TcpStream>);

impl Talk {
    async fn begin(rig: &Rig) -> Self {
        let mut talk = Self(BufReader::new(TcpStream::connect(rig.sandbox.smtp_addr()).await.expect("a connection")));
        assert!(talk.hear().await.starts_with("220 "));
        talk
    }

    /// The next answer, whole; empty at the end.
    async fn hear(&mut self) -> String {
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(Duration::from_secs(5), self.0.read_line(&mut line)).await.expect("in time").unwrap_or(0);
            answer.push_str(&line);
            if read == 0 || line.as_bytes().get(3) == Some(&b' ') {
                return answer;
            }
        }
    }

    async fn write(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.expect("written");
    }

    /// The code of the answer to a line.
    async fn say(&mut self, line: &str) -> String {
        self.write(&format!("{line}\r\n")).await;
        self.hear().await.get(..3).unwrap_or("").to_owned()
    }

    async fn envelope(&mut self, to: &str) -> String {
        assert_eq!(self.say("EHLO test").await, "250");
        assert_eq!(self.say("MAIL FROM:<bills@billow.example>").await, "250");
        self.say(&format!("RCPT TO:<{to}>")).await
    }
}

const MAIL: &str = "From: Billow <bills@billow.example>\r\nTo: ada@example.org\r\nSubject: =?utf-8?q?Your_bill_of_12=E2=82=AC?=\r\n\
    Message-ID: <dlv_1@billow.example>\r\nList-Unsubscribe: <https://billow.example/u/1>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlain words.\r\n\
    ..dots stay single\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Rich words.</p>\r\n--b--\r\n";

#[tokio::test]
async fn a_mail_is_kept_and_read() {
    let rig = rig().await;
    let mut talk = Talk::begin(&rig).await;
    assert_eq!(talk.say("MAIL FROM:<a@b.example>").await, "503", "not before EHLO");
    assert_eq!(talk.envelope("ada@example.org").await, "250");
    assert_eq!(talk.say("DATA").await, "354");
    assert_eq!(talk.say(&format!("{MAIL}.")).await, "250");
    assert_eq!(talk.say("QUIT").await, "221");
    let mails = rig.sandbox.state().mails_to("ADA@example.org");
    let [mail] = &mails[..] else { panic!("one mail, not {}", mails.len()) };
    assert_eq!((mail.from.as_str(), mail.subject.as_deref()), ("bills@billow.example", Some("Your bill of 12€")));
    assert_eq!(mail.message_id.as_deref(), Some("dlv_1@billow.example"));
    assert_eq!(mail.text.as_deref().map(str::trim), Some("Plain words.\r\n.dots stay single"));
    assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>Rich words.</p>"));
    assert!(mail.headers.iter().any(|(n, v)| n == "List-Unsubscribe" && v == "<https://billow.example/u/1>"));
    assert!(mail.raw.ends_with(b"--b--\r\n"));
}

#[tokio::test]
async fn several_mails_in_one_connection_and_one_packet() {
    let rig = rig().await;
    let mut talk = Talk::begin(&rig).await;
    assert_eq!(talk.say("EHLO test").await, "250");
    assert_eq!(talk.say("AUTH PLAIN AGEAYg==").await, "235");
    talk.write("MAIL FROM:<a@b.example> SIZE=100\r\nRCPT TO:<one@example.org>\r\nRCPT TO:<two@example.org>\r\nDATA\r\n").await;
    for code in ["250", "250", "250", "354"] {
        assert!(talk.hear().await.starts_with(code));
    }
    assert_eq!(talk.say("Subject: x\r\n\r\nbody\r\n.").await, "250");
    assert_eq!(talk.envelope("three@example.org").await, "250");
    assert_eq!(talk.say("RSET").await, "250");
    assert_eq!(talk.say("DATA").await, "503", "the envelope was forgotten");
    assert_eq!(talk.say("NOOP").await, "250");
    assert_eq!(talk.say("MAIL FROM:<a@b.example> SIZE=99999999").await, "552");
    assert_eq!(talk.say("BREW").await, "500");
    let mails = rig.sandbox.state().mails();
    assert_eq!(mails.iter().map(|m| m.to.len()).collect::<Vec<_>>(), [2]);
    assert!(mails[0].html.is_none(), "a plain mail has no HTML");
}

#[tokio::test]
async fn faults_of_the_mail_server() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    state.set_mail_fault(None, Some(MailFault::Temporary));
    state.set_mail_fault(Some("Gone@example.org"), Some(MailFault::Permanent));
    assert_eq!(Talk::begin(&rig).await.envelope("ada@example.org").await, "451");
    assert_eq!(Talk::begin(&rig).await.envelope("gone@example.org").await, "550");
    state.set_mail_fault(None, Some(MailFault::DropConnection));
    assert_eq!(Talk::begin(&rig).await.envelope("ada@example.org").await, "");
    assert!(state.mails().is_empty());

    state.set_mail_fault(None, Some(MailFault::LostAnswer));
    let mut talk = Talk::begin(&rig).await;
    assert_eq!(talk.envelope("ada@example.org").await, "250");
    assert_eq!(talk.say("DATA").await, "354");
    assert_eq!(talk.say(&format!("{MAIL}.")).await, "", "the connection ends without an answer");
    assert_eq!(state.mails().iter().map(|m| m.answer_lost).collect::<Vec<_>>(), [true]);

    state.clear_outbox();
    assert_eq!(Talk::begin(&rig).await.envelope("ada@example.org").await, "250", "the faults are gone too");
}

async fn text_message(rig: &Rig, to: &str, body: &str) -> reqwest::Result<reqwest::Response> {
    let (base, sid, token) = rig.sandbox.sms_access();
    let url = format!("{base}/2010-04-01/Accounts/{sid}/Messages.json");
    rig.client
        .post(url)
        .basic_auth(sid, Some(token))
        .form(&[("To", to), ("From", "Billow"), ("Body", body)])
        .timeout(Duration::from_secs(5))
        .send()
        .await
}

#[tokio::test]
async fn text_messages() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let answer = text_message(&rig, "+33639980001", "Your bill is 12 €").await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let body: Value = answer.json().await.expect("JSON");
    let kept = state.text_messages();
    assert_eq!(
        (kept[0].to.as_str(), kept[0].body.as_str(), Some(kept[0].sid.as_str())),
        ("+33639980001", "Your bill is 12 €", body["sid"].as_str())
    );

    let problem = text_message(&rig, "0639980001", "x").await.expect("an answer");
    assert_eq!(problem.status(), 400);
    assert_eq!(problem.json::<Value>().await.expect("JSON")["code"], 21_211);
    assert_eq!(text_message(&rig, "+33639980001", "").await.expect("an answer").status(), 400);
    let (base, sid, _) = rig.sandbox.sms_access();
    let url = format!("{base}/2010-04-01/Accounts/{sid}/Messages.json");
    let unsigned = rig.client.post(url).form(&[("To", "+33639980001"), ("From", "x"), ("Body", "x")]).send().await;
    assert_eq!(unsigned.expect("an answer").status(), 401);

    for (fault, status) in [
        (SmsFault::TooManyRequests { retry_after_s: 3 }, 429),
        (SmsFault::ServerError, 500),
        (SmsFault::InvalidNumber, 400),
        (SmsFault::Unauthorized, 401),
    ] {
        state.set_sms_fault(Some("+33639980001"), Some(fault));
        assert_eq!(text_message(&rig, "+33639980001", "x").await.expect("an answer").status(), status);
    }
    assert_eq!(state.text_messages().len(), 1);
    state.set_sms_fault(Some("+33639980001"), Some(SmsFault::LostAnswer));
    text_message(&rig, "+33639980001", "lost").await.expect_err("no answer");
    assert_eq!(state.text_messages().last().map(|m| m.answer_lost), Some(true));
}
