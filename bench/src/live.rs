//! From commit to the subscriber's frame, with many open sockets on one process.
//!
//! Bills are posted by a provider through the front door (`POST /hooks/bills`). PostgreSQL keeps the instant of each commit,
//! taken before the commit is on the disk. SQLite does not: there the instant counts at which the bill's row was made, which
//! is earlier still, and which the frame carries.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use billow_billing::actor::Scope;
use billow_billing::clock::{Clock as _, SystemClock};
use billow_billing::identity::NewApiClient;
use billow_billing::{Actor, Billing};
use billow_tests::Engine;
use chrono::{DateTime, Days, Utc};
use futures::{SinkExt as _, StreamExt as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::driver::{Connection, post};
use crate::process::Server;
use crate::table::{self, percentile};
use crate::{fetch, seed};

/// Bills per post; a provider that pushes sends them in batches.
const BATCH: u64 = 5;
/// Seconds before it counts.
const WARM_UP: u64 = 4;

/// Measures on both databases, and prints the table.
pub async fn run(sockets: usize, rate: u32, seconds: u32) -> Result<()> {
    let mut rows = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        rows.push(one(engine, sockets, rate, seconds).await?);
        table::seen(&rows[rows.len() - 1]);
    }
    table::print(
        &format!("From commit to frame: {sockets} sockets, {rate} bills a second for {seconds} s, one process"),
        &["database", "frames", "p50 ms", "p99 ms", "worst ms", "KB per further idle socket", "bills a second seen"],
        &rows,
    );
    Ok(())
}

async fn one(engine: Engine, sockets: usize, rate: u32, seconds: u32) -> Result<Vec<String>> {
    let stage = seed::stage(engine, fetch::NOWHERE).await?;
    let provider = fetch::register_push(&stage.billing).await?;
    let people = seed::people(&stage.billing, sockets).await?;
    seed::accounts(&stage.billing, provider, &people, seed::Accounts { count: sockets as u64, due: 0, first: 0 }).await?;
    seed::settle(&stage.billing).await?;
    let key = push_key(&stage.billing, provider).await?;
    let server = Server::billow("serve", &stage.db.url, stage.db.dir.path()).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (frames, mut arrived) = mpsc::unbounded_channel();
    let mut listeners = Vec::with_capacity(sockets);
    // The first tenth warms pools and caches up, which are there once however many sockets there are.
    let warm = sockets / 10;
    let mut before = 0;
    for chunk in people.chunks(100) {
        if before == 0 && listeners.len() >= warm {
            tokio::time::sleep(Duration::from_secs(2)).await;
            before = server.memory()?;
        }
        let opened: Vec<_> = chunk.iter().map(|p| subscribe(server.address.to_string(), p.token.clone())).collect();
        for socket in futures::future::join_all(opened).await {
            listeners.push(tokio::spawn(listen(socket?, frames.clone())));
        }
    }
    drop(frames);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let per_socket = (server.memory()?.saturating_sub(before)) as f64 / (sockets - warm) as f64 / 1024.0;

    // As on a server that has been in use: its database knows how large the tables are.
    let before = u64::from(rate) * WARM_UP;
    pour(&server, &key, 0..before, rate, sockets as u64).await?;
    wait_for(&mut arrived, before).await?;
    seed::settle(&stage.billing).await?;

    let total = u64::from(rate) * u64::from(seconds);
    let started = Instant::now();
    pour(&server, &key, before..before + total, rate, sockets as u64).await?;
    let poured = total as f64 / started.elapsed().as_secs_f64();
    let frames = wait_for(&mut arrived, total).await?;
    let committed = committed(&stage.billing).await?;
    let since = |frame: &Frame| frame.arrived - *committed.get(&frame.number).unwrap_or(&frame.made);
    let mut latencies: Vec<f64> = frames.iter().map(|frame| since(frame).as_seconds_f64() * 1e3).collect();
    ensure!(latencies.iter().all(|ms| *ms > 0.0), "a frame arrived before its bill was committed");
    for listener in listeners {
        listener.abort();
    }
    server.stop().await?;
    Ok(vec![
        format!("{engine:?}"),
        latencies.len().to_string(),
        format!("{:.1}", percentile(&mut latencies, 0.5)),
        format!("{:.1}", percentile(&mut latencies, 0.99)),
        format!("{:.1}", percentile(&mut latencies, 1.0)),
        format!("{per_socket:.1}"),
        format!("{poured:.0}"),
    ])
}

/// Waits until so many frames have arrived.
async fn wait_for(arrived: &mut mpsc::UnboundedReceiver<Frame>, total: u64) -> Result<Vec<Frame>> {
    let mut frames = Vec::with_capacity(usize::try_from(total)?);
    while (frames.len() as u64) < total {
        match tokio::time::timeout(Duration::from_secs(10), arrived.recv()).await {
            Ok(Some(frame)) => frames.push(frame),
            _ => bail!("only {} of {total} frames arrived", frames.len()),
        }
    }
    Ok(frames)
}

/// When each bill was committed, by its number, where the database tells.
async fn committed(billing: &Billing) -> Result<HashMap<String, DateTime<Utc>>> {
    if billing.kernel.store.is_sqlite() {
        return Ok(HashMap::new());
    }
    let sql = "SELECT number, pg_xact_commit_timestamp(xmin) AS at FROM bills";
    let rows = billing.kernel.store.write_pool().query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    rows.iter().map(|row| Ok((row.try_get("", "number")?, row.try_get("", "at")?))).collect()
}

async fn push_key(billing: &Billing, provider: billow_entities::ProviderId) -> Result<String> {
    let input = NewApiClient { name: "bench".into(), scopes: vec![Scope::BillsPush], provider_id: Some(provider) };
    let (_, key) = billing.identity.create_api_client(&Actor::System, input).await?;
    Ok(key.expose_secret().to_owned())
}

/// Posts the bills of these numbers at a steady rate.
async fn pour(server: &Server, key: &str, numbers: std::ops::Range<u64>, rate: u32, accounts: u64) -> Result<()> {
    let today = SystemClock.now().date_naive();
    let every = Duration::from_secs_f64(BATCH as f64 / f64::from(rate));
    let mut tick = tokio::time::interval(every);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    // Enough connections that a slow answer does not hold up the next post.
    let (give, take) = async_lane(server, 16).await?;
    let mut next = numbers.start;
    while next < numbers.end {
        tick.tick().await;
        let bills: Vec<Value> = (next..numbers.end.min(next + BATCH))
            .map(|n| {
                json!({"number": format!("L-{n}"), "account": seed::number(n % accounts), "amount": {"minor": 5_000}, "currency": "EUR",
                       "issued_on": today, "due_on": today + Days::new(14)})
            })
            .collect();
        next += bills.len() as u64;
        give.send(post("/hooks/bills", key, &json!({"bills": bills}).to_string())).await.context("the lanes ended")?;
    }
    drop(give);
    for lane in take {
        lane.await??;
    }
    Ok(())
}

type Lanes = (mpsc::Sender<Vec<u8>>, Vec<tokio::task::JoinHandle<Result<()>>>);

async fn async_lane(server: &Server, lanes: usize) -> Result<Lanes> {
    let (give, take) = mpsc::channel::<Vec<u8>>(256);
    let take = Arc::new(tokio::sync::Mutex::new(take));
    let mut tasks = Vec::new();
    for _ in 0..lanes {
        let (take, mut connection) = (Arc::clone(&take), Connection::open(server.address).await?);
        tasks.push(tokio::spawn(async move {
            loop {
                let Some(request) = take.lock().await.recv().await else { return Ok(()) };
                let answer = connection.ask(&request).await?;
                ensure!(find(answer, b"\"refused\":0,"), "refused: {}", String::from_utf8_lossy(answer));
            }
        }));
    }
    Ok((give, tasks))
}

fn find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn subscribe(address: String, token: String) -> Result<Socket> {
    let mut request = format!("ws://{address}/graphql/ws").into_client_request()?;
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse()?);
    let config = WebSocketConfig::default().read_buffer_size(2 * 1024).write_buffer_size(0);
    let stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
    socket
        .send(Message::text(json!({"type": "connection_init", "payload": {"authorization": format!("Bearer {token}")}}).to_string()))
        .await?;
    loop {
        let message = socket.next().await.context("the socket closed")??;
        if message.to_text().is_ok_and(|t| t.contains("connection_ack")) {
            break;
        }
    }
    let query = "subscription { billReceived { cursor bill { id number createdAt amount { amountMinor currency } provider { name } utilityAccount { label } } } }";
    socket.send(Message::text(json!({"id": "1", "type": "subscribe", "payload": {"query": query}}).to_string())).await?;
    Ok(socket)
}

/// A frame that told of a bill.
struct Frame {
    number: String,
    made: DateTime<Utc>,
    arrived: DateTime<Utc>,
}

async fn listen(mut socket: Socket, frames: mpsc::UnboundedSender<Frame>) -> Result<()> {
    while let Some(message) = socket.next().await {
        let message = message?;
        let Message::Text(text) = &message else { continue };
        let arrived = SystemClock.now();
        let value: Value = serde_json::from_str(text.as_str())?;
        match value["type"].as_str() {
            Some("next") => {
                let bill = &value["payload"]["data"]["billReceived"]["bill"];
                let word = |name: &str| bill[name].as_str().with_context(|| format!("an odd frame: {text}"));
                frames.send(Frame { number: word("number")?.to_owned(), made: word("createdAt")?.parse()?, arrived })?;
            }
            Some("ping") => socket.send(Message::text(r#"{"type":"pong"}"#)).await?,
            Some("error") => bail!("{text}"),
            _ => {}
        }
    }
    Ok(())
}
