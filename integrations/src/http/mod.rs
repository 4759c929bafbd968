//! The only way out: every request Billow sends to somebody else's address goes through [`GuardedHttp`].
//!
//! Administrators register addresses, customers' browsers name push services, and providers answer with whatever they
//! like. So an address is never trusted because it was typed: it is read strictly, it is resolved by us, and the
//! connection goes only to the addresses that were looked at, so that a name cannot mean one thing when it is checked
//! and another when it is called. Private, loopback, link-local and other special addresses are refused unless the
//! configuration allows that very host. Redirects are answers, not journeys. Time and size are capped, the size after
//! decompression, and each way to fail has its own name, because those who move money must know whether the far side
//! may have acted.

mod address;
mod client;
mod fault;
#[cfg(test)]
mod hostile;
mod request;
mod resolver;
#[cfg(test)]
mod tests;
mod url;

pub use address::{AddressClass, classify};
pub use client::GuardedHttp;
pub use fault::HttpFault;
pub use request::{HttpRequest, HttpResponse};
pub use reqwest::Method;
pub use reqwest::header::HeaderMap;
pub use url::GuardPolicy;
