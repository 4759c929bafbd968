//! The work that becomes due by itself, in one list: what it is called, how often it is looked for, and the one call that does it.
//!
//! Each kind runs by itself. One that hangs or fails delays no other, and what it leaves undone is found again, because what is
//! due stands in the database.

use std::sync::Arc;

use billow_kernel::error::Result;
use billow_kernel::wake::Wakeup;
use futures::future::BoxFuture;

use crate::Billing;

/// A kind of work.
#[derive(Clone)]
pub struct Work {
    /// For logs and metrics.
    pub name: &'static str,
    /// What wakes it, besides its period.
    pub woken_by: Wakeup,
    /// How often it is looked for, in seconds.
    pub every_s: u64,
    /// The second of its period in which that is; keeps the kinds apart.
    pub offset_s: u64,
    /// Does what is due now.
    pub run: Arc<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

impl Work {
    /// Whether it is looked for in this second.
    #[must_use]
    pub const fn is_looked_for(&self, second: u64) -> bool {
        is_looked_for(second, self.every_s, self.offset_s)
    }
}

const fn is_looked_for(second: u64, every_s: u64, offset_s: u64) -> bool {
    second % every_s == offset_s % every_s
}

macro_rules! works {
    ($($name:literal: $service:ident.$call:ident, woken by $wakeup:ident, every $every:literal s at $offset:literal;)*) => {
        impl Billing {
            /// Every kind of work.
            #[must_use]
            pub fn works(&self) -> Vec<Work> {
                vec![$({
                    let service = Arc::clone(&self.$service);
                    Work {
                        name: $name,
                        woken_by: Wakeup::$wakeup,
                        every_s: $every,
                        offset_s: $offset,
                        run: Arc::new(move || {
                            let service = Arc::clone(&service);
                            Box::pin(async move {
                                service.$call().await?;
                                Ok(())
                            })
                        }),
                    }
                },)*]
            }
        }

        #[cfg(test)]
        const RHYTHM: &[(&str, u64, u64)] = &[$(($name, $every, $offset),)*];
    };
}

works! {
    "fetch": fetching.fetch_due, woken by Fetch, every 2 s at 0;
    "import": imports.run_imports, woken by Import, every 5 s at 2;
    "remind": messages.remind_due, woken by Remind, every 15 s at 3;
    "webhooks": notices.work_notices, woken by Notices, every 5 s at 1;
    "send_payments": payments.send_payments_due, woken by Pay, every 2 s at 1;
    "check_payments": payments.check_payments_due, woken by Pay, every 2 s at 1;
    "remit": remittances.remit_due, woken by Pay, every 2 s at 1;
    "refund": refunds.refunds_due, woken by Pay, every 2 s at 1;
    "check_methods": methods.check_methods_due, woken by Pay, every 2 s at 1;
    "documents": documents.make_documents_due, woken by Documents, every 5 s at 3;
    "deliver": messages.deliver_due, woken by Deliver, every 2 s at 1;
    "sweep_fetching": fetching.sweep, woken by Sweep, every 60 s at 7;
    "sweep_identity": identity.sweep_identity, woken by Sweep, every 60 s at 11;
    "sweep_imports": imports.sweep_imports, woken by Sweep, every 60 s at 17;
    "sweep_messages": messages.sweep_messages, woken by Sweep, every 60 s at 23;
    "sweep_webhooks": gateways.sweep_gateway_events, woken by Sweep, every 60 s at 29;
    "expiring_cards": methods.tell_expiring_cards, woken by Sweep, every 60 s at 37;
    "reconcile": reconciling.reconcile_due, woken by Sweep, every 60 s at 43;
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
