//! Looking for payments: by what they were made for, and by when.

use billow_billing::ports::{ChargePage, ChargeState, GatewayFault, GatewayResult};
use chrono::{DateTime, TimeDelta, Utc};

use super::answers::{self, Intent, attempt_of, has_more, id_of, items};
use super::client::Wire;
use super::requests;

/// The most pages that are looked through for one payment.
const MAX_PAGES: usize = 20;
/// How far the gateway's clock may be behind ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

fn too_many() -> GatewayFault {
    GatewayFault::Unknown { message: format!("there are more than {MAX_PAGES} pages of payments to look through") }
}

/// The payment of an attempt: by searching, or by looking through all since then.
pub(super) async fn charge(wire: &Wire<'_>, searches: bool, attempt: &str, since: DateTime<Utc>) -> GatewayResult<Option<Intent>> {
    if searches {
        let found = wire.ask(&requests::search(attempt)).await?;
        return best(items(&found).iter().filter(|item| attempt_of(item).as_deref() == Some(attempt)).map(Intent::read));
    }
    let mut after: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = wire.ask(&requests::list(since - CLOCKS_DIFFER, None, after.as_deref())).await?;
        let found = best(items(&page).iter().filter(|item| attempt_of(item).as_deref() == Some(attempt)).map(Intent::read))?;
        if found.is_some() || !has_more(&page) {
            return Ok(found);
        }
        after = items(&page).last().and_then(id_of);
    }
    Err(too_many())
}

/// Of several payments of one attempt the one in which money moved, or may still move.
fn best(all: impl Iterator<Item = GatewayResult<Intent>>) -> GatewayResult<Option<Intent>> {
    let mut best: Option<Intent> = None;
    for intent in all {
        let intent = intent?;
        if best.as_ref().is_none_or(|known| weight(&intent.charge.state) > weight(&known.charge.state)) {
            best = Some(intent);
        }
    }
    Ok(best)
}

const fn weight(state: &ChargeState) -> u8 {
    match state {
        ChargeState::Succeeded => 4,
        ChargeState::Processing => 3,
        ChargeState::RequiresAction { .. } => 2,
        ChargeState::Failed(_) => 1,
        ChargeState::Cancelled => 0,
    }
}

/// The page of an attempt, on which nobody has paid yet: no search finds those.
pub(super) async fn page(wire: &Wire<'_>, attempt: &str, since: DateTime<Utc>) -> GatewayResult<Option<billow_billing::ports::Charge>> {
    let mut after: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let page = wire.ask(&requests::pages_since(since - CLOCKS_DIFFER, after.as_deref())).await?;
        if let Some(found) = items(&page).iter().find(|item| attempt_of(item).as_deref() == Some(attempt)) {
            return answers::page(found).map(Some);
        }
        if !has_more(&page) {
            return Ok(None);
        }
        after = items(&page).last().and_then(id_of);
    }
    Err(too_many())
}

/// A page of the payments made in a span of time.
pub(super) async fn list(wire: &Wire<'_>, from: DateTime<Utc>, to: DateTime<Utc>, after: Option<&str>) -> GatewayResult<ChargePage> {
    let after = after.map(requests::plain_id).transpose()?;
    let page = wire.ask(&requests::list(from, Some(to), after)).await?;
    let mut charges = Vec::new();
    for item in items(&page) {
        let charge = Intent::read(item)?.charge;
        // A server that does not know the bounds sends more.
        if charge.created_at.is_none_or(|at| (from.timestamp()..to.timestamp()).contains(&at.timestamp())) {
            charges.push(charge);
        }
    }
    let next = items(&page).last().and_then(id_of).filter(|_| has_more(&page));
    Ok(ChargePage { charges, next })
}
