use std::sync::Arc;

use billow_billing::clock::ManualClock;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;

/// A mail server that says what it is told, at the step it is told; `hang up` closes the connection instead.
struct Post {
    port: u16,
    received: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Post {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn post(step: &'static str, says: &'static str) -> Post {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let received: Arc<Mutex<Vec<String>>> = Arc::default();
    let connections: Arc<Mutex<usize>> = Arc::default();
    let (all, count) = (Arc::clone(&received), Arc::clone(&connections));
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *count.lock() += 1;
            let all = Arc::clone(&all);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut usual = "220 post.test".to_owned();
                let mut at = "greeting".to_owned();
                loop {
                    let answer = if at == step { says } else { usual.as_str() };
                    if answer == "hang up" || stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                        return;
                    }
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    at = line.split([' ', ':', '\r']).next().unwrap_or_default().to_uppercase();
                    usual = match at.as_str() {
                        "EHLO" => "250-post.test\r\n250-AUTH PLAIN\r\n250 8BITMIME".into(),
                        "DATA" => {
                            if step != "DATA" {
                                let _ = stream.get_mut().write_all(b"354 go on\r\n").await;
                                let mut mail = String::new();
                                while !mail.ends_with("\r\n.\r\n") {
                                    if stream.read_line(&mut mail).await.unwrap_or(0) == 0 {
                                        return;
                                    }
                                }
                                all.lock().push(mail);
                                at = "CONTENT".into();
                            }
                            "250 taken".into()
                        }
                        "AUTH" => "235 welcome".into(),
                        "QUIT" => "221 bye".into(),
                        _ => "250 fine".into(),
                    };
                }
            });
        }
    });
    Post { port, received, connections, task }
}

fn settings(port: u16) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        tls: SmtpTls::None,
        ca_file: None,
        username: Some("billow".into()),
        password: Some("secret".to_owned().into()),
        from: "Billow <bills@billow.test>".into(),
        reply_to: Some("help@billow.test".into()),
    }
}

fn mailer(port: u16) -> SmtpMailer {
    let clock = ManualClock::new("2026-11-21T09:00:00Z".parse().expect("an instant"));
    SmtpMailer::new(settings(port), Arc::new(clock)).expect("a mailer")
}

fn mail() -> Mail {
    Mail {
        delivery_id: "dlv_01h2e8kqvbfwea724h75qc655w".parse().expect("an id"),
        to: "ada@example.com".into(),
        to_name: Some("Ada Müller".into()),
        subject: "Neue Rechnung: 12,30 €".into(),
        text: "Guten Tag,\n\nein Wort in Größe.\n".into(),
        html: "<!doctype html><p>Größe</p>".into(),
        unsubscribe_url: Some(format!("https://billow.test/unsubscribe/{}", "x".repeat(120))),
        locale: "de-DE".into(),
    }
}

#[tokio::test]
async fn a_mail_has_both_parts_and_its_headers() {
    let post = post("", "").await;
    let mailer = mailer(post.port);
    assert_eq!(mailer.send(mail()).await, SendOutcome::Sent);
    assert_eq!(mailer.send(mail()).await, SendOutcome::Sent);
    assert_eq!(*post.connections.lock(), 1, "a good connection is used again");
    let received = post.received.lock().clone();
    let ids: Vec<_> = received.iter().flat_map(|m| m.lines().filter(|l| l.starts_with("Message-ID:"))).collect();
    assert_eq!(ids[0], format!("Message-ID: <{}@billow.test>", mail().delivery_id));
    assert_eq!(ids[0], ids[1], "the same delivery has the same Message-ID");
    let unsubscribe = format!("List-Unsubscribe: <https://billow.test/unsubscribe/{}>", "x".repeat(120));
    for line in [
        "From: Billow <bills@billow.test>",
        "Reply-To: help@billow.test",
        "Auto-Submitted: auto-generated",
        "Content-Language: de-DE",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Date: Sat, 21 Nov 2026 09:00:00 +0000",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        unsubscribe.as_str(),
    ] {
        assert!(received[0].lines().any(|l| l == line), "{line} in {}", received[0]);
    }
    assert!(received[0].contains("multipart/alternative") && received[0].is_ascii());
}

#[tokio::test]
async fn what_always_comes_cannot_be_unsubscribed() {
    let post = post("", "").await;
    assert_eq!(mailer(post.port).send(Mail { unsubscribe_url: None, ..mail() }).await, SendOutcome::Sent);
    assert!(!post.received.lock()[0].contains("List-Unsubscribe"));
}

#[tokio::test]
async fn what_a_complaint_means_depends_on_how_far_we_came() {
    for (step, says, expected) in [
        ("greeting", "hang up", "retry"),
        ("greeting", "554 busy", "retry"),
        ("AUTH", "535 5.7.8 wrong password", "retry"),
        ("MAIL", "451 later", "retry"),
        ("MAIL", "550 5.7.1 not you", "refused"),
        ("MAIL", "hang up", "retry"),
        ("RCPT", "550 5.1.1 no such mailbox", "gone"),
        ("RCPT", "553 no such mailbox", "gone"),
        ("RCPT", "550 5.7.1 relaying denied", "refused"),
        ("RCPT", "452 4.2.2 full", "retry"),
        ("DATA", "hang up", "retry"),
        ("CONTENT", "554 5.6.0 not liked", "refused"),
        ("CONTENT", "451 greylisted", "retry"),
        ("CONTENT", "hang up", "unknown"),
    ] {
        let post = post(step, says).await;
        let outcome = match mailer(post.port).send(mail()).await {
            SendOutcome::Sent => "sent",
            SendOutcome::Gone { .. } => "gone",
            SendOutcome::Refused { .. } => "refused",
            SendOutcome::Retryable { .. } => "retry",
            SendOutcome::Unknown { .. } => "unknown",
        };
        assert_eq!(outcome, expected, "{step}: {says}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    assert!(matches!(mailer(port).send(mail()).await, SendOutcome::Retryable { .. }));
    assert!(mailer(port).check().await.is_err());
}

#[tokio::test]
async fn encryption_that_is_asked_for_is_not_done_without() {
    let post = post("", "").await;
    let clock = Arc::new(ManualClock::new("2026-11-21T09:00:00Z".parse().expect("an instant")));
    let mailer = SmtpMailer::new(SmtpSettings { tls: SmtpTls::StartTls, ..settings(post.port) }, clock).expect("a mailer");
    assert!(matches!(mailer.send(mail()).await, SendOutcome::Retryable { .. }), "the server offers no STARTTLS");
    assert!(post.received.lock().is_empty());
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let mailer = mailer(1);
    for to in ["", "nobody", "a@b.test\r\nBcc: c@d.test", "a b@c.test"] {
        assert!(matches!(mailer.send(Mail { to: to.into(), ..mail() }).await, SendOutcome::Refused { .. }), "{to}");
    }
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new("2026-11-21T09:00:00Z".parse().expect("an instant")));
    assert!(SmtpMailer::new(SmtpSettings { from: "Billow".into(), ..settings(1) }, clock.clone()).is_err());
    assert!(SmtpMailer::new(SmtpSettings { password: None, ..settings(1) }, clock).is_err());
}
