//! Many wake-ups of one kind are one: each is a row in the queue, and a commit, and whoever is woken finds everything.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use billow_billing::ports::Wakeup;
use parking_lot::Mutex;
use tokio::time::Instant;

/// The least time between two wake-ups of a kind by one process.
const GAP: Duration = Duration::from_millis(100);

/// What was asked for and not sent yet, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gather(Arc<Mutex<HashMap<Wakeup, Kind>>>);

#[derive(Debug, Default)]
struct Kind {
    waits: bool,
    sent: Option<Instant>,
}

impl Gather {
    /// Asks for a wake-up. Whoever is answered sends it, after so long; others need not, because one that is not sent yet
    /// finds what they have written, too.
    pub(crate) fn ask(&self, wakeup: Wakeup) -> Option<Duration> {
        let mut kinds = self.0.lock();
        let kind = kinds.entry(wakeup).or_default();
        if std::mem::replace(&mut kind.waits, true) {
            return None;
        }
        Some(kind.sent.map_or(Duration::ZERO, |at| GAP.saturating_sub(at.elapsed())))
    }

    /// The wake-up is being sent: what is written from now on wants another.
    pub(crate) fn send(&self, wakeup: Wakeup) {
        self.0.lock().insert(wakeup, Kind { waits: false, sent: Some(Instant::now()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_goes_at_once_and_those_that_come_while_it_waits_go_with_it() {
        let gather = Gather::default();
        assert_eq!(gather.ask(Wakeup::Pay), Some(Duration::ZERO));
        assert_eq!(gather.ask(Wakeup::Pay), None, "the one that waits finds this, too");
        assert_eq!(gather.ask(Wakeup::Documents), Some(Duration::ZERO), "another kind is another wake-up");
        gather.send(Wakeup::Pay);
        tokio::time::advance(Duration::from_millis(30)).await;
        assert_eq!(gather.ask(Wakeup::Pay), Some(Duration::from_millis(70)), "what came after it was sent wants another");
        assert_eq!(gather.ask(Wakeup::Pay), None);
        gather.send(Wakeup::Pay);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(gather.ask(Wakeup::Pay), Some(Duration::ZERO));
    }
}
