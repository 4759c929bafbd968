//! `docs/events.md` says what the catalogue of events says. Set `UPDATE_DOCS=1` to write it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use billow_billing::events::*;
use billow_entities::{
    AccountStatus, ApiClientId, BillId, BillStatus, CircuitState, EventId, FetchOutcomeKind, FetchRunId, FetchRunKind, GatewayId,
    GatewayStatus, ImportRunId, ImportStatus, InvitationId, MethodKind, MethodStatus, NotificationId, NotificationKind, PaymentId,
    PaymentKind, PaymentMethodId, PaymentStatus, PropertyId, ProviderId, ProviderStatus, RechargeId, RechargeStatus, RunStatus, SessionId,
    UserId, UtilityAccountId, UtilityType, event,
};
use chrono::{NaiveDate, Utc};
use serde_json::json;

use crate::root;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn id<T: From<sea_orm::prelude::Uuid>>() -> T {
    T::from(sea_orm::prelude::Uuid::from_u128(0x0193_8d5a_8c00_7000_8000_0000_0000_0001))
}

/// One event of each kind.
fn examples() -> Vec<Event> {
    let bill = BillEventData {
        bill_id: id::<BillId>(),
        account_id: id::<UtilityAccountId>(),
        provider_id: id::<ProviderId>(),
        provider_name: "Voltara Energie".into(),
        utility_type: UtilityType::Electricity,
        number: "VE-2026-11".into(),
        version: 1,
        status: BillStatus::Open,
        status_reason: None,
        amount_minor: 4_990,
        currency: "EUR".into(),
        issued_on: day("2026-11-20"),
        due_on: Some(day("2026-12-04")),
        historic: false,
        changes: Vec::new(),
    };
    let corrected = BillEventData {
        version: 2,
        amount_minor: 4_590,
        changes: vec![FieldChange { field: "amount_minor".into(), before: json!(4_990), after: json!(4_590) }],
        ..bill.clone()
    };
    vec![
        Event::BillReceived(bill),
        Event::BillUpdated(corrected),
        Event::AccountUpdated(AccountEventData {
            account_id: id::<UtilityAccountId>(),
            change: AccountChange::Fetched,
            status: AccountStatus::Active,
            previous_status: Some(AccountStatus::Active),
            status_reason: None,
            provider_id: id::<ProviderId>(),
            run_id: None,
            plan: Some(PlanEventData {
                plan_code: Some("M30".into()),
                plan_expires_on: Some(day("2026-12-28")),
                plan_balance_minor: Some(120),
            }),
        }),
        Event::PropertyUpdated(PropertyEventData { change: PropertyChange::Updated, customer_id: None }),
        Event::CustomerUpdated(CustomerEventData { change: CustomerChange::Updated, fields: Some(vec!["locale".into()]) }),
        Event::CustomerInvited(CustomerInvitedData { invitation_id: id::<InvitationId>() }),
        Event::FetchRunProgress(FetchRunEventData {
            run_id: id::<FetchRunId>(),
            kind: FetchRunKind::Account,
            status: RunStatus::Finished,
            provider_id: Some(id::<ProviderId>()),
            account_id: Some(id::<UtilityAccountId>()),
            total: 1,
            done: 1,
            failed: 0,
            bills_new: 1,
            bills_changed: 0,
            outcome: Some(FetchOutcomeKind::Bills),
        }),
        Event::ImportProgress(ImportEventData {
            import_id: id::<ImportRunId>(),
            status: ImportStatus::Running,
            dry_run: false,
            total: 2_800,
            done: 1_000,
            failed: 3,
        }),
        Event::ProviderUpdated(ProviderEventData {
            change: ProviderChange::CircuitOpened,
            code: "voltara".into(),
            name: "Voltara Energie".into(),
            version: 3,
            status: ProviderStatus::Active,
            circuit_state: CircuitState::Open,
            circuit_opened: true,
            reason: Some("HTTP 503".into()),
            circuit: Some(CircuitState::Open),
        }),
        Event::NotificationCreated(NotificationEventData {
            notification_id: id::<NotificationId>(),
            kind: NotificationKind::BillReceived,
            title: "New bill: €49.90".into(),
            body: "Voltara Energie, due on 4 December 2026".into(),
            link: Some("/bills/bill_01j66nn3007000800000000001".into()),
            bill_id: Some(id::<BillId>()),
            account_id: Some(id::<UtilityAccountId>()),
            user_id: None,
        }),
        Event::SessionRevoked(SessionRevokedData { session_id: id::<SessionId>(), user_id: id::<UserId>() }),
        Event::SessionCreated(SessionCreatedData {
            user_id: id::<UserId>(),
            user_agent: Some("Firefox".into()),
            address: Some("192.0.2.7".into()),
        }),
        Event::PasswordChanged(PasswordChangedData { user_id: id::<UserId>(), by: Some(PasswordSetBy::Reset) }),
        Event::PasswordResetRequested(NoData {}),
        Event::EmailConfirmationRequested(NoData {}),
        Event::EmailChanged(EmailChangedData { what: EmailChange::ChangeRequested }),
        Event::PropertyInvitationUpdated(PropertyInvitationEventData {
            property_id: id::<PropertyId>(),
            change: InvitationChange::Invited,
        }),
        Event::SecondFactorChanged(SecondFactorEventData {
            passkey: Some("Laptop".into()),
            ..SecondFactorEventData::of(id::<UserId>(), SecondFactorChange::PasskeyAdded)
        }),
        Event::ClientRevoked(ClientRevokedData { client_id: id::<ApiClientId>() }),
        Event::PaymentUpdated(PaymentEventData {
            payment_id: id::<PaymentId>(),
            status: PaymentStatus::Succeeded,
            kind: PaymentKind::Bills,
            amount_minor: 4_990,
            currency: "EUR".into(),
            what: PaymentPart::Payment,
            remittance_id: None,
            remittance_status: None,
            refund_id: None,
            refund_status: None,
            document_id: None,
            historic: false,
        }),
        Event::RechargeUpdated(RechargeEventData {
            recharge_id: id::<RechargeId>(),
            account_id: id::<UtilityAccountId>(),
            provider_id: id::<ProviderId>(),
            status: RechargeStatus::Paid,
            status_reason: None,
            code: "CH28".into(),
            name: "Chirp Four Weeks".into(),
            validity_days: 28,
            amount_minor: 999,
            currency: "EUR".into(),
        }),
        Event::WalletUpdated(WalletEventData { currency: "EUR".into(), balance_minor: 2_000, available_minor: 1_500 }),
        Event::MethodUpdated(MethodEventData {
            method_id: id::<PaymentMethodId>(),
            kind: MethodKind::Card,
            status: MethodStatus::Ready,
            reason: None,
            brand: Some("visa".into()),
            last4: Some("4242".into()),
            label: None,
            exp_month: Some(12),
            exp_year: Some(2030),
            is_default: true,
            expiring: None,
            change: Some(MethodChange::Checked),
            historic: false,
        }),
        Event::GatewayUpdated(GatewayEventData {
            change: GatewayChange::Tested,
            code: "stripe".into(),
            name: "Stripe".into(),
            status: GatewayStatus::Paused,
            circuit_state: CircuitState::Closed,
            circuit_opened: false,
            reason: None,
        }),
        Event::ReconciliationFinished(ReconciliationEventData { gateway_id: id::<GatewayId>(), day: day("2026-11-29"), discrepancies: 0 }),
        Event::DeadLetterAdded(DeadLetterEventData {
            consumer: "notifications".into(),
            event_id: id::<EventId>(),
            error: "the data of an event: missing field `bill_id`".into(),
        }),
    ]
}

fn stored(kind: &str, data: serde_json::Value) -> event::Model {
    event::Model {
        seq: 1,
        id: id::<EventId>(),
        position: Some(1),
        kind: kind.to_owned(),
        occurred_at: "2026-11-30T08:00:00Z".parse::<chrono::DateTime<Utc>>().expect("an instant"),
        customer_id: None,
        property_id: None,
        subject: String::new(),
        data,
        trace_id: None,
    }
}

#[test]
fn what_is_written_is_read_and_an_unknown_kind_is_passed_over() {
    let all = examples();
    let kinds: BTreeSet<_> = all.iter().map(Event::kind).collect();
    assert_eq!(kinds, Event::CATALOGUE.iter().map(|entry| entry.kind).collect(), "an example of each kind");
    for event in all {
        let row = stored(event.kind(), event.data().expect("data"));
        assert_eq!(Event::read(&row).expect("read"), Some(event));
    }
    assert_eq!(Event::read(&stored("meter.read", json!({"value": 7}))).expect("read"), None);
    // What a later release adds is passed over too; what is missing is not guessed.
    let more = stored("customer.invited", json!({"invitation_id": id::<InvitationId>(), "later": true}));
    assert!(matches!(Event::read(&more), Ok(Some(Event::CustomerInvited(_)))));
    let other = Event::read(&stored("property.updated", json!({"change": "sold", "customer_id": null}))).expect("read");
    assert_eq!(other, Some(Event::PropertyUpdated(PropertyEventData { change: PropertyChange::Other, customer_id: None })));
    let problem = Event::read(&stored("customer.invited", json!({}))).expect_err("refused");
    assert!(format!("{problem:?}").contains("invitation_id"), "{problem:?}");
}

/// A type in words, and the values of a closed set.
fn words(of: &str) -> String {
    let plain: String = of.chars().filter(|c| !c.is_whitespace()).collect();
    let (plain, optional) = match plain.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')) {
        Some(inner) => (inner.to_owned(), true),
        None => (plain, false),
    };
    let (plain, list) = match plain.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        Some(inner) => (inner.to_owned(), true),
        None => (plain, false),
    };
    let name = plain.rsplit("::").next().unwrap_or_default();
    let word = match name {
        "String" => "text".to_owned(),
        "bool" => "true or false".to_owned(),
        "i32" | "i64" | "u64" => "integer".to_owned(),
        "NaiveDate" => "date, `YYYY-MM-DD`".to_owned(),
        "Value" => "any JSON".to_owned(),
        id if id.ends_with("Id") => "id".to_owned(),
        other => format!("`{other}`"),
    };
    match (list, optional) {
        (true, true) => format!("list of {word}; may be absent"),
        (true, false) => format!("list of {word}"),
        (false, true) => format!("{word}; null or absent where there is none"),
        (false, false) => word,
    }
}

fn table(out: &mut String, fields: &[FieldEntry]) {
    if fields.is_empty() {
        out.push_str("\nNo data.\n");
        return;
    }
    out.push_str("\n| field | type | what |\n|---|---|---|\n");
    for field in fields {
        match nested(field.of).filter(|entry| entry.flat) {
            // Its fields stand among the others.
            Some(inner) => {
                for field in inner.fields {
                    let _ = writeln!(out, "| `{}` | {} | {} |", field.name, words(field.of), field.about.trim());
                }
            }
            None => {
                let _ = writeln!(out, "| `{}` | {} | {} |", field.name, words(field.of), field.about.trim());
            }
        }
    }
}

fn page() -> String {
    let mut out = String::from(
        "# Events\n\n\
         Everything that happens in Billow is an event in its log. Staff, and programs with the scope `EVENTS_READ`, read it with the query `events` and follow it with the subscription of the same name; [api.md](api.md) says how to resume. This page is printed from the catalogue in `billing/kernel/src/events/catalogue.rs`.\n\n\
         An event has a kind, which says what it is about, the id of its subject, the instant at which it happened, and data. Where it is of interest outside, it also has a type, which says what happened. Amounts are in minor units: 1230 is 12.30 euros. A field is never removed and never changes its meaning; fields, kinds and types are added. A reader skips kinds, types, fields and values that it does not know.\n",
    );
    out.push_str(
        "\n## Types\n\n\
         What other systems are told, by `type`; the arguments `types` of the query and of the subscription narrow to them. The data is that of the kind in the second column. The JSON Schema of each is in [event-schemas.json](event-schemas.json), and the query `eventTypes` answers it. Events without a type are about how people sign in, what they are told, and progress.\n\n\
         | type | kind | what happened |\n|---|---|---|\n",
    );
    for of in ExternalType::ALL {
        let _ = writeln!(out, "| `{0}` | [`{1}`](#{2}) | {3} |", of.as_str(), of.kind(), of.kind().replace('.', ""), of.about());
    }
    let examples = examples();
    for entry in Event::CATALOGUE {
        let _ = write!(out, "\n## `{}`\n\n{}\n", entry.kind, entry.about.trim());
        table(&mut out, entry.fields);
        let example = examples.iter().find(|event| event.kind() == entry.kind).expect("an example");
        let example = serde_json::to_string_pretty(&example.data().expect("data")).expect("JSON");
        let _ = write!(out, "\n```json\n{example}\n```\n");
    }
    out.push_str("\n# Types\n");
    for entry in TYPES.iter().filter(|entry| !entry.flat) {
        let _ = write!(out, "\n## `{}`\n\n{}\n\n", entry.name, entry.about.trim());
        if entry.values.is_empty() {
            out.truncate(out.trim_end().len());
            out.push('\n');
            table(&mut out, entry.fields);
            continue;
        }
        out.push_str("| value | what |\n|---|---|\n");
        for (value, about) in entry.values {
            let _ = writeln!(out, "| `{value}` | {} |", about.trim());
        }
    }
    out.push_str("\nOther types, such as `BillStatus`, have the values of the GraphQL enum of that name.\n");
    out
}

#[test]
fn the_page_says_what_the_catalogue_says() {
    let path = root().join("docs/events.md");
    let wanted = page();
    up_to_date(&path, &wanted);
}

fn up_to_date(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, wanted).expect("the file");
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    let run = "UPDATE_DOCS=1 cargo test -p billow-tests --test house";
    assert!(there == wanted, "{} is out of date; run {run}", path.display());
}

#[test]
fn the_schemas_are_printed_and_hold_for_what_is_told() {
    let schemas: BTreeMap<&str, serde_json::Value> = ExternalType::ALL.iter().map(|of| (of.as_str(), of.schema())).collect();
    assert_eq!(schemas.len(), ExternalType::ALL.len(), "each name once");
    let wanted = serde_json::to_string_pretty(&schemas).expect("JSON") + "\n";
    up_to_date(&root().join("docs/event-schemas.json"), &wanted);
    for of in ExternalType::ALL {
        assert_eq!(of.as_str().parse(), Ok(*of));
        let (mut known, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.add_resource("schema.json", of.schema()).expect("a resource");
        let schema = compiler.compile("schema.json", &mut known).unwrap_or_else(|problem| panic!("{}: {problem}", of.as_str()));
        for event in examples().iter().filter(|event| event.kind() == of.kind()) {
            let data = event.data().expect("data");
            if let Err(problem) = known.validate(&data, schema) {
                panic!("{} does not hold for {data}: {problem}", of.as_str());
            }
            let mut less = data.clone();
            let required = of.schema()["required"].as_array().and_then(|names| names.first()?.as_str().map(str::to_owned));
            if let (Some(name), Some(fields)) = (required, less.as_object_mut()) {
                fields.remove(&name);
                assert!(known.validate(&less, schema).is_err(), "{} without {name}", of.as_str());
            }
        }
    }
}
