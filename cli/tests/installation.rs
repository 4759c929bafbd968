//! Installing, as an operator does it with the real binary: what the documents say is what happens, and what cannot work
//! is said at once, in a line that says what to do.

#[path = "common/binary.rs"]
mod binary;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use billow_tests::{Engine, TestDb, both, postgres_url};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

use crate::binary::{Server, alone, billow, fine, free_address, get, refused, run};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Every file and folder below `dir` with its rights.
#[cfg(unix)]
fn rights(dir: &Path) -> Vec<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let metadata = entry.metadata().expect("metadata");
        out.push((entry.path(), metadata.permissions().mode() & 0o777));
        if metadata.is_dir() {
            out.extend(rights(&entry.path()));
        }
    }
    out
}

fn names(dir: &Path) -> BTreeSet<String> {
    std::fs::read_dir(dir).expect("a folder").flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect()
}

/// `count` of something in a database.
async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("a query").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

#[test]
fn init_writes_what_its_flags_say() {
    let dir = folder();
    fine(
        dir.path(),
        &[
            "init",
            "--listen",
            "127.0.0.1:8421",
            "--base-url",
            "https://bills.example.com",
            "--data-dir",
            "/srv/b",
            "--database-url",
            "postgres://b:secret@db/billow",
            "--set",
            "mail.host=smtp.example.com",
            "--set",
            "mail.port=2525",
        ],
    );
    let text = std::fs::read_to_string(dir.path().join("billow.toml")).expect("a file");
    for line in [
        "listen = \"127.0.0.1:8421\"",
        "base_url = \"https://bills.example.com\"",
        "data_dir = \"/srv/b\"",
        "url = \"postgres://b:secret@db/billow\"",
        "host = \"smtp.example.com\"",
        "port = 2525",
    ] {
        assert_eq!(text.lines().filter(|l| *l == line).count(), 1, "{line} in {text}");
    }
    assert!(fine(dir.path(), &["config", "check"]).ends_with("in order\n"));
    assert!(refused(dir.path(), &["init"]).contains("never overwritten"));
    let other = folder();
    assert!(refused(other.path(), &["init", "--base-url", "nonsense"]).contains("base_url"));
    assert!(names(other.path()).is_empty(), "nothing is written then");
    fine(other.path(), &["--config", "named.toml", "init"]);
    assert_eq!(names(other.path()), BTreeSet::from(["named.toml".to_owned()]));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_can_read_what_billow_writes() {
    use std::os::unix::fs::PermissionsExt as _;
    for umask in ["000", "022"] {
        let dir = folder();
        let shell = |line: &str| {
            let mut command = alone(std::process::Command::new("sh"), dir.path());
            command.arg("-c").arg(format!("umask {umask}; exec {line}")).env("B", env!("CARGO_BIN_EXE_billow"));
            command
        };
        for line in ["\"$B\" init", "\"$B\" init --print > printed.toml", "\"$B\" admin create a@example.com"] {
            let output = shell(line).output().expect("sh");
            assert!(output.status.success(), "umask {umask}: {line}: {output:?}");
        }
        let address = free_address();
        let server = Server::start(shell(&format!("\"$B\" serve --listen {address}")), address).await;
        let made = rights(dir.path());
        let open: Vec<_> = made.iter().filter(|(_, mode)| mode & 0o077 != 0).collect();
        assert!(open.is_empty(), "umask {umask}: {open:?}");
        assert!(made.len() >= 6, "the toml, the folder, two databases, the drop folder: {made:?}");
        server.stop();
    }
    // A database that an earlier version left open to all.
    let dir = folder();
    fine(dir.path(), &["init"]);
    fine(dir.path(), &["migrate"]);
    let file = dir.path().join("data/billow.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("rights");
    fine(dir.path(), &["admin", "create", "a@example.com"]);
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_takes_a_lost_second_factor_away() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    fine(dir.path(), &["admin", "create", "a@example.com"]);
    let db = Database::connect(format!("sqlite://{}", dir.path().join("data/billow.db").display())).await.expect("the database");
    let app =
        "INSERT INTO totp_factors (user_id, secret_enc, created_at, confirmed_at) SELECT id, x'00', created_at, created_at FROM users";
    db.execute_unprepared(app).await.expect("an authenticator app");
    assert!(fine(dir.path(), &["admin", "reset-second-factor", "a@example.com"]).contains("no second factor"));
    assert_eq!(count(&db, "SELECT count(*) FROM totp_factors").await, 0);
    assert_eq!(count(&db, "SELECT count(*) FROM audit_entries WHERE action LIKE '%second_factor%'").await, 1);
    assert!(refused(dir.path(), &["admin", "reset-second-factor", "b@example.com"]).contains("nobody signs in with b@example.com"));
}

#[test]
fn what_config_check_says_is_what_a_server_says() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    let wrong = [
        "--set",
        "documents.store=s3",
        "--set",
        "log.filter=((",
        "--set",
        "push.contact=me",
        "--set",
        "templates.dir=/nonexist",
        "--set",
        "database.max_read=0",
        "--database-url",
        "mysql://x",
        "--set",
        "session_days=x",
        "--set",
        "no.such=1",
    ];
    let said: Vec<String> = ["check", "serve", "api", "worker"]
        .iter()
        .map(|command| {
            let command: &[&str] = if *command == "check" { &["config", "check"] } else { &[command] };
            refused(dir.path(), &[command, &wrong[..]].concat())
        })
        .collect();
    assert_eq!(said[0].lines().count(), 8, "a line for each: {}", said[0]);
    assert!(said[0].lines().all(|line| line.starts_with("billow: ")), "{}", said[0]);
    assert!(said.iter().all(|one| *one == said[0]), "{said:?}");
    assert_eq!(names(dir.path()), BTreeSet::from(["billow.toml".to_owned()]), "checking makes nothing");
}

#[test]
fn everything_in_force_is_shown() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    let shown = fine(dir.path(), &["config", "show"]);
    for setting in ["database.url", "mail.host", "sms.from", "worker.listen", "documents.bucket", "log.otlp_endpoint"] {
        assert!(shown.lines().any(|line| line.starts_with(setting)), "{setting} in {shown}");
    }
    assert!(shown.contains("data/billow.db"), "the database that is really used: {shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_on_one_address_is_told_what_to_do() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    let address = free_address();
    let listen = address.to_string();
    let _server = Server::start(billow(dir.path(), &["serve", "--listen", &listen]), address).await;
    let said = refused(dir.path(), &["serve", "--listen", &listen]);
    assert_eq!(said.lines().filter(|line| line.starts_with("billow: ")).count(), 1, "{said}");
    assert!(said.contains(&listen) && said.contains("--listen"), "{said}");
    assert!(!said.contains('\u{1b}'), "no colours in a file: {said}");
    assert!(refused(dir.path(), &["worker", "--listen", &listen]).contains("worker.listen"), "a worker listens only where it is told to");
}

#[test]
fn a_database_that_is_not_there_is_named_once_with_its_cause() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    let closed = free_address();
    let url = format!("postgres://billow:hush@{closed}/billow");
    for command in [&["serve"][..], &["migrate"], &["admin", "create", "a@example.com"], &["ledger", "check"]] {
        let said = refused(dir.path(), &[command, &["--database-url", &url]].concat());
        let line: Vec<&str> = said.lines().filter(|line| line.starts_with("billow: ")).collect();
        assert_eq!(line.len(), 1, "{said}");
        assert_eq!(line[0].matches(&closed.to_string()).count(), 1, "{said}");
        assert_eq!(line[0].matches("refused").count(), 1, "{said}");
        assert!(!said.contains("hush"), "{said}");
    }
    std::fs::write(dir.path().join("text.db"), "this is not a database, however long it is".repeat(100)).expect("a file");
    let said = refused(dir.path(), &["serve", "--database-url", "sqlite://text.db", "--listen", &free_address().to_string()]);
    assert!(said.contains("text.db") && said.contains("not a database"), "{said}");
}

#[test]
fn looking_makes_no_file() {
    let dir = folder();
    fine(dir.path(), &["init"]);
    let before = names(dir.path());
    assert!(fine(dir.path(), &["migrate", "--dry-run"]).contains("would run m2026"));
    assert_eq!(names(dir.path()), before);
    for command in [&["serve"][..], &["admin", "create", "a@example.com"], &["ledger", "check"]] {
        let said = refused(dir.path(), &[command, &["--set", "migrate=false"]].concat());
        assert!(said.contains("billow migrate"), "{said}");
        assert_eq!(names(dir.path()), before, "{command:?}");
    }
    fine(dir.path(), &["migrate"]);
    let made = names(&dir.path().join("data"));
    assert_eq!(made, ["billow.db", "drop", "queue.db"].map(str::to_owned).into());
    assert!(fine(dir.path(), &["migrate", "--dry-run"]).contains("up to date"));
    assert_eq!(names(&dir.path().join("data")), made);
    fine(dir.path(), &["ledger", "check", "--set", "migrate=false"]);
    assert!(refused(dir.path(), &["ledger", "export", "--from", "2026-12-01", "--to", "2026-11-01"]).contains("--from 2026-12-01"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_migrate_a_server_changes_nothing_on_postgres() {
    if postgres_url().is_none() {
        return;
    }
    let db = TestDb::empty(Engine::Postgres).await.expect("a database");
    let dir = folder();
    fine(dir.path(), &["init", "--database-url", &db.url]);
    let there = Database::connect(&db.url).await.expect("the database");
    let everything = "SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace) + (SELECT count(*) FROM pg_namespace) + (SELECT count(*) FROM pg_extension)";
    let before = count(&there, everything).await;
    for command in ["serve", "api", "worker"] {
        assert!(refused(dir.path(), &[command, "--set", "migrate=false"]).contains("run `billow migrate` first"));
    }
    assert!(fine(dir.path(), &["migrate", "--dry-run"]).contains("would run"));
    assert_eq!(count(&there, everything).await, before);
    assert_eq!(names(dir.path()), BTreeSet::from(["billow.toml".to_owned()]));
    fine(dir.path(), &["migrate"]);
    assert!(count(&there, everything).await > before);
    assert_eq!(count(&there, "SELECT count(*) FROM apalis.jobs").await, 0, "the queue's tables are there, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_with_rights_on_rows_only_runs_everything() {
    if postgres_url().is_none() {
        return;
    }
    let db = TestDb::empty(Engine::Postgres).await.expect("a database");
    let dir = folder();
    fine(dir.path(), &["init", "--database-url", &db.url]);
    fine(dir.path(), &["migrate"]);
    let owner = Database::connect(&db.url).await.expect("the database");
    let role = format!("rows_{}", db.url.rsplit_once('/').expect("a name").1);
    owner.execute_unprepared(&format!("CREATE ROLE \"{role}\" LOGIN")).await.expect("a role");
    let grants = include_str!("../../deploy/postgres-roles.sql").replace(":\"role\"", &format!("\"{role}\""));
    owner.execute_unprepared(&grants).await.expect("the grants");
    let url = db.url.replacen("billow@", &format!("{role}@"), 1);

    let rows_only = |command: &str, address: std::net::SocketAddr| {
        billow(dir.path(), &[command, "--database-url", &url, "--set", "migrate=false", "--listen", &address.to_string()])
    };
    let (api, worker) = (free_address(), free_address());
    let serving = Server::start(rows_only("api", api), api).await;
    let working = Server::start(rows_only("worker", worker), worker).await;
    assert!(fine(dir.path(), &["admin", "create", "a@example.com", "--database-url", &url, "--set", "migrate=false"]).contains("ADMIN"));
    // The worker has registered with the queue, and asked for every kind of work once.
    let begun = std::time::Instant::now();
    while count(&owner, "SELECT count(*) FROM apalis.workers").await == 0 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "the worker does not work: {}", working.log());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for server in [&serving, &working] {
        assert!(!server.log().contains("ERROR") && !server.log().contains("permission denied"), "{}", server.log());
    }
    assert_eq!(get(api, "/livez").await.map(|a| a.0), Some(200));
    working.stop();
    serving.stop();
    owner.execute_unprepared(&format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"")).await.expect("the role goes");
}

both! {
    async fn other_keys_refuse_to_start(engine) {
        let db = TestDb::empty(engine).await.expect("a database");
        let dir = folder();
        fine(dir.path(), &["init", "--database-url", &db.url]);
        fine(dir.path(), &["admin", "create", "a@example.com"]);
        let key = |byte: u8| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode([byte; 32])
        };
        let text = std::fs::read_to_string(dir.path().join("billow.toml")).expect("a file");
        let one = text.lines().find_map(|l| l.strip_prefix("encryption = \"")).expect("a key").trim_end_matches('"').to_owned();
        let encryption = |ring: &str| format!("keys.encryption={ring}");
        let index = format!("keys.index={}", key(9));
        let listen = free_address().to_string();
        for (set, words) in [(encryption(&format!("1:{}", key(7))), "keys.encryption: key 1"), (index, "keys.index")] {
            for command in [&["serve"][..], &["api"], &["worker"], &["admin", "create", "b@example.com"], &["ledger", "check"], &["ledger", "export"]] {
                let said = refused(dir.path(), &[command, &["--set", &set, "--listen", &listen]].concat());
                let line: Vec<&str> = said.lines().filter(|l| l.starts_with("billow: ")).collect();
                assert!(line.len() == 1 && line[0].contains(words) && line[0].contains("use the keys"), "{command:?}: {said}");
            }
        }
        // Rotation: the new one first, the old one kept.
        let both = encryption(&format!("2:{},{one}", key(8)));
        fine(dir.path(), &["admin", "create", "c@example.com", "--set", &both]);
        assert!(refused(dir.path(), &["ledger", "check", "--set", &encryption(&format!("2:{},{one}", key(5)))]).contains("key 2"));
        fine(dir.path(), &["ledger", "check"]);
        // Nothing is encrypted with the old one, so it may leave; as soon as something is, it may not.
        let alone = encryption(&format!("2:{}", key(8)));
        fine(dir.path(), &["ledger", "check", "--set", &alone]);
        let there = Database::connect(&db.url).await.expect("the database");
        let sealed = [&[1u8, 0, 0, 0, 1][..], &[0; 40]].concat();
        let sql = "UPDATE gateways SET credentials_enc = $1";
        let insert = "INSERT INTO gateways (id, code, name, adapter, status, rank, currencies, kinds, settings, circuit_state, circuit_failures, created_at, updated_at) \
            VALUES ($1, 'g', 'g', 'SANDBOX', 'PAUSED', 1, '[]', '[]', '{}', 'CLOSED', 0, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')";
        let backend = there.get_database_backend();
        there.execute_raw(Statement::from_sql_and_values(backend, insert, [sea_orm::prelude::Uuid::from_u128(1).into()])).await.expect("a gateway");
        there.execute_raw(Statement::from_sql_and_values(backend, sql, [sealed.into()])).await.expect("a secret");
        let said = refused(dir.path(), &["ledger", "check", "--set", &alone]);
        assert!(said.contains("lacks key 1") && said.contains("gateways.credentials_enc"), "{said}");
        fine(dir.path(), &["ledger", "check", "--set", &both]);
    }

    async fn of_two_that_start_first_with_other_keys_one_is_refused(engine) {
        let db = TestDb::empty(engine).await.expect("a database");
        let dirs = [folder(), folder()];
        for dir in &dirs {
            fine(dir.path(), &["init", "--database-url", &db.url]);
        }
        fine(dirs[0].path(), &["migrate"]);
        fine(dirs[1].path(), &["migrate"]);
        let both: Vec<_> = dirs.iter().map(|dir| {
            billow(dir.path(), &["ledger", "check"]).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it starts")
        }).collect();
        let good = both.into_iter().map(|mut child| child.wait().expect("it ends")).filter(std::process::ExitStatus::success).count();
        assert!(good <= 1, "both were taken");
        let again = dirs.iter().filter(|dir| run(dir.path(), &["ledger", "check"]).status.success()).count();
        assert_eq!(again, 1, "one has the keys of this database");
    }
}
