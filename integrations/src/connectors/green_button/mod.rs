//! The `GREEN_BUTTON` connector: bills out of ESPI (NAESB REQ.21) Atom feeds, as utilities publish them.
//!
//! The standard has two names for the same thing (`UsageSummary`, and `ElectricPowerUsageSummary` before), and utilities
//! differ in prefixes, leave out currencies, write milliseconds where seconds belong, and scale money as they please.
//! So elements are known by their local names alone, and what utilities differ in is a setting of the provider.
//!
//! Nothing is taken for what its name says: `statusTimeStamp` is often the time of the download, links and ids change with
//! each of them, and `billLastPeriod` can be zero beside lines that say what is due. A bill's dates and its number come from
//! its billing period, and its amount from where the settings say. Each summary stands for itself.

mod amount;
mod bill;
mod connector;
mod feed;
mod point;
mod summary;
#[cfg(test)]
mod tests;

pub use connector::GreenButtonConnector;
