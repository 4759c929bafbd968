use super::*;

fn sources(env: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    Sources { file: None, env: owned(env).into_iter().collect(), flags: owned(flags) }
}

#[test]
fn the_later_source_wins_and_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("a.toml");
    std::fs::write(&file, "session_days = 7\nlisten = \"127.0.0.1:1\"\n[mail]\nhost = \"file.example\"\n").expect("a file");
    let mut s = sources(&[("BILLOW_MAIL__HOST", "env.example"), ("BILLOW_LISTEN", "127.0.0.1:2")], &[("listen", "127.0.0.1:3")]);
    s.file = Some(file);
    let config = s.load().expect("a configuration");
    assert_eq!((config.session_days, config.listen.port(), config.mail.host.as_deref()), (7, 3, Some("env.example")));
    let shown = s.show().expect("values");
    let origin = |path: &str| shown.iter().find(|v| v.0 == path).map(|v| v.2.clone()).unwrap_or_default();
    assert_eq!(origin("listen"), "flag");
    assert_eq!(origin("mail.host"), "the environment");
    assert!(origin("session_days").ends_with("a.toml"));
    assert_eq!(origin("mail.port"), "default");
}

#[test]
fn all_mistakes_are_named_at_once() {
    let mistakes = [
        (("BILLOW_MIAL__HOST", "x"), "mial.host: there is no setting of this name; did you mean mail.host?"),
        (("BILLOW_BASE_URL", "https://example.com/"), "base_url: "),
        (("BILLOW_MAIL__TLS", "maybe"), "mail.tls: "),
        (("BILLOW_DOCUMENTS__STORE", "tape"), "documents.store: "),
        (("BILLOW_MAIL__PASSWORD_FILE", "/nowhere/at/all"), "BILLOW_MAIL__PASSWORD_FILE: "),
        (("BILLOW_DATABASE__MAX_READ", "many"), "database.max_read: 'many' cannot be used: "),
        (("BILLOW_LISTEN", "8080"), "listen: '8080' cannot be used: "),
    ];
    let env: Vec<_> = mistakes.iter().map(|m| m.0).collect();
    let error = sources(&env, &[]).load().expect_err("mistakes").to_string();
    assert_eq!(error.lines().count(), mistakes.len(), "{error}");
    for (_, words) in mistakes {
        assert!(error.lines().any(|line| line.starts_with(words)), "{words} in {error}");
    }
}

#[test]
fn limits_and_lists_come_from_the_environment_and_the_file() {
    let env = [("BILLOW_LIMITS__SOCKETS_PER_ADDRESS", "7"), ("BILLOW_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")];
    let config = sources(&env, &[]).load().expect("a configuration");
    assert_eq!((config.limits.sockets_per_address, config.limits.cost), (7, 5_000));
    assert_eq!(config.trusted_proxies, ["10.0.0.0/8", "127.0.0.1"]);
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("a.toml");
    std::fs::write(&file, "trusted_proxies = [\"192.0.2.0/24\"]\n[metrics]\nlisten = \"127.0.0.1:9464\"\n").expect("a file");
    let config = Sources { file: Some(file), ..sources(&[], &[]) }.load().expect("a configuration");
    assert_eq!(config.trusted_proxies, ["192.0.2.0/24"]);
    assert!(config.metrics.listen.is_some());
}

#[test]
fn an_empty_variable_is_one_that_is_not_set() {
    let config = sources(&[("BILLOW_WORKER__LISTEN", ""), ("BILLOW_MAIL__HOST", "")], &[]).load().expect("a configuration");
    assert_eq!((config.worker.listen, config.mail.host), (None, None));
}

#[test]
fn a_setting_that_ends_in_file_is_not_read_from_a_file() {
    let config = sources(&[("BILLOW_MAIL__CA_FILE", "/etc/ca.pem")], &[]).load().expect("a configuration");
    assert_eq!(config.mail.ca_file.as_deref(), Some(Path::new("/etc/ca.pem")));
}

#[test]
fn secrets_are_not_shown() {
    let shown = sources(&[("BILLOW_MAIL__PASSWORD", "hush")], &[("keys.index", "hush")]).show().expect("values");
    assert!(shown.iter().any(|v| v.0 == "mail.password" && v.1 == "(secret)"));
    assert!(!format!("{shown:?}").contains("hush"));
}

#[test]
fn all_settings_are_shown_also_those_that_are_not_set() {
    let shown = sources(&[], &[("data_dir", "/srv/billow")]).show().expect("values");
    let value = |path: &str| shown.iter().find(|v| v.0 == path).map(|v| v.1.clone());
    assert_eq!(value("mail.host").as_deref(), Some("(not set)"));
    assert_eq!(value("database.url").as_deref(), Some("sqlite:///srv/billow/billow.db"));
    assert_eq!(shown.len(), names::settings().len());
}
