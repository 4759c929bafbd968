//! What the business needs from the outside world, as traits that `billow-integrations` fulfils.
//!
//! A port says what can happen in its types: an answer the far side gave is a value, also when it is a "no";
//! only the lack of an answer is a fault. Nobody calls a port inside a transaction.

mod absent;
mod connector;
mod documents;
mod gateway;
mod messaging;
mod wake;

pub use crate::amounts::FetchedAmount;
pub use crate::definition::PlanOffer;
pub use absent::*;
pub use connector::*;
pub use documents::*;
pub use gateway::*;
pub use messaging::*;
pub use wake::*;
