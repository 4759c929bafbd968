//! Aquaria: CSV files. They lie in the drop folder, and can be had over HTTP as well: one by one, or all in one.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use chrono::NaiveDate;

use super::answer::{Answer, Call};
use crate::server::Site;
use crate::world::{Provider, drop_file, drop_months};

pub(super) fn routes() -> Router<Site> {
    Router::new().route("/all.csv", get(all)).route("/months/{month}", get(one))
}

async fn all(call: Call) -> Response<Body> {
    call.answer(Provider::Aquaria, None, "bills", |call, _| {
        let mut text = String::new();
        for month in drop_months(&call.site.state) {
            let file = drop_file(&call.site.state, month);
            // Each file begins with the same header.
            let rows = file.split_once('\n').map_or("", |(_, rows)| rows);
            text.push_str(if text.is_empty() { &file } else { rows });
        }
        Answer::text(StatusCode::OK, "text/csv; charset=utf-8", text)
    })
    .await
}

/// `2026-11.csv`.
async fn one(call: Call, Path(name): Path<String>) -> Response<Body> {
    call.answer(Provider::Aquaria, None, "bills", |call, _| {
        let month = name.strip_suffix(".csv").and_then(|m| NaiveDate::parse_from_str(&format!("{m}-01"), "%Y-%m-%d").ok());
        match month.filter(|m| drop_months(&call.site.state).contains(m)) {
            Some(month) => Answer::text(StatusCode::OK, "text/csv; charset=utf-8", drop_file(&call.site.state, month)),
            None => Answer::text(StatusCode::NOT_FOUND, "text/plain", "no such file\n"),
        }
    })
    .await
}
