//! A gateway in memory: it keeps its word about idempotency, fails as it is told to, and remembers every charge and refund.
//!
//! What it remembers is the oracle: whatever our tables and ledger say, this is the money that moved. Here is what a test
//! tells it and sees of it; what the business asks of it is in `port`.

mod port;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use billow_billing::clock::{Clock as _, ManualClock};
use billow_billing::ports::{
    Charge, ChargeState, GatewayAccount, GatewayRefund, GatewayRefundState, GatewayResult, MethodDetails, NewSetup, Setup, SetupState,
};
use billow_entities::{DeclineKind, GatewayId};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// What becomes of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It happens and is answered.
    Succeeds,
    /// It happens, and the answer is lost.
    LostAfter,
    /// It never happens, and nobody can tell.
    LostBefore,
    /// The network says that it was not asked.
    NotSent,
    /// The request itself is refused.
    Refused,
    /// It never happens, and every call with the same key is answered by the same 500.
    SavedFault,
    /// A definite no.
    Declines(DeclineKind),
    /// The bank is being asked.
    Processing,
    /// The bank is being asked, and the answer is lost.
    ProcessingLost,
    /// The customer has to confirm at this address.
    Action(String),
    /// It never happens, and the caller waits for ever: a process that dies before it calls.
    HangsBefore,
    /// It happens, and the caller waits for ever: a process that dies before it hears.
    HangsAfter,
}

/// A charge as the gateway remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeCharge {
    pub id: String,
    pub gateway: GatewayId,
    pub key: String,
    pub attempt: String,
    pub payment: String,
    pub amount_minor: i64,
    pub currency: String,
    pub state: ChargeState,
    pub fee_minor: Option<i64>,
    pub refunded_minor: i64,
    /// The method's id, or none for a hosted page.
    pub method: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A refund as the gateway remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FakeRefund {
    pub id: String,
    pub gateway: GatewayId,
    pub key: String,
    pub charge_id: String,
    pub reference: String,
    pub amount_minor: i64,
    pub state: GatewayRefundState,
    pub created_at: DateTime<Utc>,
}

/// Run with the attempt's id when a charge has happened and before it is answered.
pub type BeforeAnswer = Arc<dyn Fn(String) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Default)]
struct State {
    charges: Vec<FakeCharge>,
    refunds: Vec<FakeRefund>,
    setups: Vec<(GatewayId, NewSetup, Setup)>,
    customers: Vec<(GatewayId, String, String)>,
    forgotten: Vec<String>,
    /// The first answer by gateway and key, with the content it was given for.
    charge_answers: HashMap<(GatewayId, String), (String, GatewayResult<String>)>,
    refund_answers: HashMap<(GatewayId, String), (String, GatewayResult<String>)>,
    charge_fates: VecDeque<Fate>,
    refund_fates: VecDeque<Fate>,
    setup_fates: VecDeque<Fate>,
    /// For everything that only asks; `LostBefore`, `NotSent` and `Refused` mean something here.
    ask_fates: VecDeque<Fate>,
    /// Given to tests of the keys in turn; they pass when there is nothing more.
    account_answers: VecDeque<GatewayResult<GatewayAccount>>,
    account_calls: usize,
    next_customer_is_not_sent: bool,
    fee_minor: Option<i64>,
    search_is_behind: bool,
    charge_calls: usize,
    refund_calls: usize,
    ask_calls: usize,
    cancel_calls: usize,
}

/// Answers that are on their way.
#[derive(Clone)]
pub struct HeldAnswers {
    /// One for each that was given.
    pub arrived: Arc<Semaphore>,
    /// One for each that may arrive.
    pub goes_on: Arc<Semaphore>,
}

/// The gateway.
#[derive(Default)]
pub struct FakeGateway {
    state: Mutex<State>,
    clock: Mutex<Option<Arc<ManualClock>>>,
    before_answer: Mutex<Option<BeforeAnswer>>,
    before_customer: Mutex<Option<BeforeAnswer>>,
    before_account: Mutex<Option<BoxFuture<'static, ()>>>,
    after_search: Mutex<Option<BeforeAnswer>>,
    after_state: Mutex<Option<BeforeAnswer>>,
    held_refunds: Mutex<Vec<HeldAnswers>>,
}

impl std::fmt::Debug for FakeGateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeGateway")
    }
}

impl FakeCharge {
    fn told(&self) -> Charge {
        Charge {
            id: self.id.clone(),
            attempt: Some(self.attempt.clone()),
            amount_minor: self.amount_minor,
            currency: self.currency.clone(),
            state: self.state.clone(),
            fee_minor: self.fee_minor,
            refunded_minor: Some(self.refunded_minor),
            created_at: Some(self.created_at),
        }
    }

    /// Whether its money moved.
    pub fn is_paid(&self) -> bool {
        self.state == ChargeState::Succeeded
    }
}

impl FakeRefund {
    fn told(&self) -> GatewayRefund {
        GatewayRefund {
            id: self.id.clone(),
            reference: Some(self.reference.clone()),
            amount_minor: self.amount_minor,
            state: self.state.clone(),
        }
    }
}

/// What a test arranges.
impl FakeGateway {
    /// Takes its time from `clock`.
    pub fn set_clock(&self, clock: &Arc<ManualClock>) {
        *self.clock.lock() = Some(Arc::clone(clock));
    }

    /// What becomes of the next charges, in turn; after that they succeed.
    pub fn charges_next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.lock().charge_fates.extend(fates);
    }

    /// Forgets what was to become of further charges and questions.
    pub fn forget_fates(&self) {
        let mut all = self.state.lock();
        all.charge_fates.clear();
        all.ask_fates.clear();
    }

    /// What becomes of the next refunds, in turn; after that they succeed.
    pub fn refunds_next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.lock().refund_fates.extend(fates);
    }

    /// The answers to the next `count` refunds are on their way until they are let go.
    pub fn hold_refunds(&self, count: usize) -> HeldAnswers {
        let held = HeldAnswers { arrived: Arc::new(Semaphore::new(0)), goes_on: Arc::new(Semaphore::new(0)) };
        self.held_refunds.lock().extend(std::iter::repeat_n(held.clone(), count));
        held
    }

    /// A day later: it knows no key any more.
    pub fn forget_keys(&self) {
        let mut all = self.state.lock();
        all.refund_answers.clear();
    }

    /// What becomes of the next setups, in turn; after that tokens are ready at once and hosted pages wait for the customer.
    pub fn setups_next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.lock().setup_fates.extend(fates);
    }

    /// What becomes of the next questions (states, searches, lists, cancellations), in turn; after that they are answered.
    pub fn asks_next(&self, fates: impl IntoIterator<Item = Fate>) {
        self.state.lock().ask_fates.extend(fates);
    }

    /// What the next tests of the keys are answered, in turn; after that they pass.
    pub fn accounts_next(&self, answers: impl IntoIterator<Item = GatewayResult<GatewayAccount>>) {
        self.state.lock().account_answers.extend(answers);
    }

    /// Done once while the next test of the keys is on its way.
    pub fn during_next_test(&self, hook: BoxFuture<'static, ()>) {
        *self.before_account.lock() = Some(hook);
    }

    /// The next customer that is to be made cannot be sent.
    pub fn next_customer_is_not_sent(&self) {
        self.state.lock().next_customer_is_not_sent = true;
    }

    /// What it keeps of each charge that succeeds from now on.
    pub fn set_fee_minor(&self, fee: Option<i64>) {
        self.state.lock().fee_minor = fee;
    }

    /// Whether its search finds nothing, as if its index were behind.
    pub fn set_search_is_behind(&self, behind: bool) {
        self.state.lock().search_is_behind = behind;
    }

    /// Runs `hook` when a charge has happened and before it is answered; none takes it away.
    pub fn set_before_answer(&self, hook: Option<BeforeAnswer>) {
        *self.before_answer.lock() = hook;
    }

    /// Runs `hook` with our id before a customer is made; none takes it away.
    pub fn set_before_customer(&self, hook: Option<BeforeAnswer>) {
        *self.before_customer.lock() = hook;
    }

    /// Runs `hook` with the charge's id when it was asked about and before that is answered; none takes it away.
    pub fn set_after_state(&self, hook: Option<BeforeAnswer>) {
        *self.after_state.lock() = hook;
    }

    /// Runs `hook` with the attempt's id when a charge was searched for and before that is answered; none takes it away.
    pub fn set_after_search(&self, hook: Option<BeforeAnswer>) {
        *self.after_search.lock() = hook;
    }

    /// What the bank says later about a charge.
    pub fn set_charge_state(&self, id: &str, state: ChargeState) {
        let mut all = self.state.lock();
        let fee = all.fee_minor;
        let charge = all.charges.iter_mut().find(|c| c.id == id).expect("such a charge");
        charge.fee_minor = if state == ChargeState::Succeeded { fee } else { None };
        charge.state = state;
    }

    /// What the bank says later about a refund.
    pub fn set_refund_state(&self, id: &str, state: GatewayRefundState) {
        let mut all = self.state.lock();
        all.refunds.iter_mut().find(|r| r.id == id).expect("such a refund").state = state;
    }

    /// What the bank says later about a setup.
    pub fn set_setup_state(&self, id: &str, state: SetupState) {
        let mut all = self.state.lock();
        let (_, new, setup) = all.setups.iter_mut().find(|s| s.2.id == id).expect("such a setup");
        if state == SetupState::Ready {
            setup.method = Some(details(new, id));
        }
        setup.state = state;
    }

    /// Charges by other hands: something our tables know nothing of.
    pub fn charge_behind_our_back(&self, gateway: GatewayId, attempt: &str, amount_minor: i64, currency: &str) -> String {
        let now = self.now();
        let mut all = self.state.lock();
        let id = format!("ch_{:04}", all.charges.len() + 1);
        all.charges.push(FakeCharge {
            id: id.clone(),
            gateway,
            key: format!("other-{id}"),
            attempt: attempt.into(),
            payment: String::new(),
            amount_minor,
            currency: currency.into(),
            state: ChargeState::Succeeded,
            fee_minor: None,
            refunded_minor: 0,
            method: None,
            created_at: now,
        });
        id
    }
}

/// What a test looks at.
impl FakeGateway {
    /// Every charge that was ever made, also those that were declined.
    pub fn charges(&self) -> Vec<FakeCharge> {
        self.state.lock().charges.clone()
    }

    /// The charges whose money moved.
    pub fn paid(&self) -> Vec<FakeCharge> {
        self.charges().into_iter().filter(FakeCharge::is_paid).collect()
    }

    /// The charge of an attempt.
    pub fn charge_of(&self, attempt: &str) -> Option<FakeCharge> {
        self.charges().into_iter().find(|c| c.attempt == attempt)
    }

    /// Every refund that was ever made.
    pub fn refunds(&self) -> Vec<FakeRefund> {
        self.state.lock().refunds.clone()
    }

    /// Money taken less money given back, in minor units whatever the currency.
    pub fn kept_minor(&self) -> i64 {
        let all = self.state.lock();
        let given: i64 = all.refunds.iter().filter(|r| !matches!(r.state, GatewayRefundState::Failed { .. })).map(|r| r.amount_minor).sum();
        all.charges.iter().filter(|c| c.is_paid()).map(|c| c.amount_minor).sum::<i64>() - given
    }

    /// The setups, with what was asked.
    pub fn setups(&self) -> Vec<(NewSetup, Setup)> {
        self.state.lock().setups.iter().map(|(_, new, setup)| (new.clone(), setup.clone())).collect()
    }

    /// Our ids of the customers that were made, with the gateway's.
    pub fn customers(&self) -> Vec<(String, String)> {
        self.state.lock().customers.iter().map(|(_, ours, theirs)| (ours.clone(), theirs.clone())).collect()
    }

    /// Methods that were forgotten.
    pub fn forgotten(&self) -> Vec<String> {
        self.state.lock().forgotten.clone()
    }

    /// How often a charge was asked for, replays among them.
    pub fn charge_calls(&self) -> usize {
        self.state.lock().charge_calls
    }

    /// How often a refund was asked for, replays among them.
    pub fn refund_calls(&self) -> usize {
        self.state.lock().refund_calls
    }

    /// How often the account was asked for.
    pub fn account_calls(&self) -> usize {
        self.state.lock().account_calls
    }

    /// How often a state was asked for or searched.
    pub fn ask_calls(&self) -> usize {
        self.state.lock().ask_calls
    }

    /// How often a charge was called off.
    pub fn cancel_calls(&self) -> usize {
        self.state.lock().cancel_calls
    }
}

impl FakeGateway {
    fn now(&self) -> DateTime<Utc> {
        self.clock.lock().as_ref().map_or_else(super::start, |c| c.now())
    }
}

fn details(new: &NewSetup, id: &str) -> MethodDetails {
    MethodDetails {
        id: format!("pm_{id}"),
        brand: Some("visa".into()),
        last4: Some("4242".into()),
        exp_month: Some(12),
        exp_year: Some(2030),
        mandate_id: (new.kind == billow_entities::MethodKind::DirectDebit).then(|| format!("mandate_{id}")),
    }
}
