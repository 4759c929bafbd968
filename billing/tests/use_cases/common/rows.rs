//! Rows as most tests want them, to be changed before they are written.

use std::collections::BTreeMap;

use billow_billing::Billing;
use billow_entities::{
    AccountStatus, CustomerId, DeadLetterId, ProviderId, UtilityAccountId, UtilityType, customer, dead_letter, event, utility_account,
};

/// Somebody in Berlin who reads German and cannot be written to.
pub fn customer(billing: &Billing, name: &str) -> customer::Model {
    let now = billing.kernel.clock.now();
    customer::Model {
        id: CustomerId(billing.kernel.ids.next()),
        name: name.into(),
        email: None,
        email_verified_at: Some(now),
        email_pending: None,
        mobile: None,
        locale: "de-DE".into(),
        time_zone: "Europe/Berlin".into(),
        external_ref: None,
        created_by: None,
        created_at: now,
        updated_at: now,
    }
}

/// An account for electricity that is in use and never due.
pub fn account(billing: &Billing, owner: CustomerId, provider: ProviderId, number: &str) -> utility_account::Model {
    let (id, now) = (UtilityAccountId(billing.kernel.ids.next()), billing.kernel.clock.now());
    let params = BTreeMap::from([("number".to_owned(), number.to_owned())]);
    utility_account::Model {
        id,
        customer_id: owner,
        property_id: None,
        provider_id: provider,
        utility_type: UtilityType::Electricity,
        label: "Power".into(),
        params_enc: billing.accounts.seal_params(id, &params).expect("sealed"),
        identifier_index: billing.kernel.cipher.identifier_index(number),
        identifier_hint: "••••".into(),
        status: AccountStatus::Active,
        status_reason: None,
        next_fetch_at: None,
        slot: None,
        slot_attempts: 0,
        continuation: None,
        run_id: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        last_fetched_at: None,
        last_outcome: None,
        last_message: None,
        plan_code: None,
        plan_expires_on: None,
        plan_balance_minor: None,
        created_at: now,
        updated_at: now,
    }
}

/// What a consumer gave up.
pub fn dead_letter(billing: &Billing, consumer: &str, event: &event::Model) -> dead_letter::Model {
    dead_letter::Model {
        id: DeadLetterId(billing.kernel.ids.next()),
        consumer: consumer.into(),
        event_id: event.id,
        position: event.position.expect("a position"),
        error: "it rained".into(),
        attempts: 8,
        created_at: billing.kernel.clock.now(),
        resolved_at: None,
        resolved_by: None,
        resolution: None,
    }
}
