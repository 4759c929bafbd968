//! Sending what is due: claimed under a lease and a fencing number, sent outside any transaction, and written down.

mod claim;
mod judge;
mod outcome;
mod send;

use billow_entities::{customer, delivery, notification, push_subscription};
use billow_kernel::due::Backoff;
use billow_kernel::error::Result;
pub use claim::Deliver;
use futures::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};

use crate::messages::Messages;
use crate::messaging::SendOutcome;

/// Deliveries under way at once in one process.
const IN_FLIGHT: usize = 32;
/// Tries of one delivery.
const TRIES: i32 = 8;
/// The waits between them.
const WAITS: Backoff = Backoff::seconds(&[5, 30, 120, 600, 3_600]).up_to(TRIES);
/// Deliveries of one call; the next wake-up goes on.
const MAX_PER_CALL: usize = 2_000;
/// How soon new deliveries are looked for while others are under way.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(250);

/// A claimed delivery with all that is needed to send it.
#[derive(Debug)]
struct Parcel {
    delivery: delivery::Model,
    note: notification::Model,
    customer: Option<customer::Model>,
    target: Target,
}

/// Where it goes.
#[derive(Debug)]
enum Target {
    Device(Box<push_subscription::Model>),
    Mail { address: String, name: Option<String> },
    Sms { number: String },
}

/// A delivery that was tried.
#[derive(Debug)]
struct Tried {
    delivery: delivery::Model,
    note: notification::Model,
    device: Option<billow_entities::PushSubscriptionId>,
    outcome: SendOutcome,
}

impl Messages {
    /// Sends what is due; answers how many deliveries were tried. Any number of processes may do so at once.
    ///
    /// A delivery that was being sent when its process died is found here too: a push or text message may have got
    /// through, so it is not sent again; a mail is, under the same Message-ID.
    ///
    /// # Errors
    /// When the database does not answer. What is under way is still brought to its end.
    #[tracing::instrument(name = "messages.deliver_due", skip_all)]
    pub async fn deliver_due(&self) -> Result<usize> {
        self.recover_interrupted().await?;
        let mut under_way = FuturesUnordered::new();
        let (mut tried, mut more, mut problem) = (0, true, None);
        loop {
            let place = problem.is_none() && !self.stopping.is_stopping() && tried < MAX_PER_CALL && under_way.len() <= IN_FLIGHT / 2;
            if more && place {
                match self.claim_deliveries(IN_FLIGHT - under_way.len()).await {
                    Ok(claimed) => {
                        more = claimed.more;
                        tried += claimed.parcels.len();
                        under_way.extend(claimed.parcels.into_iter().map(|parcel| self.carry(parcel)));
                    }
                    Err(error) => problem = Some(error),
                }
            }
            if under_way.is_empty() {
                if more && problem.is_none() && !self.stopping.is_stopping() && tried < MAX_PER_CALL {
                    continue;
                }
                break;
            }
            let first = tokio::select! {
                first = under_way.next() => first,
                // A far side that takes its time must not hold up what became due meanwhile.
                () = tokio::time::sleep(LOOK_AGAIN), if place => {
                    more = true;
                    continue;
                }
            };
            let mut done: Vec<Tried> = first.into_iter().collect();
            while let Some(Some(next)) = under_way.next().now_or_never() {
                done.push(next);
            }
            if let Err(error) = self.write_outcomes(done).await {
                problem = Some(error);
            }
        }
        problem.map_or(Ok(tried), Err)
    }
}
