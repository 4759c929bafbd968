//! What the business needs from the outside world, as traits that `billow-integrations` fulfils.
//!
//! The types say what can happen: every answer of the other side is a value, a refusal too; only the lack of an answer is an
//! error. No port is called inside a transaction. Each is defined beside its user; this module exports all of them.

pub use billow_kernel::amounts::FetchedAmount;
pub use billow_kernel::wake::*;
pub use billow_money::absent::*;
pub use billow_money::gateway::*;
pub use billow_money::paper::*;
pub use billow_outreach::messaging::*;
pub use billow_supply::connector::*;
pub use billow_supply::definition::PlanOffer;
