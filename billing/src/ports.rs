//! What the business needs from the outside world, as traits that `billow-integrations` fulfils.
//!
//! A port says what can happen in its types: an answer the far side gave is a value, also when it is a "no";
//! only the lack of an answer is a fault. Nobody calls a port inside a transaction. Each stands beside its user; this is all of
//! them under one name.

pub use billow_kernel::amounts::FetchedAmount;
pub use billow_kernel::wake::*;
pub use billow_money::absent::*;
pub use billow_money::gateway::*;
pub use billow_money::paper::*;
pub use billow_outreach::messaging::*;
pub use billow_supply::connector::*;
pub use billow_supply::definition::PlanOffer;
