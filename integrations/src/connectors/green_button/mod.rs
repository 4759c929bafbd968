//! The `GREEN_BUTTON` connector: bills out of ESPI (NAESB REQ.21) Atom feeds, as utilities publish them.
//!
//! The standard has two names for the same thing (`UsageSummary`, and `ElectricPowerUsageSummary` before), and utilities
//! differ in prefixes, leave out currencies, write milliseconds where seconds belong, and scale money as they please.
//! So elements are known by their local names alone, and what utilities differ in is a setting of the provider.

mod bill;
mod connector;
mod feed;
#[cfg(test)]
mod tests;

pub use connector::GreenButtonConnector;
