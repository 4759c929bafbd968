//! The nouns of the API. A type translates; whether somebody sees a thing is decided where it is read.
//!
//! What a resolver may wait for is boxed: a field is given as much room as the largest of its type would need, and a page
//! has hundreds of fields that wait for nothing.

pub(crate) mod account;
pub(crate) mod allocation;
pub(crate) mod attempt;
pub(crate) mod bill;
pub(crate) mod customer;
pub(crate) mod document;
pub(crate) mod enums;
pub(crate) mod events;
pub(crate) mod fetching;
pub(crate) mod gateway;
pub(crate) mod identity;
pub(crate) mod imports;
pub(crate) mod messages;
pub(crate) mod money;
pub(crate) mod node;
pub(crate) mod operations;
pub(crate) mod payment;
pub(crate) mod payment_enums;
pub(crate) mod payment_method;
pub(crate) mod property;
pub(crate) mod property_invitation;
pub(crate) mod provider;
pub(crate) mod provider_test;
pub(crate) mod quote;
pub(crate) mod recharge;
pub(crate) mod reconciliation;
pub(crate) mod refund;
pub(crate) mod remittance;
pub(crate) mod second_factor;
pub(crate) mod user_error;
pub(crate) mod viewer;
pub(crate) mod wallet;

pub(crate) use enums::*;
pub(crate) use money::Money;
pub(crate) use payment_enums::*;
pub(crate) use user_error::UserError;
