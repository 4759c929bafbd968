//! Handing over the code of a recharge: told as soon as its provider has given it, and again whenever somebody asks.
//!
//! A message is kept without the code, and so is the inbox; the code is opened for the mail or text message that carries it.

use billow_entities::{CustomerId, NotificationKind, RemittanceId, RemittanceStatus, notification, payment, remittance, utility_account};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::events::{PaymentEventData, PaymentPart};
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_money::payables::Payables;
use chrono::Duration;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::Messages;
use super::facts::{account_draft, money};
use super::letter::{Draft, addressees};
use super::notifier::Notifier;

/// Codes of one payment that are looked at.
const MAX_VOUCHERS: u64 = 50;
/// How often one code goes to one customer within an hour, the first time included.
const MOST_IN_AN_HOUR: u64 = 6;

impl Notifier {
    /// Tells whoever paid, and whose account it is, that a recharge's code is there.
    pub(super) async fn voucher_ready(&self, tx: &mut WriteTx, data: &PaymentEventData) -> Result<()> {
        let id = data.payment_id;
        if data.what != PaymentPart::Remittance {
            return Ok(());
        }
        let Some(payment) = payment::Entity::find_by_id(id).one(&**tx).await? else { return Ok(()) };
        let given = remittance::Entity::find()
            .filter(remittance::Column::PaymentId.eq(id))
            .filter(remittance::Column::Status.eq(RemittanceStatus::Confirmed))
            .filter(remittance::Column::VoucherEnc.is_not_null())
            .order_by_asc(remittance::Column::Id)
            .limit(MAX_VOUCHERS)
            .all(&**tx)
            .await?;
        for row in given {
            for to in addressees(&**tx, &[payment.customer_id, row.customer_id]).await? {
                let draft = voucher_draft(&self.messages.payables, tx, &row, to.customer_id() == Some(payment.customer_id)).await?;
                self.tell_once(&draft, &to, format!("voucher:{}:{}", row.id, to.key()))?;
            }
        }
        Ok(())
    }
}

impl Messages {
    /// Sends the code of a recharge once more to whoever asks; for staff, to whoever paid. Asked twice within a minute, it
    /// goes out once.
    ///
    /// # Errors
    /// When the remittance is somebody else's, there is no code, or it was sent very often in the last hour.
    #[tracing::instrument(name = "messages.redeliver_voucher", skip_all, fields(remittance.id = %id))]
    pub async fn redeliver_voucher(&self, actor: &Actor, id: RemittanceId) -> Result<remittance::Model> {
        actor.customer_or_staff()?;
        let row = self.remittances.remittance(actor, id).await?;
        if row.voucher_enc.is_none() {
            return Err(Error::invalid("NO_VOUCHER", "remittanceId", "The provider has given no code for this."));
        }
        let payment = payment::Entity::find_by_id(row.payment_id).one(self.store.primary()).await?.ok_or(Error::NotFound("payment"))?;
        let customer = if actor.is_staff() { payment.customer_id } else { actor.customer()? };
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        if sent_lately(&*tx, id, customer, now - Duration::hours(1)).await? >= MOST_IN_AN_HOUR {
            return Err(Error::invalid("TOO_MANY", "remittanceId", "The code was sent very often; look into your mail, or wait an hour."));
        }
        let to = addressees(&*tx, &[customer]).await?.pop().ok_or(Error::NotFound("customer"))?;
        let draft = voucher_draft(&self.payables, &tx, &row, customer == payment.customer_id).await?;
        let key = format!("voucher:{id}:{customer}:{}", now.timestamp() / 60);
        self.post(&mut tx, &draft, &to, key).await?;
        if actor.is_staff() {
            self.audit.record(&tx, actor, "voucher.redeliver", id, Some(customer), None, json!({"payment_id": payment.id})).await?;
        }
        tx.commit().await?;
        self.waker.wake(Wakeup::Deliver).await;
        Ok(row)
    }

    /// The code a message carries; none where it has gone.
    pub(super) async fn voucher_in(&self, note: &notification::Model) -> Result<Option<String>> {
        let Some(id) = note.data["remittance_id"].as_str().and_then(|id| id.parse::<RemittanceId>().ok()) else { return Ok(None) };
        let Some(row) = remittance::Entity::find_by_id(id).one(self.store.primary()).await? else { return Ok(None) };
        self.remittances.open_voucher(&row)
    }
}

async fn sent_lately(
    db: &impl ConnectionTrait,
    id: RemittanceId,
    customer: CustomerId,
    since: chrono::DateTime<chrono::Utc>,
) -> Result<u64> {
    let sent = notification::Entity::find()
        .filter(notification::Column::CustomerId.eq(customer))
        .filter(notification::Column::Kind.eq(NotificationKind::VoucherReady))
        .filter(notification::Column::DedupeKey.starts_with(format!("voucher:{id}:")))
        .filter(notification::Column::CreatedAt.gt(since));
    Ok(sent.count(db).await?)
}

/// A message with everything but the code. Whoever paid is led to the payment, others to the account.
async fn voucher_draft(payables: &Payables, tx: &WriteTx, row: &remittance::Model, to_payer: bool) -> Result<Draft> {
    let db = &**tx;
    let account = utility_account::Entity::find_by_id(row.account_id).one(db).await?.ok_or(Error::NotFound("account"))?;
    let plan = payables.described(db, [row.target()]).await?.remove(&row.target()).and_then(|paid| paid.plan);
    let extra = json!({
        "remittance_id": row.id,
        "payment": {"id": row.payment_id},
        "amount": money(row.amount_minor, &row.currency),
        "plan": {
            "name": plan.as_ref().map(|p| p.name.as_str()),
            "code": plan.as_ref().map(|p| p.code.as_str()),
            "validity_days": plan.as_ref().map(|p| p.validity_days),
        },
    });
    let mut draft = account_draft(db, &account, NotificationKind::VoucherReady, extra).await?;
    if to_payer {
        draft.link = Some(format!("/payments/{}", row.payment_id));
    }
    Ok(draft)
}
