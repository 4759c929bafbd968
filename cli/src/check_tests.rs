use super::*;
use crate::sources::read_flags;

fn problems(flags: &[(&str, &str)]) -> String {
    let keys = [
        ("keys.encryption", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("keys.index", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
    ];
    let flags: Vec<_> = keys.iter().chain(flags).map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
    all_of(read_flags(&flags).expect("a reading")).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
}

#[test]
fn the_defaults_are_in_order() {
    assert_eq!(problems(&[]), "");
}

#[test]
fn every_value_a_server_would_stumble_over_is_found_without_one() {
    let vapid = billow_integrations::messages::generate_vapid_keys(&billow_billing::clock::SystemEntropy).0;
    for (path, value) in [
        ("base_url", "https://example.com/app"),
        ("base_url", "example.com"),
        ("base_url", "https://example.com:443"),
        ("base_url", "https://Example.com"),
        ("data_dir", "/dev/null/data"),
        ("data_dir", ""),
        ("session_days", "0"),
        ("allowed_origins", "foo"),
        ("allowed_origins", "https://a.example,https://b.example/x"),
        ("database.url", "mysql://x"),
        ("database.url", "postgres://host:port/x"),
        ("database.url", "sqlite::memory:"),
        ("database.url", "sqlite:///tmp"),
        ("database.read_url", "postgres://replica/x"),
        ("database.max_read", "0"),
        ("database.max_write", "0"),
        ("database.max_read", "4000000000"),
        ("database.lock_timeout", "4000000000"),
        ("keys.encryption", "1:short"),
        ("keys.encryption", "1:AAAA"),
        ("keys.encryption", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("keys.encryption", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("keys.encryption", "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,2:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("keys.encryption", "2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("keys.index", "AAAA"),
        ("http.allowed_hosts", "http://x"),
        ("http.allowed_hosts", "ok.example,10.0.0.1/8"),
        ("push.allowed_hosts", "*.example"),
        ("push.private_key", "nonsense"),
        ("push.contact", "me"),
        ("push.contact", "ops@example.com"),
        ("push.contact", "mailto:"),
        ("push.contact", "mailto: ops@example.com"),
        ("push.contact", "mailto:billow@localhost"),
        ("push.contact", "https://"),
        ("mail.from", "foo"),
        ("mail.from", ""),
        ("mail.reply_to", "foo"),
        ("mail.port", "0"),
        ("mail.port", "70000"),
        ("mail.tls", "ssl"),
        ("mail.host", "smtp.example.com:587"),
        ("mail.host", "smtp://x"),
        ("templates.dir", "/nonexist"),
        ("documents.store", "tape"),
        ("documents.dir", "/dev/null/x"),
        ("documents.endpoint", "minio"),
        ("sign_up", "maybe"),
        ("trusted_proxies", "10.0.0.0/8, ten"),
        ("trust_forwarded_for", "true"),
        ("metrics.listen", "127.0.0.1:8080"),
        ("session_max_days", "1"),
        ("sign_ups_per_hour", "0"),
        ("limits.connections", "0"),
        ("limits.head_seconds", "0"),
        ("limits.sockets", "0"),
        ("limits.operations_per_socket", "0"),
        ("limits.catching_up", "0"),
        ("limits.cost", "0"),
        ("limits.costly_at_once", "0"),
        ("limits.answer_bytes", "0"),
        ("limits.operation_seconds", "0"),
        ("security.second_factor", "customers"),
        ("security.confirm_minutes", "-1"),
        ("security.refund_limits", "EUR:1,usd:x"),
        ("log.format", "xml"),
        ("log.filter", "(("),
        ("log.otlp_endpoint", "foo"),
    ] {
        let found = problems(&[(path, value)]);
        assert!(found.lines().any(|line| line.contains(path)), "{path}={value}: '{found}'");
    }
    for together in [
        vec![("documents.store", "s3"), ("documents.bucket", "")],
        vec![("documents.store", "s3"), ("documents.bucket", "b"), ("documents.access_key", "a")],
        vec![("sms.base_url", "https://api.twilio.com")],
        vec![("sms.base_url", "http://api.twilio.com"), ("sms.account_sid", "AC1"), ("sms.auth_token", "t"), ("sms.from", "+49")],
        vec![("push.private_key", vapid.as_str())],
        vec![("mail.host", "smtp.example.com"), ("mail.username", "billow")],
        vec![("mail.host", "smtp.example.com"), ("mail.ca_file", "/nonexist.pem")],
        vec![("database.url", "postgres://h/x"), ("database.max_write", "1")],
        vec![("database.url", "postgres://h/x"), ("database.read_url", "sqlite://x")],
    ] {
        assert_ne!(problems(&together), "", "{together:?}");
    }
}

#[test]
fn all_are_found_at_once_and_no_secret_is_repeated() {
    let found = problems(&[
        ("database.url", "mysql://user:hush@x"),
        ("documents.store", "s3"),
        ("log.filter", "(("),
        ("push.contact", "me"),
        ("templates.dir", "/nonexist"),
        ("log.otlp_endpoint", "foo"),
        ("sms.base_url", "https://sms.example"),
        ("database.max_read", "0"),
        ("http.allowed_hosts", "http://x"),
        ("allowed_origins", "foo"),
        ("mail.from", "foo"),
        ("keys.index", "hush"),
    ]);
    assert_eq!(found.lines().count(), 12, "{found}");
    assert!(!found.contains("hush"), "{found}");
}

#[test]
fn examples_that_were_left_are_warned_of_once_they_matter() {
    let config = |flags: &[(&str, &str)]| {
        let flags: Vec<_> = flags.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned())).collect();
        read_flags(&flags).expect("a configuration").config
    };
    let of = |flags: &[(&str, &str)]| warnings(&config(flags)).join("\n");
    assert!(!of(&[("push.contact", "mailto:operator@example.com")]).contains("push.contact"), "push is off");
    assert!(of(&[("push.contact", "mailto:operator@example.com"), ("push.private_key", "k")]).contains("push.contact"));
    assert!(of(&[("mail.host", "smtp.example"), ("mail.from", "Billow <bills@example.com>")]).contains("mail.from"));
    assert!(of(&[]).contains("mail.host is not set"));
    assert!(of(&[("listen", "0.0.0.0:80")]).contains("without encryption"));
}
