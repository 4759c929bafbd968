//! The ways into Billow for browsers, apps and other programs: GraphQL over HTTP and sockets, a hook for providers, and
//! the web app itself.
//!
//! Nothing is decided here. A request becomes an [`billow_billing::Actor`] and a call into the business; what comes back
//! becomes an answer. What is ours is the layer in between: who sent this, is it within the limits, and does its answer
//! keep what is inside, inside.

mod accounts;
mod app;
mod auth;
mod bills;
mod caller;
mod charge;
mod config;
mod connection;
mod context;
mod customers;
mod document_cache;
mod documents;
mod execute;
mod fetching;
mod follow;
mod gateways;
mod homes;
mod http;
mod identity;
mod ids;
mod imports;
mod introspection;
mod limits;
mod loaders;
mod messages;
mod methods;
mod names;
mod node;
mod operations;
mod order;
mod payload;
mod payments;
mod persisted;
mod providers;
mod proxies;
mod recharges;
mod reconciling;
mod refunds;
mod refusal;
mod remittances;
mod reply;
mod roots;
mod rules;
mod scalars;
mod schema;
mod server;
mod socket;
mod texts;
mod turns;
mod types;
mod wallets;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use billow_billing::Billing;
use tower_http::compression::CompressionLayer;

pub use config::{ApiConfig, Limits, MetricsRenderer, Operators, ReadyCheck};
pub use proxies::TrustedProxies;
pub use schema::sdl;
pub use server::{ConnectionLimits, serve};

use crate::app::App;
use crate::http::Edge;

/// Every route of the API and the web app.
///
/// Serve it with [`serve`], which notes the address of each caller: guessing passwords is limited by it. Call it inside a
/// runtime: it watches for sign-ins that end.
pub fn router(billing: Billing, config: ApiConfig) -> Router {
    http::describe_metrics();
    let app = App::new(billing, config);
    tokio::spawn(app.clone().watch_sign_outs());
    let pages = Router::new().fallback(http::assets::serve).layer(CompressionLayer::new());
    let edge = Edge::new(app.billing.clone(), Arc::clone(&app.config));
    Router::new()
        .route("/graphql", post(http::graphql::answer))
        .route("/graphql/ws", get(socket::open))
        .route("/hooks/bills", post(http::hooks::bills))
        .route("/webhooks/gateways/{code}", post(http::webhooks::take))
        .route("/documents/{file}", get(http::documents::open))
        .route("/verify/{id}", get(http::documents::verify))
        .route("/unsubscribe", get(http::unsubscribe::ask_by_query).post(http::unsubscribe::confirm_by_query))
        .route("/unsubscribe/{token}", get(http::unsubscribe::ask).post(http::unsubscribe::confirm))
        .with_state(app)
        .merge(health(&edge))
        .fallback_service(pages)
        .layer(axum::middleware::from_fn_with_state(edge, http::request::around))
}

/// Health and metrics alone: for a process that serves nobody else, and for a listener of their own.
pub fn health_router(billing: Billing, config: ApiConfig) -> Router {
    let edge = Edge::new(billing, Arc::new(config));
    health(&edge).layer(axum::middleware::from_fn_with_state(edge, http::request::around))
}

fn health(edge: &Edge) -> Router {
    Router::new()
        .route("/livez", get(http::health::livez))
        .route("/readyz", get(http::health::readyz))
        .route("/metrics", get(http::health::metrics))
        .with_state(edge.clone())
}
