//! A provider in memory that is paid: once per reference, failing as it is told to, and remembering what it got.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use billow_billing::ports::{PayOutcome, PayRequest};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::json;

/// What becomes of one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayFate {
    /// It is taken and answered.
    Taken,
    /// It is taken, and the answer is lost.
    LostAfter,
    /// It never arrives, and nobody can tell.
    LostBefore,
    /// There is no connection.
    NotSent,
    /// A definite no.
    Refused,
    /// It is taken, and so many questions are answered by "later".
    Awaited(u32),
    /// It is taken at first, and refused when asked about.
    RefusedLater,
}

/// A payment as the provider remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub reference: String,
    pub bill_number: String,
    pub amount_minor: i64,
    later: u32,
    refused: bool,
}

/// Run once, when a payment is on its way and before the provider sees it.
pub type OnTheWay = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// The provider.
#[derive(Default)]
pub struct FakePayee {
    /// Whether its definition says how it is paid.
    pub takes_payments: AtomicBool,
    /// Whether it cannot be asked about them.
    pub is_silent: AtomicBool,
    /// What a prepaid customer types in.
    pub voucher: Mutex<Option<String>>,
    payments: Mutex<Vec<Payment>>,
    fates: Mutex<VecDeque<PayFate>>,
    on_the_way: Mutex<Option<OnTheWay>>,
    lost_questions: AtomicUsize,
    calls: AtomicUsize,
    questions: AtomicUsize,
}

impl FakePayee {
    /// What becomes of the next payments, in turn; after that they are taken.
    pub fn next(&self, fates: impl IntoIterator<Item = PayFate>) {
        self.fates.lock().extend(fates);
    }

    /// Runs `hook` while the next payment is on its way.
    pub fn set_on_the_way(&self, hook: OnTheWay) {
        *self.on_the_way.lock() = Some(hook);
    }

    /// The answers to the next questions are lost.
    pub fn lose_questions(&self, count: usize) {
        self.lost_questions.store(count, Ordering::SeqCst);
    }

    /// What it got and did not refuse.
    pub fn got(&self) -> Vec<Payment> {
        self.payments.lock().iter().filter(|p| !p.refused).cloned().collect()
    }

    /// How often it was paid, replays among them.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How often it was asked.
    pub fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }

    pub async fn pay(&self, request: &PayRequest) -> PayOutcome {
        let hook = self.on_the_way.lock().take();
        if let Some(hook) = hook {
            hook().await;
        }
        self.calls.fetch_add(1, Ordering::SeqCst);
        let fate = self.fates.lock().pop_front().unwrap_or(PayFate::Taken);
        match fate {
            PayFate::LostBefore => return lost(),
            PayFate::NotSent => return PayOutcome::NotSent { message: "no connection".into(), retry_after_ms: None },
            PayFate::Refused => return PayOutcome::Rejected { message: "The account is closed.".into() },
            PayFate::Taken | PayFate::LostAfter | PayFate::Awaited(_) | PayFate::RefusedLater => {}
        }
        let mut payments = self.payments.lock();
        if payments.iter().all(|p| p.reference != request.reference) {
            payments.push(Payment {
                reference: request.reference.clone(),
                bill_number: request.bill_number.clone(),
                amount_minor: request.amount_minor,
                later: if let PayFate::Awaited(later) = fate { later } else { 0 },
                refused: fate == PayFate::RefusedLater,
            });
        }
        match fate {
            PayFate::LostAfter => lost(),
            PayFate::Awaited(_) | PayFate::RefusedLater => awaited(),
            _ => self.confirmed(&request.reference),
        }
    }

    pub fn ask(&self, request: &PayRequest) -> PayOutcome {
        self.questions.fetch_add(1, Ordering::SeqCst);
        if self.lost_questions.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            return lost();
        }
        let mut payments = self.payments.lock();
        match payments.iter_mut().find(|p| p.reference == request.reference) {
            None => PayOutcome::NotSent { message: "never heard of it".into(), retry_after_ms: None },
            Some(payment) if payment.refused => PayOutcome::Rejected { message: "It came back.".into() },
            Some(payment) if payment.later > 0 => {
                payment.later -= 1;
                awaited()
            }
            Some(_) => self.confirmed(&request.reference),
        }
    }

    fn confirmed(&self, reference: &str) -> PayOutcome {
        PayOutcome::Confirmed { reference: Some(format!("receipt of {reference}")), voucher: self.voucher.lock().clone() }
    }
}

fn lost() -> PayOutcome {
    PayOutcome::Unknown { message: "the line went dead".into() }
}

fn awaited() -> PayOutcome {
    PayOutcome::Awaited { after_ms: 5_000, continuation: json!({"order": 1}) }
}
