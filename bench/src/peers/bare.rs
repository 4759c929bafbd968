//! The page of bills by hand: axum and sqlx, one statement, the same JSON. What was read about a token is kept, as Billow
//! keeps it for some seconds, so that what is compared is the page.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use billow_billing::page::cursor;
use billow_billing::sha256_hex;
use billow_entities::ids::encode;
use parking_lot::Mutex;
use serde::Serialize;
use sqlx::Row as _;
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use uuid::Uuid;

#[derive(Serialize)]
struct Answer {
    data: Data,
}

#[derive(Serialize)]
struct Data {
    bills: Bills,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bills {
    nodes: Vec<Bill>,
    page_info: PageInfo,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bill {
    id: String,
    number: String,
    status: String,
    amount: Money,
    issued_on: String,
    due_on: Option<String>,
    provider: Named,
    utility_account: Account,
    property: Option<Named>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    amount_minor: String,
    currency: String,
}

#[derive(Serialize)]
struct Named {
    id: String,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    id: String,
    label: String,
    identifier_hint: String,
}

const SESSION: &str = "SELECT u.customer_id FROM sessions s JOIN users u ON u.id = s.user_id \
     WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL";

/// How the handler finds the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By one join, as one writes it first: everything one may see, sorted.
    OneJoin,
    /// As Billow does: one's own, and those of one's homes, each in the order of an index.
    Merged,
}

const ONE_JOIN: &str = "SELECT b.id, b.number, b.status, b.amount_minor, b.currency, b.issued_on, b.due_on, \
     p.id AS provider_id, p.name AS provider_name, a.id AS account_id, a.label, a.identifier_hint, h.id AS home_id, h.name AS home_name \
     FROM bills b JOIN providers p ON p.id = b.provider_id JOIN utility_accounts a ON a.id = b.account_id LEFT JOIN properties h ON h.id = b.property_id \
     WHERE b.customer_id = $1 OR b.property_id = ANY(ARRAY(SELECT property_id FROM property_members WHERE customer_id = $1)) \
     ORDER BY b.issued_on DESC, b.id DESC LIMIT 21";

const MERGED: &str = "SELECT b.id, b.number, b.status, b.amount_minor, b.currency, b.issued_on, b.due_on, \
     p.id AS provider_id, p.name AS provider_name, a.id AS account_id, a.label, a.identifier_hint, h.id AS home_id, h.name AS home_name \
     FROM (SELECT * FROM (SELECT id, number, status, amount_minor, currency, issued_on, due_on, provider_id, account_id, property_id \
     FROM bills WHERE customer_id = $1 ORDER BY issued_on DESC, id DESC LIMIT 21) own \
     UNION ALL SELECT others.* FROM property_members m JOIN LATERAL \
     (SELECT id, number, status, amount_minor, currency, issued_on, due_on, provider_id, account_id, property_id FROM bills \
     WHERE property_id = m.property_id AND customer_id <> $1 ORDER BY issued_on DESC, id DESC LIMIT 21) others ON true \
     WHERE m.customer_id = $1 ORDER BY issued_on DESC, id DESC LIMIT 21) b \
     JOIN providers p ON p.id = b.provider_id JOIN utility_accounts a ON a.id = b.account_id LEFT JOIN properties h ON h.id = b.property_id \
     ORDER BY b.issued_on DESC, b.id DESC LIMIT 21";

/// Serves on a free port, and prints it.
pub async fn serve(database_url: &str, way: Way) -> Result<()> {
    let pool = PgPoolOptions::new().max_connections(8).connect(database_url).await?;
    let app = Router::new().route("/graphql", post(page)).with_state(Peer {
        pool,
        page: if way == Way::OneJoin { ONE_JOIN } else { MERGED },
        known: Arc::default(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    crate::table::line(&listener.local_addr()?.to_string());
    axum::serve(listener, app).await?;
    Ok(())
}

#[derive(Clone)]
struct Peer {
    pool: PgPool,
    page: &'static str,
    known: Arc<Mutex<HashMap<String, Uuid>>>,
}

async fn page(State(peer): State<Peer>, headers: HeaderMap, _body: String) -> Response {
    match answer(&peer, &headers).await {
        Ok(Some(answer)) => Json(answer).into_response(),
        Ok(None) => StatusCode::UNAUTHORIZED.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn answer(peer: &Peer, headers: &HeaderMap) -> Result<Option<Answer>, sqlx::Error> {
    let pool = &peer.pool;
    let token =
        headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
    let hash = sha256_hex(token);
    let known = peer.known.lock().get(&hash).copied();
    let customer = match known {
        Some(customer) => customer,
        None => {
            let Some(session) = sqlx::query(SESSION).bind(&hash).fetch_optional(pool).await? else { return Ok(None) };
            let customer = session.try_get(0)?;
            peer.known.lock().insert(hash, customer);
            customer
        }
    };
    let mut rows = sqlx::query(peer.page).bind(customer).fetch_all(pool).await?;
    let has_next_page = rows.len() > 20;
    rows.truncate(20);
    let nodes = rows.iter().map(bill).collect::<Result<Vec<_>, _>>()?;
    let end_cursor = nodes.last().map(|b| cursor(&[&b.id]));
    Ok(Some(Answer { data: Data { bills: Bills { nodes, page_info: PageInfo { has_next_page, end_cursor } } } }))
}

fn bill(row: &PgRow) -> Result<Bill, sqlx::Error> {
    let home: Option<Uuid> = row.try_get("home_id")?;
    Ok(Bill {
        id: encode("bill", row.try_get("id")?),
        number: row.try_get("number")?,
        status: row.try_get("status")?,
        amount: Money { amount_minor: row.try_get::<i64, _>("amount_minor")?.to_string(), currency: row.try_get("currency")? },
        issued_on: row.try_get::<chrono::NaiveDate, _>("issued_on")?.to_string(),
        due_on: row.try_get::<Option<chrono::NaiveDate>, _>("due_on")?.map(|d| d.to_string()),
        provider: Named { id: encode("prov", row.try_get("provider_id")?), name: row.try_get("provider_name")? },
        utility_account: Account {
            id: encode("acct", row.try_get("account_id")?),
            label: row.try_get("label")?,
            identifier_hint: row.try_get("identifier_hint")?,
        },
        property: home.map(|id| Ok::<_, sqlx::Error>(Named { id: encode("prop", id), name: row.try_get("home_name")? })).transpose()?,
    })
}
