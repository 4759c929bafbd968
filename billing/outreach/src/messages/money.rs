//! Telling people about their money: what was paid, what failed and why, what waits for them, what came back.
//!
//! Each state of a payment is told once, however often it is reported; only who pays is told.

use std::collections::HashMap;

use billow_entities::{
    MethodStatus, NotificationKind, PaymentKind, PaymentMethodId, PaymentStatus, ProviderId, RefundStatus, UtilityAccountId, payment,
    payment_allocation, payment_attempt, payment_method, provider, refund, utility_account,
};
use billow_kernel::error::Result;
use billow_kernel::events::{PaymentEventData, PaymentPart};
use billow_kernel::store::WriteTx;
use billow_money::methods::title as method_title;
use billow_money::payables::Payables;
use chrono::{Days, Months, NaiveDate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use super::facts::money;
use super::letter::{Addressee, Draft, addressees};
use super::notifier::Notifier;

/// Bills one message names.
const MAX_ITEMS: u64 = 20;
/// Refunds of one payment that are looked at.
const MAX_REFUNDS: u64 = 100;
/// Where payment methods are looked after in the web app.
const METHODS_PAGE: &str = "/wallet";

impl Notifier {
    pub(super) async fn payment_updated(&self, tx: &mut WriteTx, data: &PaymentEventData) -> Result<()> {
        let (id, what) = (data.payment_id, data.what);
        if matches!(what, PaymentPart::Remittance | PaymentPart::Refund) && self.messages.documents.renew_receipt(tx, id).await? {
            self.papers_wait();
        }
        if matches!(what, PaymentPart::Remittance | PaymentPart::Document) || data.historic {
            return Ok(());
        }
        let Some(payment) = payment::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let payer = addressees(&**tx, &[payment.customer_id]).await?;
        self.tell_of_payment(tx, &payment, &payer).await?;
        if payment.refunded_minor > 0 {
            self.tell_of_refunds(tx, &payment, &payer).await?;
        }
        Ok(())
    }

    async fn tell_of_payment(&self, tx: &mut WriteTx, payment: &payment::Model, payer: &[Addressee]) -> Result<()> {
        let kind = match payment.status {
            PaymentStatus::Succeeded => NotificationKind::PaymentSucceeded,
            PaymentStatus::Failed => NotificationKind::PaymentFailed,
            PaymentStatus::RequiresAction => NotificationKind::PaymentAction,
            PaymentStatus::Pending | PaymentStatus::Processing | PaymentStatus::Unknown | PaymentStatus::Cancelled => return Ok(()),
        };
        let draft = payment_draft(&self.messages.payables, tx, payment, kind, json!({})).await?;
        // Another try may fail, or have to be confirmed, once more; money arrives once.
        let key = match payment.status {
            PaymentStatus::Succeeded => format!("payment:{}:{}", payment.id, payment.status),
            _ => format!("payment:{}:{}:{}", payment.id, payment.status, payment.attempts),
        };
        for to in payer {
            self.tell_once(&draft, to, key.clone())?;
        }
        Ok(())
    }

    async fn tell_of_refunds(&self, tx: &mut WriteTx, payment: &payment::Model, payer: &[Addressee]) -> Result<()> {
        let refunds = refund::Entity::find()
            .filter(refund::Column::PaymentId.eq(payment.id))
            .filter(refund::Column::Status.eq(RefundStatus::Succeeded))
            .order_by_asc(refund::Column::Id)
            .limit(MAX_REFUNDS)
            .all(&**tx)
            .await?;
        for refund in refunds {
            let extra = json!({"refund": {
                "id": refund.id,
                "amount": money(refund.amount_minor, &refund.currency),
                "target": refund.target,
                "cause": refund.cause,
                "reason": refund.reason,
            }});
            let draft = payment_draft(&self.messages.payables, tx, payment, NotificationKind::PaymentRefunded, extra).await?;
            for to in payer {
                self.tell_once(&draft, to, format!("refund:{}", refund.id))?;
            }
        }
        Ok(())
    }

    pub(super) async fn method_updated(&self, tx: &mut WriteTx, id: PaymentMethodId) -> Result<()> {
        let Some(method) = payment_method::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let (what, key) = match (method.status, method.expiry_told) {
            (MethodStatus::Failed, _) => ("REFUSED", format!("method:{id}:{}", method.status)),
            (MethodStatus::Ready, Some(days)) => match (method.exp_year, method.exp_month) {
                (Some(year), Some(month)) => ("EXPIRES", format!("method:{id}:expires:{year}-{month}:{days}")),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let draft = Draft {
            kind: NotificationKind::MethodTrouble,
            link: Some(METHODS_PAGE.into()),
            bill_id: None,
            account_id: None,
            data: json!({
                "what": what,
                "method": {
                    "id": id,
                    "kind": method.kind,
                    "title": method_title(&method),
                    "label": method.label,
                    "reason": method.status_reason,
                    "expires_on": last_day(&method),
                },
            }),
        };
        for to in addressees(&**tx, &[method.customer_id]).await? {
            self.tell_once(&draft, &to, key.clone())?;
        }
        Ok(())
    }
}

/// The last day on which a card can be used.
fn last_day(method: &payment_method::Model) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(method.exp_year?, u32::try_from(method.exp_month?).ok()?, 1)?;
    first.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))
}

/// A message about a payment; `extra` is an object whose fields are added.
async fn payment_draft(payables: &Payables, tx: &WriteTx, payment: &payment::Model, kind: NotificationKind, extra: Value) -> Result<Draft> {
    let db = &**tx;
    let method = match payment.method_id {
        Some(id) => payment_method::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let attempt = payment_attempt::Entity::find()
        .filter(payment_attempt::Column::PaymentId.eq(payment.id))
        .order_by_desc(payment_attempt::Column::Number)
        .limit(1)
        .one(db)
        .await?;
    let in_currency = |minor| money(minor, &payment.currency);
    let mut data = json!({
        "payment": {
            "id": payment.id,
            "kind": payment.kind,
            "amount": in_currency(payment.amount_minor),
            "from_wallet": in_currency(payment.wallet_minor),
            "from_gateway": in_currency(payment.gateway_minor),
            "decline_kind": payment.decline_kind,
            "attempts": payment.attempts,
            "settled_at": payment.settled_at,
            // Whoever is on the gateway's page already need not be called to it at once.
            "on_page": attempt.is_some_and(|a| a.return_url.is_some()),
        },
        "items": if payment.kind == PaymentKind::Bills { items(payables, tx, payment).await? } else { Vec::new() },
        "method": method.as_ref().map(method_title),
    });
    if let (Value::Object(data), Value::Object(extra)) = (&mut data, extra) {
        data.extend(extra);
    }
    Ok(Draft { kind, link: Some(format!("/payments/{}", payment.id)), bill_id: None, account_id: None, data })
}

/// What the payment is for: who gets what.
async fn items(payables: &Payables, tx: &WriteTx, payment: &payment::Model) -> Result<Vec<Value>> {
    let db = &**tx;
    let allocations = payment_allocation::Entity::find()
        .filter(payment_allocation::Column::PaymentId.eq(payment.id))
        .order_by_asc(payment_allocation::Column::Id)
        .limit(MAX_ITEMS)
        .all(db)
        .await?;
    let providers = provider::Entity::find().filter(provider::Column::Id.is_in(allocations.iter().map(|a| a.provider_id))).all(db).await?;
    let paid = payables.described(db, allocations.iter().map(payment_allocation::Model::target)).await?;
    let accounts =
        utility_account::Entity::find().filter(utility_account::Column::Id.is_in(allocations.iter().map(|a| a.account_id))).all(db).await?;
    let providers: HashMap<ProviderId, String> = providers.into_iter().map(|p| (p.id, p.name)).collect();
    let accounts: HashMap<UtilityAccountId, String> = accounts.into_iter().map(|a| (a.id, a.label)).collect();
    let item = |a: &payment_allocation::Model| {
        let paid = paid.get(&a.target());
        json!({
            "provider": providers.get(&a.provider_id),
            "utility_type": a.utility_type,
            "bill_id": a.target().bill(),
            "bill_number": paid.map(|p| &p.number),
            "plan": paid.and_then(|p| p.plan.as_ref()).map(|plan| &plan.name),
            "account": accounts.get(&a.account_id),
            "amount": money(a.amount_minor, &payment.currency),
        })
    };
    Ok(allocations.iter().map(item).collect())
}
