//! Taking webhooks: checked, stored as they came, and only then understood.
//!
//! Whatever arrives at once is written in one transaction: a gateway that sends hundreds a second wants each answered, and a
//! disk can only be waited for so often.

use billow_entities::{GatewayEventId, GatewayEventOutcome, GatewayId, gateway_event};
use billow_kernel::error::{Error, Fault, Result};
use billow_kernel::wake::Wakeup;
use parking_lot::Mutex;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::oneshot;

use super::Gateways;
use crate::gateway::{GatewayNotice, NoticeSubject, WebhookRefusal};

/// The most a webhook may weigh.
pub const MAX_WEBHOOK_BYTES: usize = 256 * 1024;
/// Characters of an event's id and kind.
const MAX_NAME: usize = 255;
/// Webhooks written in one transaction.
const BATCH: usize = 100;
/// How often one is handed to another writer when the one that had it was called off.
const HANDED_ON: usize = 3;

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookTaken {
    /// It is stored.
    Stored(GatewayEventId),
    /// It was stored before.
    Known,
    /// It is not the gateway's, too old, or not an event.
    Refused(WebhookRefusal),
    /// It is more than [`MAX_WEBHOOK_BYTES`].
    TooLarge,
}

/// Webhooks on their way into the database.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Vec<Waiting>>,
    /// Whoever has it writes for all who wait.
    pen: tokio::sync::Mutex<()>,
}

struct Waiting {
    row: gateway_event::Model,
    /// Told whether it is new.
    told: oneshot::Sender<bool>,
}

/// How a subject is stored.
pub(super) fn subject_text(about: &NoticeSubject) -> String {
    match about {
        NoticeSubject::Charge(id) => format!("charge:{id}"),
        NoticeSubject::Refund(id) => format!("refund:{id}"),
        NoticeSubject::Setup(id) => format!("setup:{id}"),
    }
}

/// Reads what [`subject_text`] wrote.
pub(crate) fn subject_of(text: &str) -> Option<NoticeSubject> {
    let (kind, id) = text.split_once(':')?;
    match kind {
        "charge" => Some(NoticeSubject::Charge(id.to_owned())),
        "refund" => Some(NoticeSubject::Refund(id.to_owned())),
        "setup" => Some(NoticeSubject::Setup(id.to_owned())),
        _ => None,
    }
}

impl Gateways {
    /// Takes a webhook of the gateway with this code: checks its signature over the raw body, and stores it. What it is about
    /// is dealt with by [`Self::work_notices`].
    ///
    /// # Errors
    /// `NotFound` when there is no such gateway; otherwise when it could not be stored, and the gateway should send it again.
    #[tracing::instrument(name = "gateways.take_webhook", skip_all, fields(gateway.code = code))]
    pub async fn take_webhook(&self, code: &str, signature: Option<&str>, body: &[u8]) -> Result<WebhookTaken> {
        let taken = self.take_webhook_of(code, signature, body).await?;
        let outcome = match taken {
            WebhookTaken::Stored(_) => "stored",
            WebhookTaken::Known => "known",
            WebhookTaken::Refused(WebhookRefusal::Forged) => "forged",
            WebhookTaken::Refused(WebhookRefusal::Stale) => "stale",
            WebhookTaken::Refused(WebhookRefusal::Unreadable) => "unreadable",
            WebhookTaken::TooLarge => "too_large",
        };
        metrics::counter!("billow_gateway_webhooks_total", "gateway" => code.to_owned(), "outcome" => outcome).increment(1);
        Ok(taken)
    }

    async fn take_webhook_of(&self, code: &str, signature: Option<&str>, body: &[u8]) -> Result<WebhookTaken> {
        let model = self.gateway_of_code(code).await?.ok_or(Error::NotFound("gateway"))?;
        if body.len() > MAX_WEBHOOK_BYTES {
            return Ok(WebhookTaken::TooLarge);
        }
        let notice = match self.gateway.read_webhook(&self.access_of(&model)?, signature, body, self.clock.now()) {
            Ok(notice) if is_name(&notice.id) && is_name(&notice.kind) => notice,
            Ok(_) => return Ok(WebhookTaken::Refused(WebhookRefusal::Unreadable)),
            Err(refusal) => return Ok(WebhookTaken::Refused(refusal)),
        };
        let row = self.gateway_event_row(model.id, notice, body);
        let id = row.id;
        Ok(if self.store_gateway_event(row).await? { WebhookTaken::Stored(id) } else { WebhookTaken::Known })
    }

    fn gateway_event_row(&self, gateway_id: GatewayId, notice: GatewayNotice, body: &[u8]) -> gateway_event::Model {
        let now = self.clock.now();
        let about = notice.about.as_ref().map(subject_text);
        let useless = about.is_none();
        gateway_event::Model {
            id: GatewayEventId(self.ids.next()),
            gateway_id,
            external_id: notice.id,
            kind: notice.kind,
            object_id: about,
            // PostgreSQL's text cannot hold NUL.
            payload: String::from_utf8_lossy(body).replace('\0', "\u{fffd}"),
            outcome: if useless { GatewayEventOutcome::Ignored } else { GatewayEventOutcome::Received },
            message: useless.then(|| "events of this type are not handled".to_owned()),
            payment_id: None,
            due_at: (!useless).then_some(now),
            tries: 0,
            lease_until: None,
            fence: 0,
            received_at: now,
            processed_at: useless.then_some(now),
        }
    }

    /// Stores an event together with whatever else waits; answers whether it is new.
    async fn store_gateway_event(&self, row: gateway_event::Model) -> Result<bool> {
        let inbox = &self.memory.inbox;
        for _ in 0..HANDED_ON {
            let (told, mut answer) = oneshot::channel();
            inbox.waiting.lock().push(Waiting { row: row.clone(), told });
            let _pen = inbox.pen.lock().await;
            loop {
                match answer.try_recv() {
                    Ok(new) => return Ok(new),
                    Err(oneshot::error::TryRecvError::Empty) => self.write_gateway_events().await?,
                    // Whoever wrote it was called off or failed.
                    Err(oneshot::error::TryRecvError::Closed) => break,
                }
            }
        }
        Err(Error::Fault(Fault::new("a webhook", "it could not be stored")))
    }

    /// Writes some of those that wait, and tells each what became of it.
    async fn write_gateway_events(&self) -> Result<()> {
        let batch: Vec<Waiting> = {
            let mut waiting = self.memory.inbox.waiting.lock();
            let some = waiting.len().min(BATCH);
            waiting.drain(..some).collect()
        };
        let rows: Vec<_> = batch.iter().map(|w| as_new(&w.row)).collect();
        let once = OnConflict::columns([gateway_event::Column::GatewayId, gateway_event::Column::ExternalId]).do_nothing().to_owned();
        let tx = self.store.write_tx().await?;
        let written = gateway_event::Entity::insert_many(rows).on_conflict(once).exec_without_returning(&*tx).await?;
        let new: Vec<GatewayEventId> = if usize::try_from(written).is_ok_and(|written| written == batch.len()) {
            batch.iter().map(|w| w.row.id).collect()
        } else {
            self.repeat_given_up(&tx, &batch).await?;
            gateway_event::Entity::find()
                .select_only()
                .column(gateway_event::Column::Id)
                .filter(gateway_event::Column::Id.is_in(batch.iter().map(|w| w.row.id)))
                .into_tuple()
                .all(&*tx)
                .await?
        };
        tx.commit().await?;
        let work = batch.iter().any(|w| w.row.due_at.is_some());
        for waiting in batch {
            if waiting.told.send(new.contains(&waiting.row.id)).is_err() {
                tracing::debug!(gateway_event.id = %waiting.row.id, "whoever brought this webhook did not wait for the answer");
            }
        }
        if work {
            self.waker.wake(Wakeup::Notices).await;
        }
        Ok(())
    }

    /// What was given up is tried once more when the gateway sends it again.
    async fn repeat_given_up(&self, tx: &billow_kernel::store::WriteTx, batch: &[Waiting]) -> Result<()> {
        use gateway_event::Column as C;
        let mut these = Condition::any();
        for Waiting { row, .. } in batch {
            these = these.add(Condition::all().add(C::GatewayId.eq(row.gateway_id)).add(C::ExternalId.eq(row.external_id.as_str())));
        }
        gateway_event::Entity::update_many()
            .col_expr(C::Outcome, Expr::value(GatewayEventOutcome::Received))
            .col_expr(C::DueAt, Expr::value(self.clock.now()))
            .col_expr(C::Tries, Expr::value(0))
            .filter(C::Outcome.eq(GatewayEventOutcome::Failed))
            .filter(these)
            .exec(&**tx)
            .await?;
        Ok(())
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

fn as_new(row: &gateway_event::Model) -> gateway_event::ActiveModel {
    let row = row.clone();
    gateway_event::ActiveModel {
        id: Set(row.id),
        gateway_id: Set(row.gateway_id),
        external_id: Set(row.external_id),
        kind: Set(row.kind),
        object_id: Set(row.object_id),
        payload: Set(row.payload),
        outcome: Set(row.outcome),
        message: Set(row.message),
        payment_id: Set(row.payment_id),
        due_at: Set(row.due_at),
        tries: Set(row.tries),
        lease_until: Set(row.lease_until),
        fence: Set(row.fence),
        received_at: Set(row.received_at),
        processed_at: Set(row.processed_at),
    }
}
