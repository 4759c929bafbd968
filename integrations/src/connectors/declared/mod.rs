//! The `HTTP` connector: a provider as data. Named steps say what to ask, programs say how, and what the answers mean.
//!
//! A fetch runs the steps in order and gives each program the same context: the customer's parameters, the time, and the
//! answers so far. A step may be polled; when it has not come true by then, the fetch ends as pending and goes on at that
//! step the next time. A step whose program yields null is left out: there is nothing to ask after what was answered
//! before. The last program tells the outcome.
//!
//! Paying is the same with other steps (`pay`), and so is asking about a payment (`pay_status`). What may have reached the
//! provider and got no readable answer is unknown, never "not sent".

mod connector;
mod pay;
#[cfg(test)]
mod pay_tests;
mod placeholders;
mod request;
mod run;
mod settings;
#[cfg(test)]
mod tests;

pub use connector::HttpConnector;
pub(super) use placeholders::{Template, climbs};
