//! Acting upon webhooks: what they claim is not believed, the object is asked for again, and the one function settles it.
//!
//! That makes their order irrelevant, and a doubled one a question more. Everything that is due about one object is dealt
//! with by one question.

use std::collections::BTreeMap;
use std::sync::Arc;

use billow_entities::{
    AttemptId, GatewayEventId, GatewayEventOutcome, GatewayId, PaymentId, RefundId, gateway_event, payment_attempt, payment_method, refund,
};
use billow_kernel::clock::SharedClock;
use billow_kernel::due::{Backoff, ClaimColumns, Claimable, Due, DueRows, give_back};
use billow_kernel::error::Result;
use billow_kernel::kernel::Kernel;
use billow_kernel::stopping::Stopping;
use billow_kernel::store::Store;
use chrono::{DateTime, Duration, Utc};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::gateway::{Charge, Gateway, GatewayAccess, GatewayFault, GatewayRefund, NoticeSubject};
use crate::gateways::{Gateways, subject_of};
use crate::methods::Methods;
use crate::payments::{ChargeReport, Payments};
use crate::refunds::Refunds;

/// Acts upon the webhooks of gateways.
#[derive(Clone)]
pub struct Notices {
    store: Store,
    clock: SharedClock,
    due: Due,
    stopping: Stopping,
    gateway: Arc<dyn Gateway>,
    gateways: Arc<Gateways>,
    methods: Arc<Methods>,
    refunds: Arc<Refunds>,
    payments: Arc<Payments>,
}

impl Notices {
    /// The service, standing on `kernel`, with the others it calls.
    #[must_use]
    pub fn new(
        kernel: &Kernel,
        gateway: &Arc<dyn Gateway>,
        gateways: &Arc<Gateways>,
        methods: &Arc<Methods>,
        refunds: &Arc<Refunds>,
        payments: &Arc<Payments>,
    ) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            due: kernel.due.clone(),
            stopping: kernel.stopping.clone(),
            gateway: Arc::clone(gateway),
            gateways: Arc::clone(gateways),
            methods: Arc::clone(methods),
            refunds: Arc::clone(refunds),
            payments: Arc::clone(payments),
        })
    }
}

/// Webhooks claimed at once.
const BATCH: u64 = 200;
/// Claims of one call; the next wake-up goes on.
const MAX_BATCHES: usize = 100;
/// Questions at once.
const AT_ONCE: usize = 8;
/// The waits between tries of one webhook, ten in all.
const WAITS: Backoff = Backoff::seconds(&[5, 30, 120, 600, 1_800, 7_200]).up_to(10);
/// Tries before what nobody knows counts as somebody else's: our own call may not have been written down yet.
const UNKNOWN_TRIES: i32 = 3;
/// Characters of a message that are kept.
const MAX_MESSAGE: usize = 500;

/// Webhooks that were stored and not acted upon yet.
pub struct WorkNotices;

impl DueRows for WorkNotices {
    type Table = gateway_event::Entity;
    const NAME: &'static str = "webhooks";
    const DUE_AT: gateway_event::Column = gateway_event::Column::DueAt;
}

impl Claimable for WorkNotices {
    // Several of the longest time-outs.
    const LEASE: Duration = Duration::minutes(5);
    const CLAIM: ClaimColumns<gateway_event::Column> = ClaimColumns {
        id: gateway_event::Column::Id,
        lease_until: gateway_event::Column::LeaseUntil,
        fence: gateway_event::Column::Fence,
        tries: Some(gateway_event::Column::Tries),
    };
}

/// What came of one object.
enum Worked {
    Done(Option<PaymentId>),
    NotOurs(&'static str),
    /// Nobody knows it yet, which may be because our own call is not written down.
    NotYetKnown(&'static str),
    /// The process was told to stop first: it stays due.
    NotStarted,
    /// To be tried again: why.
    Later(String),
}

impl Notices {
    /// Acts upon webhooks that are due; answers how many were dealt with. Any number of processes may do so at once.
    ///
    /// # Errors
    /// When the database does not answer; what was claimed is due again when its claim has run out.
    #[tracing::instrument(name = "gateways.work_notices", skip_all)]
    pub async fn work_notices(&self) -> Result<usize> {
        let mut worked = 0;
        for _ in 0..MAX_BATCHES {
            if self.stopping.is_stopping() {
                break;
            }
            let Some(claim) = self.due.open::<WorkNotices>(BATCH).await? else { break };
            let claimed = claim.take().await?;
            worked += claimed.len();
            let more = claimed.len() as u64 == BATCH;
            let mut objects: BTreeMap<(GatewayId, String), Vec<gateway_event::Model>> = BTreeMap::new();
            for event in claimed {
                objects.entry((event.gateway_id, event.object_id.clone().unwrap_or_default())).or_default().push(event);
            }
            let turns = &self.stopping.turns(AT_ONCE);
            let worked: Vec<_> = objects
                .into_iter()
                .map(|((gateway, object), events)| async move {
                    let Some(_turn) = turns.next().await else { return (Ok(Worked::NotStarted), events) };
                    (self.work_notice(gateway, &object).await, events)
                })
                .collect::<FuturesUnordered<_>>()
                .collect()
                .await;
            self.write_notices_worked(worked).await?;
            if !more {
                break;
            }
        }
        Ok(worked)
    }

    /// Writes what came of the claimed webhooks, where the claim still stands.
    async fn write_notices_worked(&self, worked: Vec<(Result<Worked>, Vec<gateway_event::Model>)>) -> Result<()> {
        use gateway_event::Column as C;
        let now = self.clock.now();
        let tx = self.store.write_tx().await?;
        for (outcome, events) in worked {
            let outcome = outcome.unwrap_or_else(|error| {
                tracing::error!(%error, gateway.id = %events[0].gateway_id, "a webhook could not be dealt with");
                Worked::Later(error.to_string())
            });
            if matches!(outcome, Worked::NotStarted) {
                for event in &events {
                    give_back::<WorkNotices>(event).exec(&*tx).await?;
                }
                continue;
            }
            // Those of one object mostly stand alike.
            let mut alike: BTreeMap<(i32, i64), Vec<GatewayEventId>> = BTreeMap::new();
            for event in events {
                alike.entry((event.tries, event.fence)).or_default().push(event.id);
            }
            for ((tries, fence), ids) in alike {
                let again = WAITS.next(tries, None).map(|wait| now + wait);
                let (status, message, due_at) = match &outcome {
                    Worked::Done(_) => (GatewayEventOutcome::Processed, None, None),
                    Worked::NotStarted => continue,
                    Worked::NotYetKnown(why) if tries < UNKNOWN_TRIES => (GatewayEventOutcome::Received, Some(*why), again),
                    Worked::NotOurs(why) | Worked::NotYetKnown(why) => (GatewayEventOutcome::Ignored, Some(*why), None),
                    Worked::Later(why) if again.is_some() => (GatewayEventOutcome::Received, Some(why.as_str()), again),
                    Worked::Later(why) => (GatewayEventOutcome::Failed, Some(why.as_str()), None),
                };
                let message: Option<String> = message.map(|why| why.chars().take(MAX_MESSAGE).collect());
                metrics::counter!("billow_gateway_notices_total", "outcome" => status.as_str()).increment(ids.len() as u64);
                let payment = if let Worked::Done(payment) = &outcome { *payment } else { None };
                gateway_event::Entity::update_many()
                    .col_expr(C::Outcome, Expr::value(status))
                    .col_expr(C::Message, Expr::value(message))
                    .col_expr(C::PaymentId, Expr::value(payment))
                    .col_expr(C::DueAt, Expr::value(due_at))
                    .col_expr(C::ProcessedAt, Expr::value(due_at.is_none().then_some(now)))
                    .col_expr(C::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
                    .filter(C::Id.is_in(ids))
                    .filter(C::Fence.eq(fence))
                    .exec(&*tx)
                    .await?;
            }
        }
        tx.commit().await
    }

    async fn work_notice(&self, gateway: GatewayId, object: &str) -> Result<Worked> {
        let access = self.gateways.gateway_access(gateway).await?;
        match subject_of(object) {
            Some(NoticeSubject::Charge(id)) => self.work_charge_notice(&access, &id).await,
            Some(NoticeSubject::Refund(id)) => self.work_refund_notice(&access, &id).await,
            Some(NoticeSubject::Setup(id)) => self.work_setup_notice(&access, &id).await,
            None => Ok(Worked::NotOurs("the event has no known subject")),
        }
    }

    async fn work_charge_notice(&self, access: &GatewayAccess, id: &str) -> Result<Worked> {
        let asked = self.gateway.charge_state(access, id).await;
        let charge = match self.gateways.record_gateway_result(access.id, asked).await? {
            Ok(charge) => charge,
            Err(fault) => return Ok(later(&fault)),
        };
        let Some(attempt) = self.attempt_charged(access.id, id, &charge).await? else {
            return Ok(Worked::NotOurs("no attempt of ours made this charge"));
        };
        self.payments.settle(attempt.id, ChargeReport::Charge(charge)).await?;
        Ok(Worked::Done(Some(attempt.payment_id)))
    }

    /// The attempt that made a charge: by what the gateway keeps of it, or by its id where we know that already.
    async fn attempt_charged(&self, gateway: GatewayId, asked: &str, charge: &Charge) -> Result<Option<payment_attempt::Model>> {
        use payment_attempt::Column as C;
        let of_gateway = || payment_attempt::Entity::find().filter(C::GatewayId.eq(gateway));
        if let Some(id) = charge.attempt.as_deref().and_then(|text| text.parse::<AttemptId>().ok())
            && let Some(found) = of_gateway().filter(C::Id.eq(id)).one(self.store.primary()).await?
        {
            return Ok(Some(found));
        }
        let known_as = C::ExternalId.is_in([asked, charge.id.as_str()]);
        Ok(of_gateway().filter(known_as).order_by_asc(C::Id).one(self.store.primary()).await?)
    }

    async fn work_refund_notice(&self, access: &GatewayAccess, id: &str) -> Result<Worked> {
        let asked = self.gateway.refund_state(access, id).await;
        let told = match self.gateways.record_gateway_result(access.id, asked).await? {
            Ok(told) => told,
            Err(fault) => return Ok(later(&fault)),
        };
        let Some(refund) = self.refund_told_of(access.id, id, &told).await? else {
            return Ok(Worked::NotOurs("no refund of ours is this one"));
        };
        self.refunds.settle_refund(refund.id, Ok(told)).await?;
        Ok(Worked::Done(Some(refund.payment_id)))
    }

    /// Our refund, if it undoes a charge at this gateway.
    async fn refund_told_of(&self, gateway: GatewayId, asked: &str, told: &GatewayRefund) -> Result<Option<refund::Model>> {
        let named = told.reference.as_deref().and_then(|text| text.parse::<RefundId>().ok());
        let by_reference = match named {
            Some(id) => refund::Entity::find_by_id(id).one(self.store.primary()).await?,
            None => None,
        };
        let found = match by_reference {
            Some(found) => Some(found),
            None => refund::Entity::find().filter(refund::Column::ExternalId.eq(asked)).one(self.store.primary()).await?,
        };
        let Some(found) = found else { return Ok(None) };
        let Some(attempt) = found.attempt_id else { return Ok(None) };
        let there = payment_attempt::Entity::find_by_id(attempt).filter(payment_attempt::Column::GatewayId.eq(gateway));
        Ok(there.one(self.store.primary()).await?.map(|_| found))
    }

    async fn work_setup_notice(&self, access: &GatewayAccess, id: &str) -> Result<Worked> {
        let ours = payment_method::Entity::find()
            .filter(payment_method::Column::GatewayId.eq(access.id))
            .filter(payment_method::Column::SetupId.eq(id))
            .one(self.store.primary())
            .await?;
        let Some(method) = ours else { return Ok(Worked::NotYetKnown("no method of ours was set up by this")) };
        let asked = self.gateway.setup_state(access, id).await;
        match self.gateways.record_gateway_result(access.id, asked).await? {
            Ok(setup) => {
                self.methods.settle_setup(method.id, &setup).await?;
                Ok(Worked::Done(None))
            }
            Err(fault) => Ok(later(&fault)),
        }
    }
}

fn later(fault: &GatewayFault) -> Worked {
    Worked::Later(fault.to_string())
}
