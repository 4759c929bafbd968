//! What can become of a payment, a setup, a page or a refund: each change is written to the log and told by webhook.

use chrono::{DateTime, Utc};

use super::bank::{BANK_DAYS, Conduct, NOT_CONFIRMED, No, fee};
use super::books::{Books, Charge, RefundStanding, SessionStatus, Standing};
use super::form::Expand;
use super::json;
use super::log::{CardLogEntry, CardLogKind};

/// What is to happen to a charge whatever its card.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wish {
    Decline(&'static str),
    Processing,
}

/// How a charge begins.
pub(crate) struct Begin {
    /// Whether the customer is there to confirm.
    pub present: bool,
    pub wish: Option<Wish>,
}

impl Books {
    pub(crate) fn tell_intent(&mut self, kind: &'static str, id: &str, now: DateTime<Utc>) {
        if let Some(intent) = self.intents.get(id) {
            let object = json::intent(self, intent, &Expand::default());
            let event = self.id("evt");
            self.post.tell(event, kind, object, now);
        }
    }

    pub(crate) fn tell_setup(&mut self, kind: &'static str, id: &str, now: DateTime<Utc>) {
        if let Some(setup) = self.setups.get(id) {
            let object = json::setup(self, setup, &Expand::default());
            let event = self.id("evt");
            self.post.tell(event, kind, object, now);
        }
    }

    pub(crate) fn tell_session(&mut self, kind: &'static str, id: &str, now: DateTime<Utc>) {
        if let Some(session) = self.sessions.get(id) {
            let object = json::session(self, session, &Expand::default());
            let event = self.id("evt");
            self.post.tell(event, kind, object, now);
        }
    }

    pub(crate) fn tell_refund(&mut self, kind: &'static str, id: &str, now: DateTime<Utc>) {
        if let Some(refund) = self.refunds.get(id) {
            let object = json::refund(refund);
            let event = self.id("evt");
            self.post.tell(event, kind, object, now);
        }
    }

    /// Charges the method of an intent. The refusal is the bank's.
    pub(crate) fn begin_charge(&mut self, id: &str, begin: &Begin, now: DateTime<Utc>) -> Result<(), No> {
        let Some(intent) = self.intents.get(id) else { return Ok(()) };
        let Some(method) = intent.method.as_deref().and_then(|m| self.methods.get(m)) else { return Ok(()) };
        let conduct = match begin.wish {
            Some(Wish::Decline(word)) if method.kind == "card" => Conduct::Declines(No::named(word)),
            Some(Wish::Decline(word)) => Conduct::Later(Some(No::of_debit(word))),
            Some(Wish::Processing) => Conduct::Stays,
            None => method.conduct,
        };
        match conduct {
            Conduct::Declines(no) | Conduct::RefusedAtSetup(no) => self.refuse(id, no, now),
            Conduct::AsksAtCharge if begin.present => {
                if let Some(intent) = self.intents.get_mut(id) {
                    intent.standing = Standing::RequiresAction;
                }
                self.tell_intent("payment_intent.requires_action", id, now);
                Ok(())
            }
            Conduct::AsksAtCharge => self.refuse(id, super::bank::ASK, now),
            Conduct::Later(_) => {
                self.hand_in(id, now);
                self.due.insert((now + BANK_DAYS, id.to_owned()));
                Ok(())
            }
            Conduct::Stays => {
                self.hand_in(id, now);
                Ok(())
            }
            Conduct::Pays | Conduct::AsksAtSetup | Conduct::RefundsLater | Conduct::RefundsFail => {
                self.succeed(id, now);
                Ok(())
            }
        }
    }

    fn refuse(&mut self, id: &str, no: No, now: DateTime<Utc>) -> Result<(), No> {
        self.fail(id, no, now);
        Err(no)
    }

    /// The bank has it and takes its time.
    fn hand_in(&mut self, id: &str, now: DateTime<Utc>) {
        let charge = self.id("py");
        let Some(intent) = self.intents.get_mut(id) else { return };
        intent.standing = Standing::Processing;
        intent.error = None;
        intent.charge = Some(Charge { id: charge, status: "pending", fee: 0, balance: None, refunded: 0 });
        self.note(CardLogKind::Submitted, id, now);
        self.tell_intent("payment_intent.processing", id, now);
    }

    pub(crate) fn succeed(&mut self, id: &str, now: DateTime<Utc>) {
        let (charge, balance) = (self.id("ch"), self.id("txn"));
        let Some(intent) = self.intents.get(id) else { return };
        let is_card = intent.method.as_deref().and_then(|m| self.methods.get(m)).is_none_or(|m| m.kind == "card");
        let Some(intent) = self.intents.get_mut(id) else { return };
        // A debit keeps the charge under which it was handed in.
        let charge = intent.charge.take().filter(|c| c.status == "pending").map_or(charge, |c| c.id);
        let was_processing = intent.standing == Standing::Processing;
        intent.standing = Standing::Succeeded;
        intent.error = None;
        intent.charge =
            Some(Charge { id: charge, status: "succeeded", fee: fee(is_card, intent.amount), balance: Some(balance), refunded: 0 });
        let session = intent.session.clone();
        self.note(CardLogKind::Charged, id, now);
        self.tell_intent("payment_intent.succeeded", id, now);
        if let Some(session) = session.filter(|_| was_processing) {
            self.tell_session("checkout.session.async_payment_succeeded", &session, now);
        }
    }

    pub(crate) fn fail(&mut self, id: &str, no: No, now: DateTime<Utc>) {
        let charge = self.id("ch");
        let Some(intent) = self.intents.get_mut(id) else { return };
        let was_processing = intent.standing == Standing::Processing;
        let charge = intent.charge.take().filter(|c| c.status == "pending").map_or(charge, |c| c.id);
        intent.standing = Standing::RequiresMethod;
        intent.error = Some(no);
        intent.charge = Some(Charge { id: charge, status: "failed", fee: 0, balance: None, refunded: 0 });
        let session = intent.session.clone();
        self.note(CardLogKind::Declined, id, now);
        self.tell_intent("payment_intent.payment_failed", id, now);
        if let Some(session) = session.filter(|_| was_processing) {
            self.tell_session("checkout.session.async_payment_failed", &session, now);
        }
    }

    fn note(&mut self, kind: CardLogKind, intent: &str, now: DateTime<Utc>) {
        let Some(intent) = self.intents.get(intent) else { return };
        self.log.add(CardLogEntry {
            at: now,
            kind,
            id: intent.charge.as_ref().map(|c| c.id.clone()).unwrap_or_default(),
            payment_intent: intent.id.clone(),
            amount_minor: intent.amount,
            currency: intent.currency.clone(),
            metadata: intent.metadata.clone(),
            idempotency_key: intent.key.clone(),
        });
    }

    /// The bank answers for a direct debit; nothing when it has answered before.
    pub(crate) fn settle(&mut self, id: &str, no: Option<No>, now: DateTime<Utc>) -> bool {
        if self.intents.get(id).is_none_or(|intent| intent.standing != Standing::Processing) {
            return false;
        }
        match no {
            None => self.succeed(id, now),
            Some(no) => self.fail(id, no, now),
        }
        true
    }

    /// The customer confirms a payment or refuses to.
    pub(crate) fn confirm(&mut self, id: &str, yes: bool, now: DateTime<Utc>) -> bool {
        if self.intents.get(id).is_none_or(|intent| intent.standing != Standing::RequiresAction) {
            return false;
        }
        if !yes {
            self.fail(id, NOT_CONFIRMED, now);
            return true;
        }
        self.succeed(id, now);
        let session = self.intents.get(id).and_then(|intent| intent.session.clone());
        if let Some(session) = session.and_then(|s| self.sessions.get_mut(&s)).filter(|s| s.status == SessionStatus::Open) {
            session.status = SessionStatus::Complete;
            let session = session.id.clone();
            self.tell_session("checkout.session.completed", &session, now);
        }
        true
    }

    /// The customer confirms that a method is saved or refuses to.
    pub(crate) fn confirm_setup(&mut self, id: &str, yes: bool, now: DateTime<Utc>) -> bool {
        if self.setups.get(id).is_none_or(|setup| setup.standing != Standing::RequiresAction) {
            return false;
        }
        self.finish_setup(id, (!yes).then_some(NOT_CONFIRMED), now);
        true
    }

    /// A setup comes to an end: its method can be charged, or not.
    pub(crate) fn finish_setup(&mut self, id: &str, no: Option<No>, now: DateTime<Utc>) {
        let mandate = self.id("mandate");
        let Some(setup) = self.setups.get_mut(id) else { return };
        setup.error = no;
        if no.is_some() {
            setup.standing = Standing::RequiresMethod;
            return self.tell_setup("setup_intent.setup_failed", id, now);
        }
        setup.standing = Standing::Succeeded;
        if let Some(method) = setup.method.as_deref().and_then(|m| self.methods.get_mut(m)) {
            method.customer.clone_from(&setup.customer);
            setup.mandate = (method.kind != "card").then_some(mandate);
        }
        self.tell_setup("setup_intent.succeeded", id, now);
    }

    /// The bank answers for a refund; nothing when it has answered before.
    pub(crate) fn settle_refund(&mut self, id: &str, comes_back: bool, now: DateTime<Utc>) -> bool {
        let Some(refund) = self.refunds.get_mut(id) else { return false };
        match (refund.standing, comes_back) {
            (RefundStanding::Pending, false) => refund.standing = RefundStanding::Succeeded,
            (RefundStanding::Pending | RefundStanding::Succeeded, true) => {
                refund.standing = RefundStanding::Failed;
                if let Some(charge) = self.intents.get_mut(&refund.intent).and_then(|i| i.charge.as_mut()) {
                    charge.refunded -= refund.amount;
                }
                self.log.add(CardLogEntry {
                    at: now,
                    kind: CardLogKind::RefundFailed,
                    id: id.to_owned(),
                    payment_intent: refund.intent.clone(),
                    amount_minor: refund.amount,
                    currency: refund.currency.clone(),
                    metadata: refund.metadata.clone(),
                    idempotency_key: None,
                });
            }
            _ => return false,
        }
        self.tell_refund("refund.updated", id, now);
        if comes_back {
            self.tell_refund("refund.failed", id, now);
        }
        true
    }

    /// A page is no longer there to pay on.
    pub(crate) fn expire(&mut self, id: &str, now: DateTime<Utc>) -> bool {
        let Some(session) = self.sessions.get_mut(id).filter(|s| s.status == SessionStatus::Open) else { return false };
        session.status = SessionStatus::Expired;
        let intent = session.intent.clone();
        if let Some(intent) = intent.and_then(|i| self.intents.get_mut(&i))
            && matches!(intent.standing, Standing::RequiresAction)
        {
            intent.standing = Standing::Canceled;
        }
        self.tell_session("checkout.session.expired", id, now);
        true
    }

    /// What was to happen by now happens. Answers whether anything did.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) -> bool {
        let mut any = false;
        while self.due.first().is_some_and(|(at, _)| *at <= now)
            && let Some((at, id)) = self.due.pop_first()
        {
            any |= match id.split('_').next() {
                Some("pi") => {
                    let method = self.intents.get(&id).and_then(|i| i.method.as_deref()).and_then(|m| self.methods.get(m));
                    let no = method.and_then(|m| if let Conduct::Later(no) = m.conduct { no } else { None });
                    self.settle(&id, no, at)
                }
                Some("re") => {
                    let comes_back = self.refunds.get(&id).is_some_and(|r| r.comes_back);
                    self.settle_refund(&id, comes_back, at)
                }
                _ => self.expire(&id, at),
            };
        }
        any
    }
}
