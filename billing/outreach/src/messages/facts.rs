//! What messages tell about bills, accounts, plans and providers: plain data for the templates, no words.

use billow_entities::{NotificationKind, bill, property, provider, recharge_plan, utility_account};
use billow_kernel::error::Result;
use billow_supply::bills::to_pay_of;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::letter::Draft;

/// Recharge plans one message offers.
const MAX_PLANS: u64 = 12;
/// Lines of a bill one message shows.
const MAX_LINES: usize = 20;

/// A bill with what surrounds it.
#[derive(Clone, Debug)]
pub(super) struct BillFacts {
    pub(super) bill: bill::Model,
    /// What a payment under way covers of it.
    being_paid_minor: i64,
    account: Option<utility_account::Model>,
    provider: Option<provider::Model>,
    home: Option<property::Model>,
}

impl BillFacts {
    pub(super) async fn load(db: &impl ConnectionTrait, bill: bill::Model) -> Result<Self> {
        let account = utility_account::Entity::find_by_id(bill.account_id).one(db).await?;
        let provider = provider::Entity::find_by_id(bill.provider_id).one(db).await?;
        let home = match bill.property_id {
            Some(id) => property::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        Ok(Self::of(bill, account, provider, home))
    }

    /// With what was read already.
    pub(super) fn of(
        bill: bill::Model,
        account: Option<utility_account::Model>,
        provider: Option<provider::Model>,
        home: Option<property::Model>,
    ) -> Self {
        Self { bill, being_paid_minor: 0, account, provider, home }
    }

    /// With a payment under way that covers some of the bill.
    pub(super) fn being_paid(self, being_paid_minor: i64) -> Self {
        Self { being_paid_minor, ..self }
    }

    /// A message about the bill; `extra` is an object whose fields are added.
    pub(super) fn draft(&self, kind: NotificationKind, extra: Value) -> Draft {
        let bill = &self.bill;
        let mut lines = bill.lines.clone();
        if let Value::Array(lines) = &mut lines {
            lines.truncate(MAX_LINES);
        }
        let mut data = json!({
            "bill": {
                "id": bill.id,
                "number": bill.number,
                "utility_type": bill.utility_type,
                "amount": money(bill.amount_minor, &bill.currency),
                "left": money(to_pay_of(bill, self.being_paid_minor), &bill.currency),
                "part_paid": is_part_paid(bill, self.being_paid_minor),
                "issued_on": bill.issued_on,
                "due_on": bill.due_on,
                "period_start": bill.period_start,
                "period_end": bill.period_end,
                "usage_value": bill.usage_value,
                "usage_unit": bill.usage_unit,
                "status_reason": bill.status_reason,
                "lines": lines,
            },
            "account": self.account.as_ref().map(account_json),
            "provider": self.provider.as_ref().map(provider_json),
            "home": self.home.as_ref().map(|home| json!({"id": home.id, "name": home.name})),
        });
        merge(&mut data, extra);
        Draft { kind, link: Some(format!("/bills/{}", bill.id)), bill_id: Some(bill.id), account_id: Some(bill.account_id), data }
    }
}

/// Whether something of the bill is paid, or being paid: what is left is another sum than the amount then.
pub(super) const fn is_part_paid(bill: &bill::Model, being_paid_minor: i64) -> bool {
    bill.paid_minor > 0 || being_paid_minor > 0
}

/// A message about an account; `extra` is an object whose fields are added.
pub(super) async fn account_draft(
    db: &impl ConnectionTrait,
    account: &utility_account::Model,
    kind: NotificationKind,
    extra: Value,
) -> Result<Draft> {
    let provider = provider::Entity::find_by_id(account.provider_id).one(db).await?;
    let mut data = json!({"account": account_json(account), "provider": provider.as_ref().map(provider_json)});
    merge(&mut data, extra);
    Ok(Draft { kind, link: Some(format!("/accounts/{}", account.id)), bill_id: None, account_id: Some(account.id), data })
}

/// A reminder that a prepaid plan ends, with what can be bought instead.
pub(super) async fn plan_draft(db: &impl ConnectionTrait, account: &utility_account::Model, extra: Value) -> Result<Draft> {
    let mut draft = account_draft(db, account, NotificationKind::PlanReminder, extra).await?;
    let plans = recharge_plan::Entity::find()
        .filter(recharge_plan::Column::ProviderId.eq(account.provider_id))
        .filter(recharge_plan::Column::Active.eq(true))
        .order_by_asc(recharge_plan::Column::AmountMinor)
        .limit(MAX_PLANS)
        .all(db)
        .await?;
    let current = match &account.plan_code {
        Some(code) => {
            recharge_plan::Entity::find()
                .filter(recharge_plan::Column::ProviderId.eq(account.provider_id))
                .filter(recharge_plan::Column::Code.eq(code))
                .one(db)
                .await?
        }
        None => None,
    };
    let currency = plans.first().or(current.as_ref()).map(|p| p.currency.clone());
    let balance = account.plan_balance_minor.zip(currency).map(|(minor, currency)| money(minor, &currency));
    merge(
        &mut draft.data,
        json!({
            "plan": {
                "code": account.plan_code,
                "expires_on": account.plan_expires_on,
                "balance": balance,
                "name": current.as_ref().map(|p| p.name.as_str()),
            },
            "plans": plans.iter().map(plan_json).collect::<Vec<_>>(),
        }),
    );
    Ok(draft)
}

/// A message to staff about a provider that fails.
pub(super) fn provider_draft(provider: &provider::Model) -> Draft {
    let data = json!({
        "provider": provider_json(provider),
        "reason": provider.circuit_reason,
        "opened_at": provider.circuit_opened_at,
        "probe_at": provider.circuit_probe_at,
        "failures": provider.circuit_failures,
    });
    Draft {
        kind: NotificationKind::ProviderTrouble,
        link: Some(format!("/staff/providers/{}", provider.id)),
        bill_id: None,
        account_id: None,
        data,
    }
}

pub(super) fn money(amount_minor: i64, currency: &str) -> Value {
    json!({"amount_minor": amount_minor, "currency": currency})
}

fn account_json(account: &utility_account::Model) -> Value {
    json!({
        "id": account.id,
        "label": account.label,
        "identifier_hint": account.identifier_hint,
        "utility_type": account.utility_type,
        "status_reason": account.status_reason,
    })
}

fn provider_json(provider: &provider::Model) -> Value {
    json!({"id": provider.id, "code": provider.code, "name": provider.name})
}

fn plan_json(plan: &recharge_plan::Model) -> Value {
    json!({
        "code": plan.code,
        "name": plan.name,
        "description": plan.description,
        "price": money(plan.amount_minor, &plan.currency),
        "validity_days": plan.validity_days,
        "benefits": plan.benefits,
    })
}

fn merge(data: &mut Value, extra: Value) {
    if let (Value::Object(data), Value::Object(extra)) = (data, extra) {
        data.extend(extra);
    }
}
