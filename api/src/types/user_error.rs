//! What a person can mend.

use async_graphql::{Enum, SimpleObject};

use crate::types::enums::same_as;

macro_rules! as_graphql {
    ($(#[doc = $meaning:literal] $variant:ident = $code:literal,)*) => {
        same_as! {
            /// What is wrong with an input, for programs. A code keeps its meaning. Codes are added, so a program takes one that it
            /// does not know like `INVALID`.
            UserErrorCode = "billow_billing::UserErrorCode" {
                $(#[doc = $meaning] $variant),*
            }
        }

        #[cfg(test)]
        const CODES: &[(&str, UserErrorCode)] = &[$(($code, UserErrorCode::$variant)),*];
    };
}

billow_billing::user_error_codes!(as_graphql);

/// Something about an input that whoever sent it can mend. Nothing was changed.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct UserError {
    /// For programs.
    pub code: UserErrorCode,
    /// For people, in a whole sentence.
    pub message: String,
    /// Which field of the input, from the outside in; empty for the whole input.
    pub path: Vec<String>,
    /// For `TOO_MANY_ATTEMPTS`: in how many seconds it may be tried again.
    pub retry_after: Option<i32>,
    /// For staff: the id of what is in the way, such as the customer who has an e-mail address already.
    pub related_id: Option<async_graphql::ID>,
}

impl From<billow_billing::UserError> for UserError {
    fn from(cause: billow_billing::UserError) -> Self {
        let retry_after = cause.retry_after_s.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX));
        let related_id = cause.related_id.map(Into::into);
        // A later release may have stored one that this one does not know.
        let code = cause.code.parse().unwrap_or(billow_billing::UserErrorCode::Invalid);
        Self { code: code.into(), message: cause.message, path: cause.path, retry_after, related_id }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::enum_value;

    use super::*;

    #[test]
    fn a_code_is_written_the_same_everywhere() {
        assert!(CODES.len() > 100);
        for (code, shown) in CODES {
            assert_eq!(enum_value(*shown), async_graphql::Value::Enum(async_graphql::Name::new(code)));
            assert_eq!(code.parse(), Ok(billow_billing::UserErrorCode::from(*shown)));
            assert_eq!(billow_billing::UserErrorCode::from(*shown).as_str(), *code);
        }
    }
}
