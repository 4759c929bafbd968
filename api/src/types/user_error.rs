//! What a person can mend.

use async_graphql::SimpleObject;

/// Something about an input that whoever sent it can mend. Nothing was changed.
#[derive(SimpleObject, Clone, Debug)]
pub(crate) struct UserError {
    /// For programs, in upper case.
    pub code: String,
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
        Self { code: cause.code.into_owned(), message: cause.message, path: cause.path, retry_after, related_id }
    }
}
