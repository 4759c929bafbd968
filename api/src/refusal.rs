//! From the business's errors to the API's.
//!
//! What a person can cause is data: mutations put it into `userErrors`. What is left becomes a top-level error with a code;
//! a fault is logged here, once, and the caller learns only that there was one, and the request's id to quote.

use async_graphql::ErrorExtensions as _;
use billow_billing::{Error, UserError as Cause};

use crate::types::UserError;

/// A field's outcome.
pub(crate) type Result<T, E = Refusal> = std::result::Result<T, E>;

/// Why a field has no value.
#[derive(Debug)]
pub(crate) struct Refusal(pub Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<Refusal> for async_graphql::Error {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = described(&refusal.0);
        Self::new(message).extend_with(|_, extensions| {
            extensions.set("code", code);
            match &refusal.0 {
                Error::TooMany { retry_after_s } => extensions.set("retryAfter", *retry_after_s),
                Error::ConfirmationRequired { methods } => {
                    let methods: Vec<_> = methods.iter().map(|method| async_graphql::Value::from(method.as_str())).collect();
                    extensions.set("methods", async_graphql::Value::List(methods));
                }
                _ => {}
            }
        })
    }
}

/// What a caller is told of a fault.
pub(crate) const FAULT: &str = "Something went wrong on our side. Quote the request id when you ask about it.";

/// What a caller is told while the database cannot store data: nothing was started.
const NOT_SAVED: &str = "We cannot save data at the moment, so nothing was charged or changed. Please try again in a few minutes.";

/// What a caller is told when the database could not be used; it says nothing about what was done.
const OUTAGE: &str = "The service is temporarily unavailable. Please try again in a moment. A request that is repeated with the same \
                      idempotency key is not carried out twice.";

/// The code and the message for a top-level error; logs what the caller is not told.
pub(crate) fn described(error: &Error) -> (&'static str, String) {
    match error {
        Error::Invalid(causes) => ("BAD_USER_INPUT", causes.iter().map(|cause| cause.message.as_str()).collect::<Vec<_>>().join(" ")),
        Error::NotFound(what) => ("NOT_FOUND", format!("There is no such {what}.")),
        Error::Unauthenticated => ("UNAUTHENTICATED", "Sign in first.".into()),
        Error::Forbidden => ("FORBIDDEN", "You are not allowed to do this.".into()),
        Error::ConfirmationRequired { .. } => {
            ("CONFIRMATION_REQUIRED", "Confirm that it is you with `confirmIdentity`, then ask again.".into())
        }
        Error::SecondFactorSetupRequired => ("SECOND_FACTOR_SETUP_REQUIRED", "Set up a second factor first; your role needs one.".into()),
        Error::TooMany { retry_after_s } => ("TOO_MANY", format!("Too many attempts; try again in {retry_after_s} seconds.")),
        Error::Unavailable => ("UNAVAILABLE", NOT_SAVED.into()),
        Error::Fault(fault) => {
            log(fault);
            if error.is_outage() { ("UNAVAILABLE", OUTAGE.into()) } else { ("INTERNAL", FAULT.into()) }
        }
    }
}

/// Writes a fault with all that caused it.
pub(crate) fn log(fault: &(dyn std::error::Error + 'static)) {
    let mut causes = Vec::new();
    let mut next = fault.source();
    while let Some(cause) = next.take().filter(|_| causes.len() < 8) {
        causes.push(cause.to_string());
        next = cause.source();
    }
    let request = billow_billing::telemetry::current_trace_id().unwrap_or_default();
    tracing::error!(request.id = request, error = %fault, causes = causes.join(": "), "a request failed");
    metrics::counter!("billow_faults_total").increment(1);
}

/// Nothing, where there is no such thing for whoever asks.
pub(crate) fn if_found<T>(found: Result<T, Error>) -> Result<Option<T>> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What a mutation made, if it did, and what its caller has to mend, if it did not.
///
/// # Errors
/// What is wrong with the request as a whole: that nobody is signed in, and faults.
pub(crate) fn done<T>(outcome: Result<T, Error>) -> Result<(Option<T>, Vec<UserError>)> {
    let causes = match outcome {
        Ok(made) => return Ok((Some(made), Vec::new())),
        Err(Error::Invalid(causes)) => causes,
        Err(Error::NotFound(what)) => vec![Cause::new("NOT_FOUND", "", format!("There is no such {what}."))],
        Err(Error::Forbidden) => vec![Cause::new("FORBIDDEN", "", "You are not allowed to do this.")],
        Err(Error::TooMany { retry_after_s }) => vec![Cause::too_many(retry_after_s)],
        Err(Error::Unavailable) => vec![Cause::new("STORAGE_UNAVAILABLE", "", NOT_SAVED)],
        Err(error @ (Error::Unauthenticated | Error::ConfirmationRequired { .. } | Error::SecondFactorSetupRequired | Error::Fault(_))) => {
            return Err(error.into());
        }
    };
    Ok((None, causes.into_iter().map(UserError::from).collect()))
}
