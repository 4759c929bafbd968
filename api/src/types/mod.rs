//! What the types of all nouns are made of: enums, money, errors. A type translates; whether somebody sees a thing is decided where it is read.
//!
//! What a resolver may wait for is boxed: a field is given as much room as the largest of its type would need, and a page
//! has hundreds of fields that wait for nothing.

pub(crate) mod enums;
pub(crate) mod money;
pub(crate) mod payment_enums;
pub(crate) mod user_error;

pub(crate) use enums::*;
pub(crate) use money::Money;
pub(crate) use payment_enums::*;
pub(crate) use user_error::UserError;
