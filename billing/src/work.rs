//! The work that becomes due by itself, in one list: what it is called, how often it is looked for, and the one call that does it.
//!
//! Each kind runs by itself. One that hangs or fails delays no other, and what it leaves undone is found again, because what is
//! due stands in the database.

use futures::future::BoxFuture;

use crate::Billing;
use crate::error::Result;
use crate::ports::Wakeup;

/// A kind of work.
#[derive(Clone, Copy, Debug)]
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
    pub run: for<'a> fn(&'a Billing) -> BoxFuture<'a, Result<()>>,
}

impl Work {
    /// Whether it is looked for in this second.
    #[must_use]
    pub const fn is_looked_for(&self, second: u64) -> bool {
        second % self.every_s == self.offset_s % self.every_s
    }
}

macro_rules! works {
    ($($name:literal: $call:ident, woken by $wakeup:ident, every $every:literal s at $offset:literal;)*) => {
        /// Every kind of work.
        pub const WORKS: &[Work] = &[$(
            Work {
                name: $name,
                woken_by: Wakeup::$wakeup,
                every_s: $every,
                offset_s: $offset,
                run: {
                    fn run(billing: &Billing) -> BoxFuture<'_, Result<()>> {
                        Box::pin(async move {
                            billing.$call().await?;
                            Ok(())
                        })
                    }
                    run
                },
            },
        )*];
    };
}

works! {
    "fetch": fetch_due, woken by Fetch, every 2 s at 0;
    "import": run_imports, woken by Import, every 5 s at 2;
    "remind": remind_due, woken by Remind, every 15 s at 3;
    "webhooks": work_notices, woken by Notices, every 5 s at 1;
    "send_payments": send_payments_due, woken by Pay, every 2 s at 1;
    "check_payments": check_payments_due, woken by Pay, every 2 s at 1;
    "remit": remit_due, woken by Pay, every 2 s at 1;
    "refund": refunds_due, woken by Pay, every 2 s at 1;
    "check_methods": check_methods_due, woken by Pay, every 2 s at 1;
    "documents": make_documents_due, woken by Documents, every 5 s at 3;
    "deliver": deliver_due, woken by Deliver, every 2 s at 1;
    "sweep_fetching": sweep, woken by Sweep, every 60 s at 7;
    "sweep_identity": sweep_identity, woken by Sweep, every 60 s at 11;
    "sweep_imports": sweep_imports, woken by Sweep, every 60 s at 17;
    "sweep_messages": sweep_messages, woken by Sweep, every 60 s at 23;
    "sweep_webhooks": sweep_gateway_events, woken by Sweep, every 60 s at 29;
    "expiring_cards": tell_expiring_cards, woken by Sweep, every 60 s at 37;
    "reconcile": reconcile_due, woken by Sweep, every 60 s at 43;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_comes_round_within_a_minute() {
        for work in WORKS {
            let times = (0..60).filter(|second| work.is_looked_for(*second)).count() as u64;
            assert_eq!(times, 60 / work.every_s, "{}", work.name);
        }
        assert_eq!(WORKS.iter().map(|work| work.name).collect::<BTreeSet<_>>().len(), WORKS.len(), "names are different");
    }
}
