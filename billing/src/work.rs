//! The work that becomes due by itself, in one list: what it is called, the one call that does it, what wakes it, how often it is
//! looked for, and how long it may take.
//!
//! Each kind runs by itself. One that hangs or fails delays no other, and what it leaves undone is found again, because what is
//! due stands in the database.

use std::sync::Arc;
use std::time::Duration;

use billow_kernel::Actor;
use billow_kernel::due::{Due, DueRows, Lag};
use billow_kernel::error::Result;
use billow_kernel::wake::Wakeup;
use billow_money::documents::MakeDocuments;
use billow_money::methods::CheckMethods;
use billow_money::notices::WorkNotices;
use billow_money::payments::{CheckPayments, SendPayments};
use billow_money::refunds::SendRefunds;
use billow_money::remittances::Remit;
use billow_outreach::messages::{Deliver, Remind};
use billow_supply::fetching::FetchAccounts;
use billow_supply::imports::RunImports;
use futures::future::BoxFuture;

use crate::Billing;

/// A kind of work.
#[derive(Clone)]
pub struct Work {
    /// For logs, metrics and the dashboard.
    pub name: &'static str,
    /// What wakes it, besides its period.
    pub woken_by: Wakeup,
    /// How often it is looked for, in seconds.
    pub every_s: u64,
    /// The second of its period in which that is; keeps the kinds apart.
    pub offset_s: u64,
    /// How long one run may take. A run that takes longer is broken off, and what it had claimed is claimed again when the lease
    /// expires.
    pub limit: Duration,
    /// Does what is due now.
    pub run: Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
    /// Counts what is due; none where the work is not kept in rows.
    pub lag: Option<Arc<dyn Fn() -> BoxFuture<'static, Result<Lag>> + Send + Sync>>,
}

/// What is due of a kind of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLag {
    /// Which.
    pub name: &'static str,
    /// How much.
    pub lag: Lag,
}

impl Work {
    /// Whether it is looked for in this second.
    #[must_use]
    pub const fn is_looked_for(&self, second: u64) -> bool {
        is_looked_for(second, self.every_s, self.offset_s)
    }

    /// Work that is kept in rows: how much of them is due can be told.
    #[must_use]
    fn of<W: DueRows + 'static>(mut self, due: &Due) -> Self {
        debug_assert_eq!(self.name, W::NAME);
        let due = due.clone();
        self.lag = Some(Arc::new(move || {
            let due = due.clone();
            Box::pin(async move { due.lag::<W>().await })
        }));
        self
    }
}

const fn is_looked_for(second: u64, every_s: u64, offset_s: u64) -> bool {
    second % every_s == offset_s % every_s
}

macro_rules! works {
    ($($name:literal $(of $rows:ty)?: $service:ident.$call:ident, woken by $wakeup:ident, every $every:literal s at $offset:literal, within $limit:literal min;)*) => {
        impl Billing {
            /// Every kind of work.
            #[must_use]
            pub fn works(&self) -> Vec<Work> {
                vec![$({
                    let service = Arc::clone(&self.$service);
                    let work = Work {
                        name: $name,
                        woken_by: Wakeup::$wakeup,
                        every_s: $every,
                        offset_s: $offset,
                        limit: Duration::from_secs($limit * 60),
                        run: Arc::new(move || {
                            let service = Arc::clone(&service);
                            Box::pin(async move {
                                service.$call().await?;
                                Ok(())
                            })
                        }),
                        lag: None,
                    };
                    $(let work = work.of::<$rows>(&self.kernel.due);)?
                    work
                },)*]
            }
        }

        #[cfg(test)]
        const RHYTHM: &[(&str, u64, u64)] = &[$(($name, $every, $offset),)*];
    };
}

works! {
    "fetch" of FetchAccounts: fetching.fetch_due, woken by Fetch, every 2 s at 0, within 360 min;
    "import" of RunImports: imports.run_imports, woken by Import, every 5 s at 2, within 60 min;
    "remind" of Remind: messages.remind_due, woken by Remind, every 15 s at 3, within 15 min;
    "webhooks" of WorkNotices: notices.work_notices, woken by Notices, every 5 s at 1, within 60 min;
    "send_payments" of SendPayments<'static>: payments.send_payments_due, woken by Pay, every 2 s at 1, within 60 min;
    "check_payments" of CheckPayments<'static>: payments.check_payments_due, woken by Pay, every 2 s at 1, within 60 min;
    "remit" of Remit: remittances.remit_due, woken by Pay, every 2 s at 1, within 180 min;
    "refund" of SendRefunds<'static>: refunds.refunds_due, woken by Pay, every 2 s at 1, within 60 min;
    "check_methods" of CheckMethods<'static>: methods.check_methods_due, woken by Pay, every 2 s at 1, within 60 min;
    "documents" of MakeDocuments<'static>: documents.make_documents_due, woken by Documents, every 5 s at 3, within 60 min;
    "deliver" of Deliver: messages.deliver_due, woken by Deliver, every 2 s at 1, within 60 min;
    "sweep_fetching": fetching.sweep, woken by Sweep, every 60 s at 7, within 15 min;
    "sweep_identity": identity.sweep_identity, woken by Sweep, every 60 s at 11, within 15 min;
    "sweep_imports": imports.sweep_imports, woken by Sweep, every 60 s at 17, within 15 min;
    "sweep_messages": messages.sweep_messages, woken by Sweep, every 60 s at 23, within 15 min;
    "sweep_webhooks": gateways.sweep_gateway_events, woken by Sweep, every 60 s at 29, within 15 min;
    "expiring_cards": methods.tell_expiring_cards, woken by Sweep, every 60 s at 37, within 15 min;
    "reconcile": reconciling.reconcile_due, woken by Sweep, every 60 s at 43, within 180 min;
}

impl Billing {
    /// What is due of each kind of work that is kept in rows.
    ///
    /// # Errors
    /// For everybody but staff.
    pub async fn due_work(&self, actor: &Actor) -> Result<Vec<WorkLag>> {
        actor.staff()?;
        let mut all = Vec::new();
        for work in self.works() {
            if let Some(lag) = &work.lag {
                all.push(WorkLag { name: work.name, lag: lag().await? });
            }
        }
        Ok(all)
    }

    /// Sets the gauges that an operator watches.
    ///
    /// # Errors
    /// When the database does not answer; those that were not read keep their values.
    pub async fn set_gauges(&self) -> Result<()> {
        let work = self.due_work(&Actor::System).await?;
        self.operations.set_gauges(&work).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_comes_round_within_a_minute() {
        for (name, every_s, offset_s) in RHYTHM {
            let times = (0..60).filter(|second| is_looked_for(*second, *every_s, *offset_s)).count() as u64;
            assert_eq!(times, 60 / every_s, "{name}");
        }
        assert_eq!(RHYTHM.iter().map(|(name, ..)| name).collect::<BTreeSet<_>>().len(), RHYTHM.len(), "names are different");
    }
}
