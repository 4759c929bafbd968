//! What the business asks of the gateway: each call meets the fate a test gave it, and is remembered.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billow_billing::ports::{
    Charge, ChargePage, ChargeSource, ChargeState, Decline, Gateway, GatewayAccess, GatewayAccount, GatewayFault, GatewayMode,
    GatewayNotice, GatewayRefund, GatewayRefundState, GatewayResult, GatewaySettings, NewCharge, NewGatewayCustomer, NewGatewayRefund,
    NewSetup, NoticeSubject, Setup, SetupSource, SetupState, WebhookRefusal,
};
use billow_entities::DeclineKind;
use chrono::{DateTime, Duration, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::{FakeCharge, FakeGateway, FakeRefund, Fate, State, details};

/// What is kept from the caller of a charge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Nothing,
    Answer,
    Everything,
}

fn lost<T>() -> GatewayResult<T> {
    Err(GatewayFault::Unknown { message: "the line went dead".into() })
}

fn not_sent<T>() -> GatewayResult<T> {
    Err(GatewayFault::NotSent { message: "no connection".into(), retry_after_ms: None })
}

fn refused<T>(message: &str) -> GatewayResult<T> {
    Err(GatewayFault::Refused { code: Some("refused".into()), message: message.into() })
}

fn decline(kind: DeclineKind) -> Decline {
    Decline { kind, code: Some(kind.as_str().to_lowercase()), message: format!("declined: {kind}") }
}

impl FakeGateway {
    /// Counts a question and gives it its fate.
    fn ask<T>(&self, answer: impl FnOnce(&mut State) -> GatewayResult<T>) -> GatewayResult<T> {
        let mut all = self.state.lock();
        all.ask_calls += 1;
        match all.ask_fates.pop_front() {
            Some(Fate::NotSent) => not_sent(),
            Some(Fate::Refused) => refused("the question was refused"),
            Some(Fate::LostBefore | Fate::LostAfter) => lost(),
            _ => answer(&mut all),
        }
    }

    /// The charge itself, under the lock: what is answered, and whether the answer is lost.
    fn charge_once(&self, at: &GatewayAccess, key: &str, new: &NewCharge) -> GatewayResult<Option<(String, Loss)>> {
        let now = self.now();
        let mut all = self.state.lock();
        all.charge_calls += 1;
        let (content, name) = (format!("{new:?}"), (at.id, key.to_owned()));
        if let Some((first, answer)) = all.charge_answers.get(&name) {
            if *first != content {
                return Err(GatewayFault::KeyReused { message: key.into() });
            }
            // As a real gateway, it still may lose the answer on the way.
            let lose = matches!(all.charge_fates.front(), Some(Fate::LostAfter | Fate::LostBefore));
            let answer = answer.clone();
            if lose {
                all.charge_fates.pop_front();
            }
            return answer.map(|id| Some((id, if lose { Loss::Answer } else { Loss::Nothing })));
        }
        let fate = all.charge_fates.pop_front().unwrap_or(Fate::Succeeds);
        let (state, loss) = match fate {
            Fate::HangsBefore => return Ok(None),
            Fate::LostBefore => return lost(),
            Fate::NotSent => return not_sent(),
            Fate::Refused => return refused("the charge was refused"),
            Fate::SavedFault => {
                all.charge_answers.insert(name, (content, lost()));
                return lost();
            }
            Fate::Succeeds => match &new.source {
                ChargeSource::HostedPage { .. } => {
                    (ChargeState::RequiresAction { url: Some(format!("https://pay.test/{}", new.attempt)) }, Loss::Nothing)
                }
                ChargeSource::Method { .. } => (ChargeState::Succeeded, Loss::Nothing),
            },
            Fate::LostAfter => (ChargeState::Succeeded, Loss::Answer),
            Fate::HangsAfter => (ChargeState::Succeeded, Loss::Everything),
            Fate::Declines(kind) => (ChargeState::Failed(decline(kind)), Loss::Nothing),
            Fate::Processing => (ChargeState::Processing, Loss::Nothing),
            Fate::ProcessingLost => (ChargeState::Processing, Loss::Answer),
            Fate::Action(url) => (ChargeState::RequiresAction { url: Some(url) }, Loss::Nothing),
        };
        let id = format!("ch_{:04}", all.charges.len() + 1);
        let fee_minor = all.fee_minor.filter(|_| state == ChargeState::Succeeded);
        all.charges.push(FakeCharge {
            id: id.clone(),
            gateway: at.id,
            key: key.into(),
            attempt: new.attempt.clone(),
            payment: new.payment.clone(),
            amount_minor: new.amount_minor,
            currency: new.currency.code().into(),
            state,
            fee_minor,
            refunded_minor: 0,
            method: match &new.source {
                ChargeSource::Method { method, .. } => Some(method.clone()),
                ChargeSource::HostedPage { .. } => None,
            },
            created_at: now,
        });
        all.charge_answers.insert(name, (content, Ok(id.clone())));
        Ok(Some((id, loss)))
    }

    fn told(&self, id: &str) -> GatewayResult<Charge> {
        self.state.lock().charges.iter().find(|c| c.id == id).map(FakeCharge::told).map_or_else(|| refused("no such charge"), Ok)
    }
}

impl FakeGateway {
    fn make_refund(&self, at: &GatewayAccess, key: &str, refund: &NewGatewayRefund) -> GatewayResult<GatewayRefund> {
        let now = self.now();
        let mut all = self.state.lock();
        all.refund_calls += 1;
        let (content, name) = (format!("{refund:?}"), (at.id, key.to_owned()));
        if let Some((first, answer)) = all.refund_answers.get(&name).cloned() {
            if first != content {
                return Err(GatewayFault::KeyReused { message: key.into() });
            }
            let id = answer?;
            return all.refunds.iter().find(|r| r.id == id).map(FakeRefund::told).map_or_else(|| refused("no such refund"), Ok);
        }
        let fate = all.refund_fates.pop_front().unwrap_or(Fate::Succeeds);
        let (state, lose) = match fate {
            Fate::LostBefore | Fate::HangsBefore | Fate::HangsAfter => return lost(),
            Fate::NotSent => return not_sent(),
            Fate::Refused => return refused("the refund was refused"),
            Fate::SavedFault => {
                all.refund_answers.insert(name, (content, lost()));
                return lost();
            }
            Fate::Succeeds | Fate::Action(_) => (GatewayRefundState::Succeeded, false),
            Fate::LostAfter => (GatewayRefundState::Succeeded, true),
            Fate::Processing => (GatewayRefundState::Pending, false),
            Fate::ProcessingLost => (GatewayRefundState::Pending, true),
            Fate::Declines(kind) => (GatewayRefundState::Failed { message: format!("declined: {kind}") }, false),
        };
        let moves = !matches!(state, GatewayRefundState::Failed { .. });
        let Some(charge) = all.charges.iter_mut().find(|c| c.id == refund.charge_id) else { return refused("no such charge") };
        if !charge.is_paid() || charge.refunded_minor + refund.amount_minor > charge.amount_minor {
            return refused("more than was charged");
        }
        if moves {
            charge.refunded_minor += refund.amount_minor;
        }
        let made = FakeRefund {
            id: format!("re_{:04}", all.refunds.len() + 1),
            gateway: at.id,
            key: key.into(),
            charge_id: refund.charge_id.clone(),
            reference: refund.reference.clone(),
            amount_minor: refund.amount_minor,
            state,
            created_at: now,
        };
        all.refund_answers.insert(name, (content, Ok(made.id.clone())));
        let told = made.told();
        all.refunds.push(made);
        if lose { lost() } else { Ok(told) }
    }
}

#[async_trait]
impl Gateway for FakeGateway {
    fn check(&self, settings: &GatewaySettings, credentials: &BTreeMap<String, SecretString>) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        if !settings.base_url.starts_with("http") {
            problems.push("base_url: this is not an address".to_owned());
        }
        if !credentials.contains_key("secret_key") {
            problems.push("secret_key: this is needed".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn mode(&self, credentials: &BTreeMap<String, SecretString>) -> Option<GatewayMode> {
        match credentials.get("secret_key")?.expose_secret() {
            key if key.starts_with("sk_live_") => Some(GatewayMode::Live),
            key if key.starts_with("sk_test_") => Some(GatewayMode::Test),
            _ => None,
        }
    }

    async fn account(&self, _at: &GatewayAccess) -> GatewayResult<GatewayAccount> {
        let hook = self.before_account.lock().take();
        if let Some(hook) = hook {
            hook.await;
        }
        let mut all = self.state.lock();
        all.account_calls += 1;
        match all.account_answers.pop_front() {
            Some(answer) => answer,
            None => Ok(GatewayAccount { id: "acct_fake".into(), name: Some("Tests".into()), can_charge: Some(true) }),
        }
    }

    async fn create_customer(&self, at: &GatewayAccess, _key: &str, customer: &NewGatewayCustomer) -> GatewayResult<String> {
        let hook = self.before_customer.lock().clone();
        if let Some(hook) = hook {
            hook(customer.reference.clone()).await;
        }
        let mut all = self.state.lock();
        if std::mem::take(&mut all.next_customer_is_not_sent) {
            return not_sent();
        }
        if let Some(known) = all.customers.iter().find(|c| c.0 == at.id && c.1 == customer.reference) {
            return Ok(known.2.clone());
        }
        let theirs = format!("cus_{:04}", all.customers.len() + 1);
        all.customers.push((at.id, customer.reference.clone(), theirs.clone()));
        Ok(theirs)
    }

    async fn start_setup(&self, at: &GatewayAccess, _key: &str, setup: &NewSetup) -> GatewayResult<Setup> {
        let mut all = self.state.lock();
        if let Some(known) = all.setups.iter().find(|s| s.0 == at.id && s.1.reference == setup.reference) {
            return Ok(known.2.clone());
        }
        let id = format!("seti_{:04}", all.setups.len() + 1);
        let fate = all.setup_fates.pop_front().unwrap_or(Fate::Succeeds);
        let (state, lose) = match fate {
            Fate::LostBefore | Fate::SavedFault | Fate::HangsBefore | Fate::HangsAfter => return lost(),
            Fate::NotSent => return not_sent(),
            Fate::Refused => return refused("the setup was refused"),
            Fate::Succeeds | Fate::LostAfter => {
                let state = match &setup.source {
                    SetupSource::HostedPage { .. } => SetupState::RequiresAction { url: Some(format!("https://pay.test/setup/{id}")) },
                    SetupSource::Token(_) => SetupState::Ready,
                };
                (state, fate == Fate::LostAfter)
            }
            Fate::Declines(kind) => (SetupState::Failed(decline(kind)), false),
            Fate::Processing => (SetupState::Processing, false),
            Fate::ProcessingLost => (SetupState::Processing, true),
            Fate::Action(url) => (SetupState::RequiresAction { url: Some(url) }, false),
        };
        let method = (state == SetupState::Ready).then(|| details(setup, &id));
        let made = Setup { id, state, method };
        all.setups.push((at.id, setup.clone(), made.clone()));
        if lose { lost() } else { Ok(made) }
    }

    async fn setup_state(&self, _at: &GatewayAccess, setup_id: &str) -> GatewayResult<Setup> {
        self.ask(|all| all.setups.iter().find(|s| s.2.id == setup_id).map_or_else(|| refused("no such setup"), |s| Ok(s.2.clone())))
    }

    async fn forget_method(&self, _at: &GatewayAccess, method_id: &str) -> GatewayResult<()> {
        self.ask(|all| {
            all.forgotten.push(method_id.into());
            Ok(())
        })
    }

    async fn charge(&self, at: &GatewayAccess, key: &str, charge: &NewCharge) -> GatewayResult<Charge> {
        let Some((id, loss)) = self.charge_once(at, key, charge)? else { return std::future::pending().await };
        if loss == Loss::Everything {
            return std::future::pending().await;
        }
        let hook = self.before_answer.lock().clone();
        if let Some(hook) = hook {
            hook(charge.attempt.clone()).await;
        }
        if loss == Loss::Answer { lost() } else { self.told(&id) }
    }

    async fn charge_state(&self, _at: &GatewayAccess, charge_id: &str) -> GatewayResult<Charge> {
        let told =
            self.ask(|all| all.charges.iter().find(|c| c.id == charge_id).map_or_else(|| refused("no such charge"), |c| Ok(c.told())));
        let hook = self.after_state.lock().clone();
        if let Some(hook) = hook {
            hook(charge_id.to_owned()).await;
        }
        told
    }

    async fn find_charge(&self, at: &GatewayAccess, attempt: &str, _since: DateTime<Utc>) -> GatewayResult<Option<Charge>> {
        let found = self.ask(|all| {
            if all.search_is_behind {
                return Ok(None);
            }
            Ok(all.charges.iter().find(|c| c.gateway == at.id && c.attempt == attempt).map(FakeCharge::told))
        });
        let hook = self.after_search.lock().clone();
        if let Some(hook) = hook {
            hook(attempt.to_owned()).await;
        }
        found
    }

    async fn cancel_charge(&self, _at: &GatewayAccess, _key: &str, charge_id: &str) -> GatewayResult<Charge> {
        self.ask(|all| {
            all.cancel_calls += 1;
            let Some(charge) = all.charges.iter_mut().find(|c| c.id == charge_id) else { return refused("no such charge") };
            if matches!(charge.state, ChargeState::RequiresAction { .. }) {
                charge.state = ChargeState::Cancelled;
            }
            Ok(charge.told())
        })
    }

    async fn refund(&self, at: &GatewayAccess, key: &str, refund: &NewGatewayRefund) -> GatewayResult<GatewayRefund> {
        let answer = self.make_refund(at, key, refund);
        let held = self.held_refunds.lock().pop();
        if let Some(held) = held {
            held.arrived.add_permits(1);
            held.goes_on.acquire().await.expect("open").forget();
        }
        answer
    }

    async fn refund_state(&self, _at: &GatewayAccess, refund_id: &str) -> GatewayResult<GatewayRefund> {
        self.ask(|all| all.refunds.iter().find(|r| r.id == refund_id).map_or_else(|| refused("no such refund"), |r| Ok(r.told())))
    }

    async fn refunds_of(&self, _at: &GatewayAccess, charge_id: &str) -> GatewayResult<Vec<GatewayRefund>> {
        self.ask(|all| Ok(all.refunds.iter().filter(|r| r.charge_id == charge_id).map(FakeRefund::told).collect()))
    }

    async fn list_charges(
        &self,
        at: &GatewayAccess,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        after: Option<&str>,
    ) -> GatewayResult<ChargePage> {
        /// Small, so that every test of a day turns a page.
        const PAGE: usize = 3;
        self.ask(|all| {
            let mut rest = all
                .charges
                .iter()
                .filter(|c| c.gateway == at.id && c.created_at >= from && c.created_at < to && after.is_none_or(|a| c.id.as_str() > a));
            let charges: Vec<_> = rest.by_ref().take(PAGE).map(FakeCharge::told).collect();
            let next = rest.next().and_then(|_| charges.last().map(|c| c.id.clone()));
            Ok(ChargePage { charges, next })
        })
    }

    /// The signature is the instant of signing in RFC 3339; the body is `{"id", "kind", "charge" | "refund" | "setup"}`.
    fn read_webhook(
        &self,
        _at: &GatewayAccess,
        signature: Option<&str>,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<GatewayNotice, WebhookRefusal> {
        let signed: DateTime<Utc> = signature.and_then(|s| s.parse().ok()).ok_or(WebhookRefusal::Forged)?;
        if (now - signed).abs() > Duration::seconds(300) {
            return Err(WebhookRefusal::Stale);
        }
        let body: serde_json::Value = serde_json::from_slice(body).map_err(|_| WebhookRefusal::Unreadable)?;
        let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (Some(id), Some(kind)) = (text("id"), text("kind")) else { return Err(WebhookRefusal::Unreadable) };
        let about = text("charge")
            .map(NoticeSubject::Charge)
            .or_else(|| text("refund").map(NoticeSubject::Refund))
            .or_else(|| text("setup").map(NoticeSubject::Setup));
        Ok(GatewayNotice { id, kind, about })
    }
}
