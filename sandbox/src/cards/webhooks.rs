//! What the network tells whoever asked to be told, signed, again and again until it is taken.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::books::Books;
use crate::definitions::secrets;
use crate::world::SandboxState;

/// How often an event is sent that nobody takes.
const MAX_TRIES: u32 = 8;
/// The wait after the first failure; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most events waiting, and the most deliveries remembered.
const MAX_KEPT: usize = 100_000;
/// How often the clock is looked at while nothing else happens.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How webhooks are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookManners {
    /// How often each is sent; usually once.
    pub copies: u32,
    /// The last is sent first, as far as several wait.
    pub shuffled: bool,
    /// So many of the next are never sent.
    pub drop_next: u32,
    /// How long each waits first, in milliseconds.
    pub delay_ms: u64,
    /// They wait until this is no longer set.
    pub held: bool,
}

impl Default for WebhookManners {
    fn default() -> Self {
        Self { copies: 1, shuffled: false, drop_next: 0, delay_ms: 0, held: false }
    }
}

/// A webhook that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebhookDelivery {
    /// By the caller's clock.
    pub at: DateTime<Utc>,
    /// The event.
    pub event: String,
    /// Such as `payment_intent.succeeded`.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// The status it was answered with; none when there was no answer.
    pub status: Option<u16>,
}

#[derive(Clone)]
pub(crate) struct Parcel {
    event: String,
    kind: &'static str,
    object: String,
    body: String,
    due: Instant,
    tries: u32,
}

/// The events, those on their way and those that were sent.
#[derive(Default)]
pub(crate) struct Post {
    pub target: Option<String>,
    pub manners: WebhookManners,
    waiting: VecDeque<Parcel>,
    /// A parcel is being carried.
    busy: bool,
    told: VecDeque<(String, Parcel)>,
    pub sent: VecDeque<WebhookDelivery>,
}

impl Post {
    pub(crate) fn tell(&mut self, id: String, kind: &'static str, object: Value, now: DateTime<Utc>) {
        let about = object["id"].as_str().unwrap_or_default().to_owned();
        let event = json!({
            "id": id, "object": "event", "api_version": "2026-09-30.endive", "created": now.timestamp(), "livemode": false,
            "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind, "data": { "object": object },
        });
        let due = Instant::now() + Duration::from_millis(self.manners.delay_ms);
        let parcel = Parcel { event: id.clone(), kind, object: about, body: event.to_string(), due, tries: 0 };
        if self.told.len() >= MAX_KEPT {
            self.told.pop_front();
        }
        self.told.push_back((id, parcel.clone()));
        if self.target.is_none() {
            return;
        }
        if self.manners.drop_next > 0 {
            self.manners.drop_next -= 1;
            return;
        }
        for _ in 0..self.manners.copies {
            self.put(parcel.clone());
        }
    }

    fn put(&mut self, parcel: Parcel) {
        if self.waiting.len() < MAX_KEPT {
            self.waiting.push_back(parcel);
        }
    }

    /// Sends an event once more.
    pub(crate) fn again(&mut self, id: &str) -> bool {
        let Some(parcel) = self.told.iter().find(|(known, _)| known == id).map(|(_, parcel)| parcel.clone()) else { return false };
        self.put(Parcel { due: Instant::now(), tries: 0, ..parcel });
        true
    }

    /// Every event so far: id, kind and what it is about.
    pub(crate) fn events(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.told.iter().map(|(id, parcel)| (id.as_str(), parcel.kind, parcel.object.as_str()))
    }

    pub(crate) fn idle(&self) -> bool {
        self.waiting.is_empty() && !self.busy
    }

    /// The next to be sent now, or when to look again.
    fn next(&mut self) -> Next {
        let Some(target) = self.target.clone().filter(|_| !self.manners.held) else { return Next::Wait(None) };
        let now = Instant::now();
        let mut ready = (0..self.waiting.len()).filter(|at| self.waiting.get(*at).is_some_and(|p| p.due <= now));
        let at = if self.manners.shuffled { ready.next_back() } else { ready.next() };
        match at.and_then(|at| self.waiting.remove(at)) {
            Some(parcel) => {
                self.busy = true;
                Next::Send(target, parcel)
            }
            None => Next::Wait(self.waiting.iter().map(|p| p.due).min()),
        }
    }

    fn sent(&mut self, parcel: Parcel, status: Option<u16>, at: DateTime<Utc>) {
        self.busy = false;
        if self.sent.len() >= MAX_KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(WebhookDelivery {
            at,
            event: parcel.event.clone(),
            kind: parcel.kind.to_owned(),
            object: parcel.object.clone(),
            status,
        });
        let taken = status.is_some_and(|s| (200..300).contains(&s));
        if !taken && parcel.tries + 1 < MAX_TRIES {
            let due = Instant::now() + FIRST_WAIT * 2_u32.pow(parcel.tries);
            self.put(Parcel { due, tries: parcel.tries + 1, ..parcel });
        }
    }
}

enum Next {
    Send(String, Parcel),
    Wait(Option<Instant>),
}

/// The header that says who sent a body and when.
#[must_use]
pub fn sign_webhook(secret: &str, at: DateTime<Utc>, body: &[u8]) -> String {
    let at = at.timestamp();
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// Sends what there is to send, one after another, until `cancel`; and lets happen what the clock says.
pub(crate) async fn deliver(state: SandboxState, cancel: CancellationToken) {
    #[expect(clippy::disallowed_methods, reason = "the sandbox is the outside world and calls whom it was told to")]
    let client = reqwest::Client::new();
    loop {
        if state.with_cards(Books::tick) {
            state.changed();
        }
        let bell = state.bell();
        match state.with_cards(|books, _| books.post.next()) {
            Next::Send(target, parcel) => {
                let at = state.now();
                let request = client
                    .post(&target)
                    .timeout(TIMEOUT)
                    .header("content-type", "application/json; charset=utf-8")
                    .header("stripe-signature", sign_webhook(secrets::WEBHOOKS, at, parcel.body.as_bytes()))
                    .body(parcel.body.clone());
                let status = tokio::select! {
                    answer = request.send() => answer.ok().map(|a| a.status().as_u16()),
                    () = cancel.cancelled() => return,
                };
                state.with_cards(|books, _| books.post.sent(parcel, status, at));
                state.changed();
            }
            Next::Wait(due) => {
                let until = due.unwrap_or_else(|| Instant::now() + LOOK_AGAIN).min(Instant::now() + LOOK_AGAIN);
                tokio::select! {
                    () = bell.notified() => {}
                    () = tokio::time::sleep_until(until) => {}
                    () = cancel.cancelled() => return,
                }
            }
        }
    }
}
