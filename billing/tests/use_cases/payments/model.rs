//! Two thousand random operations against a small reference: what wallets, bills and the gateway must come to, whatever
//! order things happen in. The seed is told; `BILLOW_MODEL_SEED` repeats a run.

use std::collections::BTreeMap;

use billow_billing::Error;
use billow_billing::clock::{Entropy as _, SeededEntropy};
use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::{Pay, TopUp};
use billow_billing::ports::ChargeState;
use billow_entities::*;
use chrono::Duration;

use crate::common::gateway::Fate;
use crate::payments::*;

/// Dice that fall the same for the same seed.
struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, n: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % n
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let index = usize::try_from(self.below(from.len().max(1) as u64)).unwrap_or(0);
        from.get(index)
    }

    fn amount(&self) -> i64 {
        1 + i64::try_from(self.below(5_000)).unwrap_or(0)
    }
}

/// A payment as the reference sees it: what it takes, and whether that has happened.
#[derive(Clone, Debug)]
struct PayableRequest {
    bills: BTreeMap<BillId, i64>,
    wallet: i64,
    top_up: i64,
}

/// The reference: plain sums over what was granted.
#[derive(Default)]
struct Reference {
    wishes: BTreeMap<PaymentId, PayableRequest>,
    keys: BTreeMap<String, PaymentId>,
}

impl Reference {
    /// What the wallet must have free, what it must hold, what each bill must have been paid, and what we must owe providers.
    fn comes_to(&self, statuses: &BTreeMap<PaymentId, PaymentStatus>) -> (i64, i64, BTreeMap<BillId, i64>) {
        let (mut free, mut held, mut paid) = (0, 0, BTreeMap::new());
        for (id, wish) in &self.wishes {
            match statuses[id] {
                PaymentStatus::Succeeded => {
                    free += wish.top_up - wish.wallet;
                    for (bill, amount) in &wish.bills {
                        *paid.entry(*bill).or_default() += *amount;
                    }
                }
                PaymentStatus::Failed | PaymentStatus::Cancelled => {}
                _ => {
                    free -= wish.wallet;
                    held += wish.wallet;
                }
            }
        }
        (free, held, paid)
    }
}

struct Driver {
    world: World,
    dice: Dice,
    reference: Reference,
    bills: Vec<BillId>,
    counts: BTreeMap<&'static str, u32>,
}

impl Driver {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn fate(&self) -> Fate {
        match self.dice.below(12) {
            0 => Fate::LostAfter,
            1 => Fate::LostBefore,
            2 => Fate::NotSent,
            3 => Fate::Refused,
            4 => Fate::Declines(DeclineKind::InsufficientFunds),
            5 => Fate::Declines(DeclineKind::ProcessingError),
            6 => Fate::Processing,
            7 => Fate::ProcessingLost,
            8 => Fate::Action("https://bank.test".into()),
            9 => Fate::SavedFault,
            _ => Fate::Succeeds,
        }
    }

    async fn pay(&mut self, step: u32) {
        let mut bills = BTreeMap::new();
        for _ in 0..=self.dice.below(2) {
            if let Some(bill) = self.dice.pick(&self.bills) {
                bills.insert(*bill, self.dice.amount());
            }
        }
        let use_wallet = self.dice.below(2) == 0;
        let method = (self.dice.below(4) > 0).then_some(self.world.card);
        let key = if self.dice.below(10) == 0 {
            // Somebody taps again, with the same or with another wish.
            let keys: Vec<_> = self.reference.keys.keys().cloned().collect();
            self.dice.pick(&keys).cloned().unwrap_or_else(|| format!("key of step {step}"))
        } else {
            format!("key of step {step}")
        };
        let amounts = bills.iter().map(|(bill_id, amount)| BillAmount { bill_id: *bill_id, amount_minor: Some(*amount) }).collect();
        let wish = Pay { wanted: PayBills { bills: amounts }, method, use_wallet, idempotency_key: key.clone(), ..Pay::default() };
        let calls = self.world.fake().charge_calls();
        self.world.fake().charges_next([self.fate()]);
        let made = self.world.billing().payments.pay(&self.world.actor, &*self.world.billing().payable_bills, wish).await;
        if self.world.fake().charge_calls() == calls {
            self.world.fake().forget_fates();
        }
        match made {
            Ok(made) if made.replayed => {
                assert_eq!(self.reference.keys.get(&key), Some(&made.payment.id), "a replay answers the first payment");
                self.count("replayed");
            }
            Ok(made) => {
                assert!(self.reference.keys.insert(key, made.payment.id).is_none(), "a key makes one payment");
                let wish = PayableRequest { bills, wallet: made.payment.wallet_minor, top_up: 0 };
                assert_eq!(wish.bills.values().sum::<i64>(), made.payment.amount_minor);
                self.reference.wishes.insert(made.payment.id, wish);
                self.count("paid or tried");
            }
            Err(Error::Invalid(_)) => self.count("refused"),
            Err(error) => panic!("step {step}: {error}"),
        }
    }

    async fn top_up(&mut self, step: u32) {
        let amount = self.dice.amount();
        let input = TopUp {
            amount_minor: amount,
            currency: "EUR".parse().expect("a currency"),
            method: Some(self.world.card),
            hosted_page: false,
            return_url: None,
            idempotency_key: format!("key of step {step}"),
        };
        self.world.fake().charges_next([self.fate()]);
        match self.world.billing().payments.top_up(&self.world.actor, input).await {
            Ok(made) => {
                self.reference.keys.insert(format!("key of step {step}"), made.payment.id);
                self.reference.wishes.insert(made.payment.id, PayableRequest { bills: BTreeMap::new(), wallet: 0, top_up: amount });
                self.count("topped up or tried");
            }
            // After five faults in a row the gateway is left alone for a minute.
            Err(Error::Invalid(_)) => {
                self.world.fake().forget_fates();
                self.count("refused");
            }
            Err(error) => panic!("step {step}: {error}"),
        }
    }

    async fn retry_or_cancel(&mut self, step: u32, cancel: bool) {
        let ids: Vec<_> = self.reference.wishes.keys().copied().collect();
        let Some(id) = self.dice.pick(&ids).copied() else { return };
        let calls = self.world.fake().charge_calls();
        let outcome = if cancel {
            self.world.billing().payments.cancel_payment(&self.world.actor, id).await
        } else {
            self.world.fake().charges_next([self.fate()]);
            self.world.retry(id, &format!("key of step {step}")).await
        };
        if !cancel && self.world.fake().charge_calls() == calls {
            self.world.fake().forget_fates();
        }
        match outcome {
            Ok(_) => self.count(if cancel { "cancelled" } else { "retried" }),
            Err(Error::Invalid(_)) => self.count("refused"),
            Err(error) => panic!("step {step}: {error}"),
        }
    }

    /// The bank decides about something it is working on.
    fn bank(&mut self) {
        let open: Vec<_> = self
            .world
            .fake()
            .charges()
            .into_iter()
            .filter(|c| matches!(c.state, ChargeState::Processing | ChargeState::RequiresAction { .. }))
            .collect();
        let Some(charge) = self.dice.pick(&open) else { return };
        let state = match self.dice.below(3) {
            0 => ChargeState::Cancelled,
            _ => ChargeState::Succeeded,
        };
        self.world.fake().set_charge_state(&charge.id, state);
        self.count("the bank decided");
    }

    async fn jobs(&mut self) {
        self.world.later(Duration::minutes(i64::try_from(1 + self.dice.below(90)).unwrap_or(1)));
        if self.dice.below(3) == 0 {
            self.world.fake().asks_next([Fate::LostBefore]);
        }
        self.world.billing().payments.send_payments_due().await.expect("sent");
        self.world.billing().payments.check_payments_due().await.expect("asked");
        self.count("jobs ran");
    }

    /// Holds the world against the reference.
    async fn hold_against_the_reference(&self, step: u32) {
        let ids: Vec<_> = self.reference.wishes.keys().copied().collect();
        let rows = self.world.billing().payments.payments_by_id(&ids).await.expect("payments");
        let statuses: BTreeMap<_, _> = rows.into_iter().map(|(id, p)| (id, p.status)).collect();
        let (free, held, paid) = self.reference.comes_to(&statuses);
        assert_eq!(self.world.wallet().await, (free, held), "the wallet after step {step}");
        for bill in &self.bills {
            assert_eq!(self.world.paid(*bill).await.0, paid.get(bill).copied().unwrap_or(0), "a bill after step {step}");
        }
        assert_eq!(self.world.ledger(LedgerAccountKind::ProviderPayable).await, -paid.values().sum::<i64>(), "providers after step {step}");
    }
}

#[tokio::test]
async fn random_operations_come_to_what_the_reference_says() {
    const STEPS: u32 = 2_000;
    let seed = std::env::var("BILLOW_MODEL_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(20_261_121);
    eprintln!("seed {seed}");
    let world = world_where(crate::common::billing_on_sqlite().await, serde_json::json!({"kind": "ANY"})).await;
    let mut driver =
        Driver { world, dice: Dice(SeededEntropy::new(seed)), reference: Reference::default(), bills: Vec::new(), counts: BTreeMap::new() };
    for step in 0..STEPS {
        match driver.dice.below(20) {
            0..=1 => {
                let amount = driver.dice.amount() * 3;
                let bill = driver.world.bill(amount).await;
                driver.bills.push(bill);
            }
            2..=9 => driver.pay(step).await,
            10..=11 => driver.top_up(step).await,
            12..=13 => driver.retry_or_cancel(step, false).await,
            14 => driver.retry_or_cancel(step, true).await,
            15..=16 => driver.bank(),
            _ => driver.jobs().await,
        }
        if step % 50 == 49 {
            driver.hold_against_the_reference(step).await;
        }
        if step % 500 == 499 {
            // Charges nobody has heard of yet are not posted; what is posted adds up all the same.
            let proof = driver.world.billing().ledger.ledger_proof(&ADMIN).await.expect("a proof");
            assert!(proof.balanced, "the ledger after step {step}");
        }
    }
    // The bank decides about everything; then nothing is left unsettled.
    for charge in driver.world.fake().charges() {
        if matches!(charge.state, ChargeState::Processing | ChargeState::RequiresAction { .. }) {
            driver.world.fake().set_charge_state(&charge.id, ChargeState::Succeeded);
        }
    }
    for _ in 0..5 {
        driver.world.later(Duration::hours(25));
        driver.world.billing().payments.send_payments_due().await.expect("sent");
        driver.world.billing().payments.check_payments_due().await.expect("asked");
    }
    assert!(driver.world.billing().payments.unsettled(&OPERATOR).await.expect("a list").is_empty());
    driver.hold_against_the_reference(STEPS).await;
    driver.world.prove().await;
    eprintln!("{:?}, {} charges", driver.counts, driver.world.fake().paid().len());
}
