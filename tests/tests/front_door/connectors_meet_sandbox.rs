//! The real connectors against the pretend providers: definitions that are only data yield the bills in the provider's books,
//! and each fault of a provider becomes the outcome it deserves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use billow_billing::ports::{Connector, FetchOutcome, FetchReply, FetchRequest, FetchedAmount, FetchedBill, FetchedStatus};
use billow_billing::providers::ProviderDefinition;
use billow_integrations::connectors::Connectors;
use billow_integrations::http::{GuardPolicy, GuardedHttp};
use billow_sandbox::{Bill, BillStatus, Fault, Provider, Sandbox, SandboxOptions, bench_definition, provider_definition};
use chrono::{DateTime, Utc};
use serde_json::Value;

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

fn parsed(definition: Value) -> ProviderDefinition {
    serde_json::from_value(definition).expect("the definition has the right shape")
}

impl Rig {
    fn definition(&self, provider: Provider) -> ProviderDefinition {
        parsed(provider_definition(provider, self.sandbox.http_url()).0)
    }

    async fn fetch_as(&self, definition: ProviderDefinition, credentials: &Value, account: &str) -> FetchReply {
        let first = definition.params[0].name.clone();
        let secret = |(name, value): (&String, &Value)| (name.clone(), value.as_str().expect("a text").to_owned().into());
        let request = FetchRequest {
            params: BTreeMap::from([(first, account.to_owned())]),
            credentials: credentials.as_object().expect("credentials").iter().map(secret).collect(),
            definition: Arc::new(definition),
            now: now(),
            today: now().date_naive(),
            continuation: None,
            trace: true,
        };
        self.connectors.fetch(request).await
    }

    async fn fetch(&self, provider: Provider, account: &str) -> FetchReply {
        let (definition, credentials) = provider_definition(provider, self.sandbox.http_url());
        self.fetch_as(parsed(definition), &credentials, account).await
    }

    async fn bills(&self, provider: Provider, account: &str) -> Vec<FetchedBill> {
        let reply = self.fetch(provider, account).await;
        match reply.outcome {
            FetchOutcome::Bills(bills) => bills,
            other => panic!("{provider}: {other:?}, after {:#?}", reply.trace),
        }
    }
}

fn minor(amount: &FetchedAmount) -> i64 {
    match amount {
        FetchedAmount::Minor { minor } => *minor,
        FetchedAmount::Decimal(text) => text.replace('.', "").parse().expect("a decimal with two places"),
    }
}

fn assert_as_booked(provider: Provider, fetched: &FetchedBill, booked: &Bill) {
    assert_eq!(minor(&fetched.amount), booked.amount_minor, "{provider} {fetched:?}");
    assert_eq!(fetched.currency.map(|c| c.to_string()).as_deref(), Some(provider.currency()));
    assert_eq!((fetched.issued_on, fetched.due_on), (Some(booked.issued_on), Some(booked.due_on)), "{provider}");
    assert_eq!((fetched.period_start, fetched.period_end), (Some(booked.period_start), Some(booked.period_end)), "{provider}");
    // 12.0 and 12 are the same.
    let plain = |text: &str| text.strip_suffix(".0").unwrap_or(text).to_owned();
    assert_eq!(plain(&fetched.usage.as_ref().expect("usage").value), plain(&booked.usage()), "{provider}");
    let sum: i64 = fetched.lines.iter().filter_map(|l| l.amount.as_ref()).map(minor).sum();
    assert_eq!(sum, booked.amount_minor, "{provider}: the lines add up");
}

#[tokio::test]
async fn every_definition_passes_its_connector_s_check() {
    let rig = rig().await;
    for provider in Provider::ALL {
        assert_eq!(rig.connectors.check(&rig.definition(provider)), Ok(()), "{provider}");
    }
    assert_eq!(rig.connectors.check(&parsed(bench_definition(rig.sandbox.http_url()).0)), Ok(()));
}

#[tokio::test]
async fn eighteen_months_come_as_they_are_in_the_books() {
    let rig = rig().await;
    rig.sandbox.state().seed_samples(18).expect("seeded");
    for provider in Provider::ALL.into_iter().filter(|p| !p.prepaid()) {
        let account = provider.samples()[0];
        let mut fetched = rig.bills(provider, account).await;
        fetched.sort_by_key(|b| b.period_start);
        let booked = rig.sandbox.state().bills(provider, account);
        assert_eq!((fetched.len(), booked.len()), (18, 18), "{provider}");
        for (fetched, booked) in fetched.iter().zip(&booked) {
            assert_as_booked(provider, fetched, booked);
            // A Green Button feed has neither numbers nor accounts nor a word for "paid".
            if provider != Provider::Greenwatt {
                assert_eq!((&fetched.number, fetched.account.as_deref()), (&booked.number, Some(account)));
                let status = if booked.status == BillStatus::Open { FetchedStatus::Open } else { FetchedStatus::Paid };
                assert_eq!(fetched.status, Some(status));
            }
        }
    }
}

#[tokio::test]
async fn a_prepaid_line_tells_its_plan_and_the_plans_on_sale() {
    let rig = rig().await;
    let account = Provider::Chirp.samples()[0];
    let line = rig.sandbox.state().set_plan(account, "CH28", "2026-11-24".parse().expect("a day")).expect("set");
    let reply = rig.fetch(Provider::Chirp, account).await;
    assert_eq!(reply.outcome, FetchOutcome::NoneDue, "{:#?}", reply.trace);
    let status = reply.prepaid.expect("a plan");
    assert_eq!((status.plan_code.as_deref(), status.expires_on), (Some("CH28"), Some(line.ends_on)));
    assert_eq!(reply.plans.expect("plans").iter().map(|p| p.validity_days).collect::<Vec<_>>(), [28, 56, 84]);
}

#[tokio::test]
async fn unknown_idle_and_barred_accounts_are_told_apart() {
    let rig = rig().await;
    for (provider, unknown) in [
        (Provider::Voltara, "VT99999999"),
        (Provider::Ringo, "+33699999999"),
        (Provider::Gasline, "999999999999"),
        (Provider::Chirp, "+491799999999"),
    ] {
        let known = provider.samples()[0];
        let outcome = rig.fetch(provider, unknown).await.outcome;
        assert!(matches!(outcome, FetchOutcome::NotFound { .. }), "{provider}: {outcome:?}");
        assert_eq!(rig.fetch(provider, known).await.outcome, FetchOutcome::NoneDue, "{provider}");
        rig.sandbox.state().set_fault(provider, Some(known), Fault::NeedsCustomer);
        let outcome = rig.fetch(provider, known).await.outcome;
        assert!(matches!(&outcome, FetchOutcome::NeedsCustomer { message } if message.starts_with("Please")), "{provider}: {outcome:?}");
    }
}

/// What a fault should become.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Retryable,
    Broken,
}

#[tokio::test]
async fn each_fault_becomes_the_outcome_it_deserves() {
    let rig = rig().await;
    let state = rig.sandbox.state();
    for provider in [Provider::Voltara, Provider::Gasline, Provider::Greenwatt] {
        let account = provider.samples()[0];
        state.seed_history(provider, account, 18).expect("seeded");
        for (fault, expected) in [
            (Fault::Hang, Expected::Retryable),
            (Fault::ServerError, Expected::Retryable),
            (Fault::TooManyRequests { retry_after_s: 7 }, Expected::Retryable),
            (Fault::DropConnection, Expected::Retryable),
            (Fault::Truncated, Expected::Retryable),
            (Fault::Unauthorized, Expected::Broken),
            (Fault::CutShort, Expected::Broken),
            (Fault::NotJson, Expected::Broken),
            (Fault::Endless, Expected::Broken),
            (Fault::GzipBomb, Expected::Broken),
        ] {
            state.clear_faults();
            state.set_fault(provider, Some(account), fault.clone());
            let (definition, credentials) = provider_definition(provider, rig.sandbox.http_url());
            let mut definition = parsed(definition);
            definition.limits.timeout_ms = 1_000;
            let outcome = rig.fetch_as(definition, &credentials, account).await.outcome;
            let found = match &outcome {
                FetchOutcome::Retryable { .. } => Expected::Retryable,
                FetchOutcome::Broken { .. } => Expected::Broken,
                other => panic!("{provider} {fault:?}: {other:?}"),
            };
            assert_eq!(found, expected, "{provider} {fault:?}: {outcome:?}");
            if fault == (Fault::TooManyRequests { retry_after_s: 7 }) {
                assert!(matches!(outcome, FetchOutcome::Retryable { retry_after_ms: Some(7_000), .. }), "{outcome:?}");
            }
        }
        state.clear_faults();
        assert_eq!(rig.bills(provider, account).await.len(), 18, "{provider} is well again");
    }
}

#[tokio::test]
async fn a_slow_register_and_poll_is_taken_up_where_it_was_left() {
    let rig = rig().await;
    let account = Provider::Ringo.samples()[0];
    rig.sandbox.state().seed_history(Provider::Ringo, account, 2).expect("seeded");
    rig.sandbox.state().set_ringo_polls(3);
    let (definition, credentials) = provider_definition(Provider::Ringo, rig.sandbox.http_url());
    let mut definition = parsed(definition);
    definition.connector.settings["steps"][1]["poll"]["max"] = 2.into();
    definition.connector.settings["steps"][1]["poll"]["every_ms"] = 100.into();
    let FetchOutcome::Pending { continuation, .. } = rig.fetch_as(definition.clone(), &credentials, account).await.outcome else {
        panic!("two polls are not enough");
    };
    let key = credentials["api_key"].as_str().expect("a key").to_owned();
    let request = FetchRequest {
        params: BTreeMap::from([("mobile_number".to_owned(), account.to_owned())]),
        credentials: BTreeMap::from([("api_key".to_owned(), key.into())]),
        definition: Arc::new(definition),
        now: now(),
        today: now().date_naive(),
        continuation: Some(continuation),
        trace: false,
    };
    let outcome = tokio::time::timeout(Duration::from_secs(5), rig.connectors.fetch(request)).await.expect("in time").outcome;
    assert!(matches!(&outcome, FetchOutcome::Bills(bills) if bills.len() == 2), "{outcome:?}");
    let asked: Vec<_> = rig.sandbox.state().log(Some(Provider::Ringo)).into_iter().map(|e| e.what).collect();
    assert_eq!(asked, ["register", "poll", "poll", "poll", "poll"], "registered once");
}
