//! Hostile clients beside ordinary ones: what the ordinary ones feel of it, and what it costs in memory.
//!
//! Each kind of hostile client comes a hundred times, each from an address of loopback of its own, against a server with
//! the default limits and a database of its own. Meanwhile ordinary people ask for a page of bills at a fixed rate.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use billow_tests::Engine;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_util::task::AbortOnDropHandle;

use crate::driver::{Once, post, pour};
use crate::process::Server;
use crate::{fetch, seed, table};

/// What an ordinary person asks for.
const PAGE: &str = "query Page { bills(first: 20) { nodes { id number status amount { amountMinor currency } issuedOn dueOn \
     provider { id name } utilityAccount { id label identifierHint } property { id name } } pageInfo { hasNextPage endCursor } } }";
/// Hostile clients of each kind.
const CLIENTS: u8 = 100;
/// How often one of them comes again, where it gets an answer.
const PAUSE: Duration = Duration::from_millis(50);
/// People who ask for pages, and others whose sign-ins the hostile clients have.
const PEOPLE: usize = 100;

/// What a hostile client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    None,
    Introspection,
    NoReader,
    UnreadAnswers,
    SlowHead,
    Idle,
    Costly,
    Junk,
    WrongSignIns,
    All,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::None, "nobody"),
    (Kind::Introspection, "introspection: nested fragments and aliases"),
    (Kind::NoReader, "50 subscriptions from the first event on, and no reading"),
    (Kind::UnreadAnswers, "asks for the whole schema, and does not read it"),
    (Kind::SlowHead, "a byte of a request's head each second"),
    (Kind::Idle, "20 idle connections"),
    (Kind::Costly, "queries of almost the highest cost"),
    (Kind::Junk, "documents of 60 kB, each another one"),
    (Kind::WrongSignIns, "wrong passwords"),
    (Kind::All, "all of these together"),
];

/// Measures, and prints the table.
pub async fn run(rate: u32, seconds: u32) -> Result<()> {
    let mut rows = Vec::new();
    for (kind, name) in KINDS {
        let row = one(*kind, name, rate, seconds).await.with_context(|| format!("against {name}"))?;
        table::seen(&row);
        rows.push(row);
    }
    table::print(
        &format!("{CLIENTS} hostile clients of a kind beside {rate} pages a second (SQLite, {seconds} s each)"),
        &["hostile clients", "p50 ms", "p99 ms", "worst ms", "pages a second", "memory MB, at its highest", "hostile requests"],
        &rows,
    );
    Ok(())
}

async fn one(kind: Kind, name: &str, rate: u32, seconds: u32) -> Result<Vec<String>> {
    let stage = seed::stage(Engine::Sqlite, fetch::NOWHERE).await?;
    let provider = fetch::register(&stage.billing, &fetch::nowhere(), 32).await?;
    let people = seed::people(&stage.billing, PEOPLE + usize::from(CLIENTS)).await?;
    let accounts = seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: 400, due: 0, first: 0 }).await?;
    seed::bills(&stage.billing, provider, &people, &accounts, 18).await?;
    seed::settle(&stage.billing).await?;
    let server = Server::billow_with("serve", &stage.db.url, stage.db.dir.path(), &[]).await?;

    let body = json!({"query": PAGE}).to_string();
    // As many sign-ins as it takes that nobody of them asks for more than a person does.
    let requests = (0..rate * seconds).map(|n| post("/graphql", &people[n as usize % PEOPLE].token, &body)).collect();
    let came = Arc::new(AtomicU64::new(0));
    let hostile: Vec<_> = (0..CLIENTS)
        .flat_map(|n| kinds(kind).into_iter().map(move |kind| (kind, n)))
        .map(|(kind, n)| {
            let client =
                Client { address: server.address, n, token: people[PEOPLE + usize::from(n)].token.clone(), came: Arc::clone(&came) };
            AbortOnDropHandle::new(tokio::spawn(async move { client.go_on(kind).await }))
        })
        .collect();
    // What they hold is in their hands before the first page is asked for.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let round = pour(server.address, &Once::new(requests, "\"hasNextPage\""), 64, rate).await?;
    drop(hostile);
    let memory = server.peak_memory()? as f64 / 1e6;
    server.stop().await?;
    Ok(vec![
        name.to_owned(),
        format!("{:.1}", round.p50_ms),
        format!("{:.1}", round.p99_ms),
        format!("{:.0}", round.worst_ms),
        format!("{:.0}", round.per_second),
        format!("{memory:.0}"),
        came.load(Ordering::Relaxed).to_string(),
    ])
}

/// The kinds that come at the same time.
fn kinds(kind: Kind) -> Vec<Kind> {
    match kind {
        Kind::None => Vec::new(),
        Kind::All => KINDS.iter().map(|(kind, _)| *kind).filter(|kind| !matches!(kind, Kind::None | Kind::All)).collect(),
        one => vec![one],
    }
}

struct Client {
    address: SocketAddr,
    n: u8,
    token: String,
    came: Arc<AtomicU64>,
}

impl Client {
    /// Does it again and again; whatever the server does to it.
    async fn go_on(&self, kind: Kind) {
        let mut turn = 0u32;
        loop {
            turn += 1;
            // Refused, closed and cut off is what it expects.
            drop(self.once(kind, turn).await);
            self.came.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn once(&self, kind: Kind, turn: u32) -> Result<()> {
        match kind {
            Kind::None | Kind::All => Ok(()),
            Kind::Introspection => self.ask("", &bomb(turn)).await,
            Kind::NoReader => self.subscribe_and_wait().await,
            Kind::UnreadAnswers => self.ask_and_wait().await,
            Kind::SlowHead => self.drip().await,
            Kind::Idle => self.idle().await,
            Kind::Costly => self.ask(&self.token, &costly(turn)).await,
            Kind::Junk => self.ask("", &format!("{{ viewer {{ role }} }} # {turn} {}", "x".repeat(60_000))).await,
            Kind::WrongSignIns => {
                let email = format!("person{}@bench.example", self.n);
                let input = format!("{{email: \"{email}\", password: \"wrong {turn}\", deviceKind: BEARER}}");
                self.ask("", &format!("mutation {{ signIn(input: {input}) {{ token userErrors {{ code }} }} }}")).await
            }
        }
    }

    async fn connect(&self) -> Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 1, 0, self.n + 1), 0)))?;
        // A small window: what is not read waits at the server.
        socket.set_recv_buffer_size(4 << 10)?;
        Ok(socket.connect(self.address).await?)
    }

    async fn ask(&self, token: &str, query: &str) -> Result<()> {
        self.answer(token, query).await.map(drop)
    }

    async fn answer(&self, token: &str, query: &str) -> Result<Vec<u8>> {
        let mut stream = self.connect().await?;
        let body = json!({"query": query}).to_string();
        let mut request = post("/graphql", token, &body);
        let end = b"POST /graphql HTTP/1.1\r\n".len();
        request.splice(end..end, b"Connection: close\r\n".iter().copied());
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    /// Makes a history of one's own account to follow.
    async fn history(&self) -> Result<()> {
        let answer = self.answer(&self.token, "{ utilityAccounts(first: 1) { nodes { id } } }").await?;
        let answer = String::from_utf8_lossy(&answer);
        let id = answer.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).context("no account")?.to_owned();
        for _ in 0..10 {
            for change in ["pause", "resume"] {
                let query =
                    format!("mutation {{ {change}UtilityAccount(input: {{utilityAccountId: \"{id}\"}}) {{ userErrors {{ code }} }} }}");
                self.ask(&self.token, &query).await?;
            }
        }
        Ok(())
    }

    async fn ask_and_wait(&self) -> Result<()> {
        let mut stream = self.connect().await?;
        let body = json!({"query": SCHEMA}).to_string();
        stream.write_all(&post("/graphql", "", &body)).await?;
        std::future::pending::<()>().await;
        Ok(())
    }

    async fn drip(&self) -> Result<()> {
        let mut stream = self.connect().await?;
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await?;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            stream.write_all(b"x").await?;
        }
    }

    async fn idle(&self) -> Result<()> {
        let mut open = Vec::new();
        for _ in 0..20 {
            open.push(self.connect().await?);
        }
        let mut byte = [0];
        // The first that is closed begins it anew.
        if let Some(stream) = open.first_mut() {
            let _ = stream.read(&mut byte).await?;
        }
        Ok(())
    }

    async fn subscribe_and_wait(&self) -> Result<()> {
        self.history().await?;
        let mut request = format!("ws://{}/graphql/ws", self.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
        let (mut socket, _) = tokio_tungstenite::client_async(request, self.connect().await?).await?;
        let init = json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {}", self.token)}});
        socket.send(Message::text(init.to_string())).await?;
        socket.next().await.context("no acknowledgement")??;
        for n in 0..50 {
            let query =
                "subscription { utilityAccountUpdated(after: \"0\") { utilityAccount { id bills(first: 50) { nodes { id number } } } } }";
            socket.send(Message::text(json!({"type": "subscribe", "id": n.to_string(), "payload": {"query": query}}).to_string())).await?;
            // Long queries whose answers are not read.
            let query = json!({"type": "subscribe", "id": format!("q{n}"), "payload": {"query": costly(n)}}).to_string();
            if n < 10 {
                socket.send(Message::text(query)).await?;
            }
        }
        std::future::pending::<()>().await;
        Ok(())
    }
}

/// The schema as tools ask for it.
const SCHEMA: &str = "{ __schema { types { kind name description fields(includeDeprecated: true) { name description \
     args(includeDeprecated: true) { name description type { ...T } } type { ...T } } inputFields { name description type { ...T } } \
     interfaces { ...T } enumValues { name description } possibleTypes { ...T } } } } \
     fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Introspection that explodes; each time another document, so that none is in a cache.
fn bomb(turn: u32) -> String {
    if turn.is_multiple_of(2) {
        let aliases: String = (0..20).map(|n| format!("a{n}: types {{ name description fields {{ name description }} }} ")).collect();
        return format!("query Q{turn} {{ __schema {{ {aliases} }} }}");
    }
    let mut out = format!("query Q{turn} {{ __schema {{ types {{ ...A0 }} }} }}");
    for n in 0..6 {
        out += &format!(" fragment A{n} on __Type {{ fields {{ type {{ ...A{m} ofType {{ ...A{m} }} }} }} }}", m = n + 1);
    }
    out + " fragment A6 on __Type { name }"
}

/// A query of almost the highest cost, each time another document.
fn costly(turn: u32) -> String {
    format!(
        "query C{turn} {{ bills(first: 100) {{ nodes {{ id number status amount {{ formatted amountMinor }} issuedOn dueOn \
         provider {{ id name }} utilityAccount {{ id label identifierHint provider {{ name }} }} property {{ id name city }} }} }} }}"
    )
}
