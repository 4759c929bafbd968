//! A customer with an account at a provider, a gateway, a saved card, and the proof every test ends with.

use std::collections::BTreeMap;

use billow_billing::bills::ManualBill;
use billow_billing::gateways::NewGateway;
use billow_billing::payable_bills::{BillAmount, PayBills};
use billow_billing::payments::{Made, Pay, RetryPayment, TopUp};
use billow_billing::ports::{FetchedAmount, GatewaySettings};
use billow_billing::providers::Credentials;
use billow_billing::{Actor, Billing, Error};
use billow_entities::*;
use chrono::Duration;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use crate::common::gateway::FakeGateway;
use crate::common::{Bench, rows};

pub const ADMIN: Actor = staff(Role::Admin);
pub const OPERATOR: Actor = staff(Role::Operator);

pub const fn staff(role: Role) -> Actor {
    Actor::User { user_id: UserId(Uuid::from_u128(role as u128 + 1)), role, customer_id: None, session_id: SessionId(Uuid::from_u128(9)) }
}

pub struct World {
    pub bench: Bench,
    pub provider: ProviderId,
    pub gateway: GatewayId,
    pub customer: CustomerId,
    pub actor: Actor,
    pub account: UtilityAccountId,
    pub card: PaymentMethodId,
    numbers: std::sync::atomic::AtomicU32,
}

/// The world with a provider that takes exactly what a bill says.
pub async fn world(bench: Bench) -> World {
    world_where(bench, json!({"kind": "EXACT"})).await
}

pub async fn world_where(bench: Bench, amount_rule: serde_json::Value) -> World {
    let provider = provider(&bench.billing, "voltara", "EUR", amount_rule).await;
    let gateway = gateway(&bench.billing, "first", 0).await;
    let (customer, actor) = customer(&bench.billing).await;
    let account = account(&bench.billing, provider, customer, None).await;
    let card = card(&bench.billing, customer, gateway).await;
    World { bench, provider, gateway, customer, actor, account, card, numbers: 0.into() }
}

pub async fn provider(billing: &Billing, code: &str, currency: &str, amount_rule: serde_json::Value) -> ProviderId {
    let definition = json!({
        "code": code, "name": format!("Provider {code}"), "utility_type": "ELECTRICITY", "currency": currency, "time_zone": "Europe/Berlin",
        "connector": {"kind": "HTTP", "settings": {"base_url": format!("https://{code}.test")}},
        "params": [{"name": "number", "label": "Consumer number", "pattern": "[0-9]{8}"}],
        "schedule": {"every": {"kind": "MONTH", "day": 15}, "hour": 6},
        "amount_rule": amount_rule,
    });
    billing.providers.register_provider(&ADMIN, definition, Credentials::default()).await.expect("registered").id
}

pub async fn gateway(billing: &Billing, code: &str, rank: i32) -> GatewayId {
    let new = NewGateway {
        code: code.into(),
        name: code.into(),
        adapter: GatewayAdapter::Sandbox,
        rank,
        currencies: Vec::new(),
        kinds: vec![MethodKind::Card, MethodKind::DirectDebit],
        settings: GatewaySettings { base_url: "https://gateway.test".into(), timeout_ms: 20_000, searches: true },
        credentials: BTreeMap::from([
            ("secret_key".to_owned(), SecretString::from("sk")),
            ("webhook_secret".to_owned(), SecretString::from("wh")),
        ]),
    };
    let id = billing.gateways.create_gateway(&ADMIN, new).await.expect("a gateway").id;
    billing.gateways.test_gateway(&ADMIN, id).await.expect("a test");
    billing.gateways.resume_gateway(&ADMIN, id, None).await.expect("an active gateway").id
}

pub async fn customer(billing: &Billing) -> (CustomerId, Actor) {
    let id = rows::customer(billing, "Anna").into_active_model().insert(billing.kernel.store.write_pool()).await.expect("a customer").id;
    let user_id = UserId(billing.kernel.ids.next());
    (id, Actor::User { user_id, role: Role::Customer, customer_id: Some(id), session_id: SessionId(Uuid::from_u128(8)) })
}

pub async fn account(billing: &Billing, provider: ProviderId, customer: CustomerId, home: Option<PropertyId>) -> UtilityAccountId {
    let row = rows::account(billing, customer, provider, "00000001");
    let row = utility_account::Model {
        property_id: home,
        next_fetch_at: Some(billing.kernel.clock.now() + Duration::days(20)),
        // Each is another one, though all have the same number.
        identifier_index: billing.kernel.cipher.identifier_index(&row.id.to_string()),
        ..row
    };
    row.into_active_model().insert(billing.kernel.store.write_pool()).await.expect("an account").id
}

/// A card that can be charged.
pub async fn card(billing: &Billing, customer: CustomerId, gateway: GatewayId) -> PaymentMethodId {
    let (id, now) = (PaymentMethodId(billing.kernel.ids.next()), billing.kernel.clock.now());
    let row = payment_method::Model {
        id,
        customer_id: customer,
        gateway_id: gateway,
        kind: MethodKind::Card,
        status: MethodStatus::Ready,
        status_reason: None,
        brand: Some("visa".into()),
        last4: Some("4242".into()),
        exp_month: Some(12),
        exp_year: Some(2030),
        label: None,
        external_id: Some(format!("pm_{id}")),
        setup_id: Some(format!("seti_{id}")),
        action_url: None,
        mandate_id: None,
        is_default: false,
        wants_default: false,
        expiry_told: None,
        check_at: None,
        checks: 0,
        lease_until: None,
        fence: 0,
        created_at: now,
        updated_at: now,
        removed_at: None,
    };
    row.into_active_model().insert(billing.kernel.store.write_pool()).await.expect("a card");
    id
}

/// The (path, code) pairs of a refusal.
#[track_caller]
pub fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<(String, String)> {
    match result.expect_err("refused") {
        Error::Invalid(errors) => errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect(),
        other => panic!("not a refusal of the input: {other}"),
    }
}

/// The code of a refusal.
#[track_caller]
pub fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    refusal(result).remove(0).1
}

/// Whole bills.
fn whole(bills: &[BillId]) -> PayBills {
    PayBills { bills: bills.iter().map(|id| BillAmount { bill_id: *id, amount_minor: None }).collect() }
}

/// A wish to pay whole bills by card.
pub fn by_card(world: &World, bills: &[BillId], key: &str) -> Pay<PayBills> {
    Pay { wanted: whole(bills), method: Some(world.card), idempotency_key: key.into(), ..Pay::default() }
}

/// A wish to pay whole bills from the wallet alone.
pub fn by_wallet(bills: &[BillId], key: &str) -> Pay<PayBills> {
    Pay { wanted: whole(bills), use_wallet: true, idempotency_key: key.into(), ..Pay::default() }
}

impl World {
    pub fn billing(&self) -> &Billing {
        &self.bench.billing
    }

    pub fn fake(&self) -> &FakeGateway {
        &self.bench.ports.gateway
    }

    pub async fn bill(&self, amount_minor: i64) -> BillId {
        self.bill_at(self.account, amount_minor).await
    }

    pub async fn bill_at(&self, account: UtilityAccountId, amount_minor: i64) -> BillId {
        let number = self.numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let input = ManualBill {
            number: Some(format!("B-{number}")),
            amount: FetchedAmount::Minor { minor: amount_minor },
            issued_on: "2026-11-20".parse().expect("a day"),
            due_on: None,
            period_start: None,
            period_end: None,
            usage: None,
            lines: Vec::new(),
        };
        self.billing().bills.record_bill(&OPERATOR, account, input, "for a test").await.expect("a bill").id
    }

    pub async fn pay(&self, bills: &[BillId], key: &str) -> Result<Made, Error> {
        self.billing().payments.pay(&self.actor, &*self.billing().payable_bills, by_card(self, bills, key)).await
    }

    pub async fn top_up(&self, amount_minor: i64, key: &str) -> payment::Model {
        let input = TopUp {
            amount_minor,
            currency: "EUR".parse().expect("a currency"),
            method: Some(self.card),
            hosted_page: false,
            return_url: None,
            idempotency_key: key.into(),
        };
        self.billing().payments.top_up(&self.actor, input).await.expect("a top-up").payment
    }

    pub async fn retry(&self, id: PaymentId, key: &str) -> Result<payment::Model, Error> {
        let input = RetryPayment { method: Some(self.card), idempotency_key: key.into(), ..RetryPayment::default() };
        self.billing().payments.retry_payment(&self.actor, id, input).await
    }

    pub async fn payment(&self, id: PaymentId) -> payment::Model {
        self.billing().payments.payment(&Actor::System, id).await.expect("a payment")
    }

    pub async fn status(&self, id: PaymentId) -> PaymentStatus {
        self.payment(id).await.status
    }

    pub async fn attempts(&self, id: PaymentId) -> Vec<payment_attempt::Model> {
        self.billing().payments.attempts_of(&[id]).await.expect("attempts").remove(&id).unwrap_or_default()
    }

    pub async fn bill_row(&self, id: BillId) -> bill::Model {
        bill::Entity::find_by_id(id).one(self.billing().kernel.store.read()).await.expect("a read").expect("a bill")
    }

    /// What of a bill was paid, and where it stands.
    pub async fn paid(&self, id: BillId) -> (i64, BillStatus) {
        let bill = self.bill_row(id).await;
        (bill.paid_minor, bill.status)
    }

    pub async fn remittances(&self) -> Vec<remittance::Model> {
        remittance::Entity::find().order_by_asc(remittance::Column::Id).all(self.billing().kernel.store.read()).await.expect("remittances")
    }

    pub async fn refunds(&self) -> Vec<refund::Model> {
        refund::Entity::find().order_by_asc(refund::Column::Id).all(self.billing().kernel.store.read()).await.expect("refunds")
    }

    /// (available, held)
    pub async fn wallet(&self) -> (i64, i64) {
        let wallet = self.billing().ledger.wallet(&self.actor, self.customer, "EUR".parse().expect("a currency")).await.expect("a wallet");
        (wallet.available_minor, wallet.held_minor)
    }

    pub async fn ledger(&self, kind: LedgerAccountKind) -> i64 {
        let proof = self.billing().ledger.ledger_proof(&Actor::System).await.expect("a proof");
        proof.accounts.iter().filter(|a| a.kind == kind).map(|a| a.balance_minor).sum()
    }

    pub fn later(&self, by: Duration) {
        self.bench.clock.advance(by);
    }

    /// Holds the gateway's memory against our tables and the ledger.
    pub async fn prove(&self) {
        let db = self.billing().kernel.store.read();
        let proof = self.billing().ledger.ledger_proof(&Actor::System).await.expect("a proof");
        assert!(proof.balanced, "the ledger is balanced");

        // No charge without a posting, no posting without a charge, and the amounts are the same.
        let mut charged: Vec<(String, i64)> =
            self.fake().paid().into_iter().map(|c| (format!("settle:{}", c.attempt), c.amount_minor)).collect();
        let attempts = payment_attempt::Entity::find().all(db).await.expect("attempts");
        let entries = ledger_entry::Entity::find().filter(ledger_entry::Column::Kind.eq("payment.settled")).all(db).await.expect("entries");
        let postings = ledger_posting::Entity::find().all(db).await.expect("postings");
        let accounts = ledger_account::Entity::find().all(db).await.expect("accounts");
        let kind_of = |id| accounts.iter().find(|a| a.id == id).map(|a| a.kind);
        let mut posted: Vec<(String, i64)> = entries
            .iter()
            .filter(|e| attempts.iter().any(|a| e.key == format!("settle:{}", a.id)))
            .map(|e| {
                let came = postings.iter().filter(|p| {
                    p.entry_id == e.id
                        && matches!(kind_of(p.account_id), Some(LedgerAccountKind::GatewayClearing | LedgerAccountKind::GatewayFees))
                });
                (e.key.clone(), came.map(|p| p.amount_minor).sum())
            })
            .collect();
        charged.sort();
        posted.sort();
        assert_eq!(posted, charged, "what is posted is what the gateway charged");

        // What is on its way back by a refund that the gateway has made and we have heard of is out of the clearing.
        let clearing: i64 = proof
            .accounts
            .iter()
            .filter(|a| matches!(a.kind, LedgerAccountKind::GatewayClearing | LedgerAccountKind::GatewayFees))
            .map(|a| a.balance_minor)
            .sum();
        let refunds = refund::Entity::find().all(db).await.expect("refunds");
        let back: i64 = refunds
            .iter()
            .filter(|r| r.target == RefundTarget::Gateway && r.status == RefundStatus::Succeeded)
            .map(|r| r.amount_minor)
            .sum();
        assert_eq!(clearing, self.fake().paid().iter().map(|c| c.amount_minor).sum::<i64>() - back, "what the gateways owe us");

        // A payment is charged once: whatever came more often goes back.
        let payments = payment::Entity::find().all(db).await.expect("payments");
        for payment in &payments {
            let came: i64 = self.fake().paid().iter().filter(|c| c.payment == payment.id.to_string()).map(|c| c.amount_minor).sum();
            let more: i64 = refunds
                .iter()
                .filter(|r| r.payment_id == payment.id && r.cause == RefundCause::Surplus && r.allocation_id.is_none())
                .map(|r| r.amount_minor)
                .sum();
            let expected = if payment.status == PaymentStatus::Succeeded { payment.gateway_minor } else { 0 };
            assert_eq!(came - more, expected, "{} {} was charged for what it is", payment.id, payment.status);
        }

        // The wallet sets aside exactly what payments under way need.
        let under_way =
            |p: &&payment::Model| !matches!(p.status, PaymentStatus::Succeeded | PaymentStatus::Failed | PaymentStatus::Cancelled);
        let held: i64 = payments.iter().filter(under_way).map(|p| p.wallet_minor).sum();
        assert_eq!(self.ledger(LedgerAccountKind::WalletHold).await, -held, "what wallets hold");

        // Bills are taken exactly by payments under way, and paid exactly by what their providers are to get.
        let parts = payment_allocation::Entity::find().all(db).await.expect("allocations");
        for part in &parts {
            let payment = payments.iter().find(|p| p.id == part.payment_id).expect("its payment");
            assert_eq!(part.live, under_way(&payment), "{} of {}", part.id, payment.status);
        }
        let remittances = remittance::Entity::find().all(db).await.expect("remittances");
        for bill in bill::Entity::find().all(db).await.expect("bills") {
            let due: i64 = remittances
                .iter()
                .filter(|r| r.target().bill() == Some(bill.id) && r.status != RemittanceStatus::Rejected)
                .map(|r| r.amount_minor)
                .sum();
            assert_eq!(bill.paid_minor, due, "what was paid of {}", bill.number);
            if bill.status == BillStatus::Paid {
                assert!(bill.paid_minor >= bill.amount_minor);
            }
        }
    }
}
