//! Running the comparison of one day at one gateway.

use billow_entities::{
    DiscrepancyId, DiscrepancyKind, GatewayId, GatewayStatus, PaymentStatus, ReconciliationId, ReconciliationStatus, discrepancy, gateway,
    payment, reconciliation,
};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Result};
use billow_kernel::store::insert_all;
use billow_kernel::wake::Wakeup;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::Reconciling;
use super::compare::{Difference, compare};
use crate::gateway::{Charge, GatewayFault};

/// Pages of a gateway's list at most.
const MAX_PAGES: usize = 5_000;
/// Charges of one day at most.
const MAX_CHARGES: usize = 500_000;
/// Rows of one statement.
const ROWS: usize = 500;
/// Gateways looked at in one sweep.
const MAX_GATEWAYS: u64 = 100;
/// One process at a time compares a gateway.
const LEASE: Duration = Duration::minutes(30);
/// A day that failed is tried again after so long.
const AGAIN: Duration = Duration::hours(1);
/// How long after midnight a day is over for everybody's clock.
const SETTLING: Duration = Duration::hours(1);

impl Reconciling {
    /// Compares yesterday (in UTC) at every active gateway that has not been compared; how many were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reconcile_due(&self) -> Result<u64> {
        let now = self.clock.now();
        let Some(day) = (now - SETTLING).date_naive().pred_opt() else { return Ok(0) };
        let gateways = gateway::Entity::find()
            .filter(gateway::Column::Status.eq(GatewayStatus::Active))
            .order_by_asc(gateway::Column::Id)
            .limit(MAX_GATEWAYS)
            .all(self.store.primary())
            .await?;
        let mut count = 0;
        for gateway in gateways {
            let known = self.reconciliation_of(gateway.id, day).await?;
            let wanted = match known {
                None => true,
                Some(run) => match run.status {
                    ReconciliationStatus::Finished => false,
                    ReconciliationStatus::Failed => run.finished_at.is_none_or(|at| at + AGAIN <= now),
                    // Its process died.
                    ReconciliationStatus::Running => run.created_at + LEASE <= now,
                },
            };
            if wanted && self.leases.hold(&format!("reconcile:{}", gateway.id), LEASE).await? {
                self.reconcile_day(gateway.id, day).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Compares a day at a gateway now, for staff. A day that was compared before is compared again: what was not resolved
    /// is replaced by what is found now.
    ///
    /// # Errors
    /// When somebody else asks, there is no such gateway, or the day is not over.
    pub async fn start_reconciliation(&self, actor: &Actor, gateway: GatewayId, day: NaiveDate) -> Result<reconciliation::Model> {
        actor.staff()?;
        gateway::Entity::find_by_id(gateway).one(self.store.primary()).await?.ok_or(Error::NotFound("gateway"))?;
        if day >= self.clock.now().date_naive() {
            return Err(Error::invalid("OUT_OF_RANGE", "day", "Only a day that is over (in UTC) can be compared."));
        }
        let tx = self.store.write_tx().await?;
        self.audit.record(&tx, actor, "reconciliation.start", gateway, None, None, json!({"day": day})).await?;
        tx.commit().await?;
        self.reconcile_day(gateway, day).await
    }

    /// Compares a day at a gateway: its charges, page by page, then ours.
    ///
    /// # Errors
    /// When the database does not answer. A gateway that does not answer makes the run `FAILED`.
    pub async fn reconcile_day(&self, gateway: GatewayId, day: NaiveDate) -> Result<reconciliation::Model> {
        let run = self.begin_run(gateway, day).await?;
        let from = day.and_time(chrono::NaiveTime::MIN).and_utc();
        let span = (from, from + Duration::days(1));
        let theirs = match self.list_day(gateway, span).await? {
            Ok(theirs) => theirs,
            Err(message) => return self.fail_run(run, message).await,
        };
        let ours = self.our_side(gateway, span, &theirs).await?;
        let found = compare(&theirs, &ours);
        let compared = theirs.len().max(ours.iter().filter(|o| o.of_the_day).count());
        self.finish_run(run, compared, found).await
    }

    pub(super) async fn reconciliation_of(&self, gateway: GatewayId, day: NaiveDate) -> Result<Option<reconciliation::Model>> {
        Ok(reconciliation::Entity::find()
            .filter(reconciliation::Column::GatewayId.eq(gateway))
            .filter(reconciliation::Column::Day.eq(day))
            .one(self.store.primary())
            .await?)
    }

    /// The run of the day, made or made new.
    async fn begin_run(&self, gateway: GatewayId, day: NaiveDate) -> Result<reconciliation::Model> {
        let tx = self.store.write_tx().await?;
        let row = reconciliation::ActiveModel {
            id: Set(ReconciliationId(self.ids.next())),
            gateway_id: Set(gateway),
            day: Set(day),
            status: Set(ReconciliationStatus::Running),
            message: Set(None),
            compared: Set(0),
            discrepancies: Set(0),
            created_at: Set(self.clock.now()),
            finished_at: Set(None),
        };
        let anew = [
            reconciliation::Column::Status,
            reconciliation::Column::Message,
            reconciliation::Column::CreatedAt,
            reconciliation::Column::FinishedAt,
        ];
        let once = OnConflict::columns([reconciliation::Column::GatewayId, reconciliation::Column::Day]).update_columns(anew).to_owned();
        reconciliation::Entity::insert(row).on_conflict(once).exec_without_returning(&*tx).await?;
        let run = reconciliation::Entity::find()
            .filter(reconciliation::Column::GatewayId.eq(gateway))
            .filter(reconciliation::Column::Day.eq(day))
            .one(&*tx)
            .await?;
        tx.commit().await?;
        run.ok_or(Error::NotFound("reconciliation"))
    }

    /// The gateway's charges of the day; in words why there are none.
    async fn list_day(&self, gateway: GatewayId, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Result<Result<Vec<Charge>, String>> {
        let access = self.gateways.gateway_access(gateway).await?;
        let (mut charges, mut after): (Vec<Charge>, Option<String>) = (Vec::new(), None);
        for _ in 0..MAX_PAGES {
            let page = match self.gateway.list_charges(&access, from, to, after.as_deref()).await {
                Ok(page) => page,
                Err(fault) => {
                    if matches!(fault, GatewayFault::Unknown { .. } | GatewayFault::NotSent { .. }) {
                        self.gateways.record_gateway_fault(gateway, &fault).await?;
                    }
                    return Ok(Err(fault.to_string()));
                }
            };
            charges.extend(page.charges);
            if charges.len() > MAX_CHARGES {
                return Ok(Err(format!("there are more than {MAX_CHARGES} charges")));
            }
            match page.next {
                None => return Ok(Ok(charges)),
                // A gateway that repeats itself would go on for ever.
                Some(next) if after.as_ref() == Some(&next) => return Ok(Err("the gateway's list does not end".into())),
                next => after = next,
            }
        }
        Ok(Err(format!("the gateway's list has more than {MAX_PAGES} pages")))
    }

    async fn fail_run(&self, run: reconciliation::Model, message: String) -> Result<reconciliation::Model> {
        let mut row = run.into_active_model();
        row.status = Set(ReconciliationStatus::Failed);
        row.message = Set(Some(message));
        row.finished_at = Set(Some(self.clock.now()));
        Ok(row.update(self.store.writer()).await?)
    }

    async fn finish_run(&self, run: reconciliation::Model, compared: usize, found: Vec<Difference>) -> Result<reconciliation::Model> {
        let now = self.clock.now();
        let mut tx = self.store.write_tx().await?;
        discrepancy::Entity::delete_many()
            .filter(discrepancy::Column::ReconciliationId.eq(run.id))
            .filter(discrepancy::Column::ResolvedAt.is_null())
            .exec(&*tx)
            .await?;
        let resolved = discrepancy::Entity::find().filter(discrepancy::Column::ReconciliationId.eq(run.id)).all(&*tx).await?;
        // What a person has dealt with is not told again.
        let known = |d: &Difference| {
            resolved.iter().any(|r| {
                (r.kind, &r.external_id, r.payment_id) == (d.kind, &d.external_id, d.payment)
                    && (r.ours_minor, r.theirs_minor) == (d.ours_minor, d.theirs_minor)
            })
        };
        let new: Vec<Difference> = found.into_iter().filter(|d| !known(d)).collect();
        let check: Vec<_> = new.iter().filter(|d| d.kind == DiscrepancyKind::MissingPosting).filter_map(|d| d.payment).collect();
        let count = i32::try_from(new.len() + resolved.len()).unwrap_or(i32::MAX);
        let rows = new
            .into_iter()
            .map(|d| discrepancy::ActiveModel {
                id: Set(DiscrepancyId(self.ids.next())),
                reconciliation_id: Set(run.id),
                gateway_id: Set(run.gateway_id),
                kind: Set(d.kind),
                external_id: Set(d.external_id),
                payment_id: Set(d.payment),
                currency: Set(d.currency),
                ours_minor: Set(d.ours_minor),
                theirs_minor: Set(d.theirs_minor),
                message: Set(d.message),
                created_at: Set(now),
                resolved_at: Set(None),
                resolved_by: Set(None),
                resolution: Set(None),
            })
            .collect();
        insert_all(&*tx, rows, None).await?;
        // Money that arrived and is not booked: the reconciler of payments asks the gateway and settles.
        for ids in check.chunks(ROWS) {
            payment::Entity::update_many()
                .col_expr(payment::Column::CheckAt, Expr::value(now))
                .filter(payment::Column::Id.is_in(ids.iter().copied()))
                .filter(payment::Column::Status.ne(PaymentStatus::Succeeded))
                .exec(&*tx)
                .await?;
        }
        let mut row = run.into_active_model();
        row.status = Set(ReconciliationStatus::Finished);
        row.message = Set(None);
        row.compared = Set(i32::try_from(compared).unwrap_or(i32::MAX));
        row.discrepancies = Set(count);
        row.finished_at = Set(Some(now));
        let run = row.update(&*tx).await?;
        tx.emit(self.events.reconciliation(&run)?);
        tx.commit().await?;
        if !check.is_empty() {
            self.waker.wake(Wakeup::Pay).await;
        }
        Ok(run)
    }
}
