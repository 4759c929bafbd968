//! The real connectors pay the pretend providers by their definitions alone; whatever happens on the way, a provider gets a
//! payment once, and the outcome says what is known of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use billow_billing::ports::{Connector, FetchOutcome, FetchRequest, FetchedStatus, PayOutcome, PayRequest};
use billow_billing::providers::ProviderDefinition;
use billow_integrations::connectors::Connectors;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_sandbox::{BillStatus, Fault, Provider, Sandbox, SandboxOptions, provider_definition};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// The providers that book a bill's payment, and what a first call comes to.
const PAID: [Provider; 3] = [Provider::Voltara, Provider::Ringo, Provider::Gasline];

fn now() -> DateTime<Utc> {
    "2026-11-21T09:00:00Z".parse().expect("an instant")
}

struct Rig {
    sandbox: Sandbox,
    connectors: Connectors,
    _drop: tempfile::TempDir,
}

async fn rig() -> Rig {
    let drop = tempfile::TempDir::new().expect("a temporary folder");
    let sandbox = Sandbox::start(SandboxOptions::on_loopback(drop.path(), now)).await.expect("the sandbox starts");
    let policy = GuardPolicy { allowed_hosts: vec![sandbox.http_addr().to_string()], user_agent: String::new() };
    let http = Arc::new(GuardedHttp::new(policy).expect("a client"));
    Rig { connectors: Connectors::new(http, Some(drop.path().to_owned())), sandbox, _drop: drop }
}

impl Rig {
    fn definition(&self, provider: Provider) -> (ProviderDefinition, Value) {
        let (definition, credentials) = provider_definition(provider, self.sandbox.http_url());
        let mut definition: ProviderDefinition = serde_json::from_value(definition).expect("a definition");
        definition.limits.timeout_ms = 1_000;
        (definition, credentials)
    }

    fn order(&self, provider: Provider, account: &str, reference: &str, bill: &str, amount_minor: i64) -> PayRequest {
        let (definition, credentials) = self.definition(provider);
        let secret = |(name, value): (&String, &Value)| (name.clone(), value.as_str().expect("a text").to_owned().into());
        PayRequest {
            params: BTreeMap::from([(definition.params[0].name.clone(), account.to_owned())]),
            credentials: credentials.as_object().expect("credentials").iter().map(secret).collect(),
            plan_code: definition.prepaid.then(|| bill.to_owned()),
            definition: Arc::new(definition),
            reference: reference.to_owned(),
            bill_number: bill.to_owned(),
            amount_minor,
            currency: "EUR".parse().expect("a currency"),
            now: now(),
            today: now().date_naive(),
            continuation: None,
            trace: true,
        }
    }

    /// Pays, and asks until there is an end.
    async fn settle(&self, order: PayRequest) -> PayOutcome {
        let mut outcome = self.connectors.pay(order.clone()).await.outcome;
        for _ in 0..5 {
            let PayOutcome::Awaited { continuation, .. } = outcome else { return outcome };
            outcome = self.connectors.pay_status(PayRequest { continuation: Some(continuation), ..order.clone() }).await.outcome;
        }
        outcome
    }

    async fn told_status(&self, provider: Provider, account: &str, number: &str) -> Option<FetchedStatus> {
        let order = self.order(provider, account, "", "", 0);
        let request = FetchRequest {
            definition: order.definition,
            credentials: order.credentials,
            params: order.params,
            now: now(),
            today: now().date_naive(),
            continuation: None,
            trace: false,
        };
        let FetchOutcome::Bills(bills) = self.connectors.fetch(request).await.outcome else { panic!("bills") };
        bills.into_iter().find(|b| b.number == number).and_then(|b| b.status)
    }
}

#[tokio::test]
async fn those_who_can_be_paid_say_so() {
    let rig = rig().await;
    for provider in Provider::ALL {
        let (definition, _) = rig.definition(provider);
        let wanted = !matches!(provider, Provider::Aquaria | Provider::Greenwatt);
        let can = (rig.connectors.can_pay(&definition), rig.connectors.can_tell_payments(&definition));
        assert_eq!(can, (wanted, wanted), "{provider}");
    }
}

#[tokio::test]
async fn a_paid_bill_is_told_as_paid_and_the_same_reference_again_pays_nothing() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    for provider in PAID {
        let account = provider.samples()[0];
        let bill = state.issue_bill(provider, account, Some(4_321)).expect("a bill");
        assert_eq!(rig.told_status(provider, account, &bill.number).await, Some(FetchedStatus::Open));
        let order = rig.order(provider, account, "remit_1", &bill.number, 4_321);
        let PayOutcome::Confirmed { reference, voucher } = rig.settle(order.clone()).await else { panic!("{provider} confirms") };
        let got = state.payments(Some(provider));
        assert_eq!((got.len(), got[0].amount_minor, got[0].number.clone()), (1, 4_321, bill.number.clone()), "{provider}");
        assert_eq!((reference, voucher), (Some(got[0].receipt.clone()), None), "{provider}");
        assert_eq!(rig.told_status(provider, account, &bill.number).await, Some(FetchedStatus::Paid), "{provider}");
        assert!(matches!(rig.settle(order).await, PayOutcome::Confirmed { .. }), "{provider}: the same again");
        assert_eq!(state.payments(Some(provider)).len(), 1, "{provider}");
    }
}

#[tokio::test]
async fn a_recharge_gives_a_voucher_and_a_new_plan() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let line = Provider::Chirp.samples()[0];
    state.add_account(Provider::Chirp, line).expect("a line");
    let before = state.account(Provider::Chirp, line).and_then(|a| a.line).expect("a line").ends_on;
    let order = rig.order(Provider::Chirp, line, "remit_1", "CH56", 1_899);
    let PayOutcome::Confirmed { voucher, .. } = rig.connectors.pay(order.clone()).await.outcome else { panic!("confirmed") };
    assert!(voucher.as_deref().is_some_and(|v| v.len() == 19 && v.chars().all(|c| c.is_ascii_digit() || c == '-')), "{voucher:?}");
    let after = state.account(Provider::Chirp, line).and_then(|a| a.line).expect("a line");
    assert_eq!((after.plan.as_str(), (after.ends_on - before).num_days()), ("CH56", 56));
    // Asked again, the provider tells the same voucher.
    let PayOutcome::Confirmed { voucher: again, .. } = rig.connectors.pay_status(order).await.outcome else { panic!("confirmed") };
    assert_eq!(again, voucher);
    for (reference, plan, price) in [("remit_2", "CH56", 1_000), ("remit_3", "CH99", 1_899), ("remit_1", "CH28", 1_899)] {
        let odd = rig.connectors.pay(rig.order(Provider::Chirp, line, reference, plan, price)).await.outcome;
        assert!(matches!(odd, PayOutcome::Rejected { .. }), "{plan} at {price} is not sold, and no reference pays twice: {odd:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_provider_knows() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    for provider in PAID {
        let account = provider.samples()[1];
        for (fault, arrived) in [(Fault::LosePaymentsAfter { payments: 1 }, true), (Fault::LosePaymentsBefore { payments: 1 }, false)] {
            let bill = state.issue_bill(provider, account, Some(1_000)).expect("a bill");
            state.set_fault(provider, Some(account), fault);
            let order = rig.order(provider, account, &format!("remit_{arrived}"), &bill.number, 1_000);
            let outcome = rig.connectors.pay(order.clone()).await.outcome;
            assert!(matches!(outcome, PayOutcome::Unknown { .. }), "{provider} {arrived}: {outcome:?}");
            let asked = rig.connectors.pay_status(order.clone()).await.outcome;
            if arrived {
                assert!(matches!(asked, PayOutcome::Confirmed { .. } | PayOutcome::Awaited { .. }), "{provider}: {asked:?}");
            } else {
                assert!(matches!(asked, PayOutcome::NotSent { .. }), "{provider}: {asked:?}");
            }
            assert!(matches!(rig.settle(order).await, PayOutcome::Confirmed { .. }), "{provider}: the fault is used up");
        }
        assert_eq!(state.payments(Some(provider)).len(), 2, "{provider}: each once");
        assert!(state.bills(provider, account).iter().all(|b| b.status == BillStatus::Paid), "{provider}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_words_and_nothing_is_paid() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    for provider in PAID {
        let account = provider.samples()[2];
        let bill = state.issue_bill(provider, account, Some(1_000)).expect("a bill");
        state.set_fault(provider, Some(account), Fault::RejectPayments { payments: 1 });
        let refused = rig.settle(rig.order(provider, account, "remit_1", &bill.number, 1_000)).await;
        let PayOutcome::Rejected { message } = refused else { panic!("{provider}: {refused:?}") };
        assert_eq!(message, "The payment was refused by our accounting.", "{provider}");
        assert_eq!(rig.told_status(provider, account, &bill.number).await, Some(FetchedStatus::Open), "{provider}");
        let unknown_bill = rig.settle(rig.order(provider, account, "remit_2", "NO-SUCH-BILL", 1_000)).await;
        assert!(matches!(unknown_bill, PayOutcome::Rejected { .. }), "{provider}: {unknown_bill:?}");
        assert!(matches!(rig.settle(rig.order(provider, account, "remit_3", &bill.number, 1_000)).await, PayOutcome::Confirmed { .. }));
    }
}

#[tokio::test]
async fn bad_days_become_what_is_known() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    let (provider, account) = (Provider::Voltara, Provider::Voltara.samples()[3]);
    for (fault, not_sent) in [
        (Fault::ServerError, false),
        (Fault::DropConnection, false),
        (Fault::CutShort, false),
        (Fault::NotJson, false),
        (Fault::Hang, false),
        (Fault::DelayPayments { ms: 3_000 }, false),
        (Fault::Unauthorized, true),
        (Fault::TooManyRequests { retry_after_s: 7 }, true),
    ] {
        let bill = state.issue_bill(provider, account, Some(1_000)).expect("a bill");
        state.clear_faults();
        state.set_fault(provider, Some(account), fault.clone());
        let order = rig.order(provider, account, &format!("remit_{}", fault.kind()), &bill.number, 1_000);
        let outcome = tokio::time::timeout(Duration::from_secs(10), rig.connectors.pay(order)).await.expect("in time").outcome;
        match outcome {
            PayOutcome::NotSent { retry_after_ms, .. } => {
                assert!(not_sent, "{fault:?}");
                assert_eq!(retry_after_ms, (fault == Fault::TooManyRequests { retry_after_s: 7 }).then_some(7_000));
            }
            PayOutcome::Unknown { .. } => assert!(!not_sent, "{fault:?}"),
            other => panic!("{fault:?}: {other:?}"),
        }
    }
}
