//! What tests, the control API and the page can do with the card network and see of it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::bank::No;
use super::books::{Books, RefundStanding, Standing};
use super::faults::{CardCall, CardFault};
use super::log::{CardCallSeen, CardLogEntry};
use super::webhooks::{WebhookDelivery, WebhookManners};
use crate::world::SandboxState;

/// What a bank answers about a direct debit or a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CardOutcome {
    /// It went through.
    Succeeded,
    /// It did not.
    Failed {
        /// The bank's word, such as `insufficient_funds` or `account_closed`.
        #[serde(default)]
        code: Option<String>,
    },
}

/// A payment as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardPayment {
    /// The payment intent.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// In minor units.
    pub amount_minor: i64,
    /// Three small letters.
    pub currency: String,
    /// Stripe's word: `succeeded`, `processing`, `requires_action`, `requires_payment_method`, `canceled`.
    pub status: &'static str,
    /// Such as `visa ···· 4242`.
    pub method: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Given back so far, in minor units.
    pub refunded_minor: i64,
    /// The bank's word where it said no.
    pub declined: Option<&'static str>,
}

impl SandboxState {
    /// Does something with the books of the card network.
    pub(crate) fn with_cards<T>(&self, act: impl FnOnce(&mut Books, DateTime<Utc>) -> T) -> T {
        let now = self.now();
        act(&mut self.cards().lock(), now)
    }

    /// Something happened: there may be webhooks to send.
    pub(crate) fn cards_changed(&self) {
        self.bell().notify_one();
        self.changed();
    }

    /// Everything that happened to money, oldest first. It never shrinks.
    #[must_use]
    pub fn card_log(&self) -> Vec<CardLogEntry> {
        self.with_cards(|books, _| books.log.entries().to_vec())
    }

    /// The last calls the API got, oldest first.
    #[must_use]
    pub fn card_calls(&self) -> Vec<CardCallSeen> {
        self.with_cards(|books, _| books.calls.iter().cloned().collect())
    }

    /// The last payments, newest first.
    #[must_use]
    pub fn card_payments(&self, most: usize) -> Vec<CardPayment> {
        self.with_cards(|books, _| {
            let shown = |intent: &super::books::Intent| {
                let method = intent.method.as_deref().and_then(|m| books.methods.get(m));
                CardPayment {
                    id: intent.id.clone(),
                    created: intent.created,
                    amount_minor: intent.amount,
                    currency: intent.currency.clone(),
                    status: intent.standing.word(),
                    method: method.map(|m| format!("{} ···· {}", m.brand, m.last4)),
                    description: intent.description.clone(),
                    refunded_minor: intent.charge.as_ref().map_or(0, |c| c.refunded),
                    declined: intent.error.map(|no| no.decline_code.unwrap_or(no.code)),
                }
            };
            books.intents.newest_first().take(most).map(shown).collect()
        })
    }

    /// The refunds the bank has not answered for, newest first: id, amount in minor units and currency.
    #[must_use]
    pub fn pending_card_refunds(&self) -> Vec<(String, i64, String)> {
        self.with_cards(|books, _| {
            let pending = books.refunds.newest_first().filter(|r| r.standing == RefundStanding::Pending);
            pending.map(|r| (r.id.clone(), r.amount, r.currency.clone())).collect()
        })
    }

    /// The direct debits the bank has not answered for, oldest first.
    #[must_use]
    pub fn pending_debits(&self) -> Vec<String> {
        self.with_cards(|books, _| {
            let mut ids: Vec<_> =
                books.intents.newest_first().filter(|i| i.standing == Standing::Processing).map(|i| i.id.clone()).collect();
            ids.reverse();
            ids
        })
    }

    /// The bank answers now for a direct debit (`pi_…`) or a refund (`re_…`). False when there is none that waits.
    pub fn settle_card(&self, id: &str, outcome: &CardOutcome) -> bool {
        let done = self.with_cards(|books, now| match (id.starts_with("re_"), outcome) {
            (true, outcome) => books.settle_refund(id, *outcome != CardOutcome::Succeeded, now),
            (false, CardOutcome::Succeeded) => books.settle(id, None, now),
            (false, CardOutcome::Failed { code }) => {
                books.settle(id, Some(No::of_debit(code.as_deref().unwrap_or("insufficient_funds"))), now)
            }
        });
        self.cards_changed();
        done
    }

    /// The customer confirms a payment or a setup that asks for it, or refuses to. False when there is none that waits.
    pub fn confirm_card(&self, id: &str, yes: bool) -> bool {
        let done = self.with_cards(
            |books, now| {
                if id.starts_with("seti_") { books.confirm_setup(id, yes, now) } else { books.confirm(id, yes, now) }
            },
        );
        self.cards_changed();
        done
    }

    /// Lets happen what should have happened by the clock.
    pub fn tick_cards(&self) {
        self.with_cards(Books::tick);
        self.cards_changed();
    }

    /// Accepts another secret key, for tests of keys that look like those of real money.
    pub fn accept_secret_key(&self, key: &str) {
        self.with_cards(|books, _| books.more_secret_keys.insert(key.to_owned()));
    }

    /// What is to go wrong with the next so many calls, of one kind or of any.
    pub fn script_card(&self, call: Option<CardCall>, fault: CardFault, times: u32) {
        self.with_cards(|books, _| books.script.add(call, fault, times));
        self.changed();
    }

    /// Nothing goes wrong any more.
    pub fn clear_card_script(&self) {
        self.with_cards(|books, _| books.script.clear());
        self.changed();
    }

    /// What is still to go wrong, in words, with how often.
    #[must_use]
    pub fn card_script(&self) -> Vec<(Option<CardCall>, CardFault, u32)> {
        self.with_cards(|books, _| books.script.lines().map(|(call, fault, times)| (call, fault.clone(), times)).collect())
    }

    /// How long the card network takes to answer; as long as everything else where none is set.
    pub fn set_card_latency(&self, latency: Option<Duration>) {
        let ms = latency.map(|l| u64::try_from(l.as_millis()).unwrap_or(u64::MAX));
        self.with_cards(|books, _| books.latency_ms = ms);
    }

    /// How long a new payment cannot be found by searching.
    pub fn set_search_lag(&self, lag: TimeDelta) {
        self.with_cards(|books, _| books.search_lag = lag);
    }

    /// Whom to tell of what happens; nobody where it is empty.
    pub fn set_webhook_target(&self, url: &str) {
        self.with_cards(|books, _| books.post.target = Some(url.to_owned()).filter(|u| !u.is_empty()));
        self.cards_changed();
    }

    /// How webhooks are sent from now on.
    pub fn set_webhook_manners(&self, manners: WebhookManners) {
        self.with_cards(|books, _| books.post.manners = manners);
        self.cards_changed();
    }

    /// Sends an event once more. False when there is no such event.
    pub fn resend_webhook(&self, event: &str) -> bool {
        let known = self.with_cards(|books, _| books.post.again(event));
        self.cards_changed();
        known
    }

    /// Every event so far, sent or not: its id, its kind and what it is about.
    #[must_use]
    pub fn card_events(&self) -> Vec<(String, String, String)> {
        let owned = |(id, kind, about): (&str, &str, &str)| (id.to_owned(), kind.to_owned(), about.to_owned());
        self.with_cards(|books, _| books.post.events().map(owned).collect())
    }

    /// The webhooks that were sent, oldest first.
    #[must_use]
    pub fn webhook_deliveries(&self) -> Vec<WebhookDelivery> {
        self.with_cards(|books, _| books.post.sent.iter().cloned().collect())
    }

    /// Whether every webhook was sent or given up.
    #[must_use]
    pub fn webhooks_idle(&self) -> bool {
        self.with_cards(|books, _| books.post.idle())
    }
}
