//! Looking after an instance: its event log, what could not be digested, and how much there is to do.

mod dashboard;
mod dead_letters;
mod events;
mod gauges;
mod stats;

pub use dashboard::Dashboard;
pub use dead_letters::digests;
pub use events::EventFilter;
pub use stats::{ConsumerLag, InstanceStats};
