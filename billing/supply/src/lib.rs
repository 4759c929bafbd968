//! People, homes, providers, accounts and bills: what is owed, and how it is fetched.
//!
//! Nothing here knows that a bill can be paid by Billow.

pub mod accounts;
pub mod bills;
pub mod connector;
pub mod customers;
pub mod definition;
pub mod fetching;
pub mod homes;
pub mod identity;
pub mod imports;
pub mod providers;
pub mod reading;
pub mod runs;
