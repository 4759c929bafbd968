//! Errors of the business: what a person can mend is data, what nobody foresaw is a fault.

use std::error::Error as StdError;
use std::fmt;

use crate::text::cleaned;

/// The outcome of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do its work. Nothing has been changed then, except that after a fault in a commit it is not known
/// whether it was carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input, or the moment, is wrong; whoever asked can mend it.
    #[error("{}", .0.first().map_or("the input was refused", |e| e.message.as_str()))]
    Invalid(Vec<UserError>),
    /// There is no such thing, or it is somebody else's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Nobody is signed in, or no longer.
    #[error("sign in first")]
    Unauthenticated,
    /// Whoever is signed in may not do this.
    #[error("you are not allowed to do this")]
    Forbidden,
    /// This needs a recent proof of who is asking: confirm by one of these methods and ask again.
    #[error("confirm that it is you first")]
    ConfirmationRequired {
        /// How the session can be confirmed.
        methods: Vec<ConfirmationMethod>,
    },
    /// Staff must set up a second factor before anything else.
    #[error("set up a second factor first")]
    SecondFactorSetupRequired,
    /// Too much, too often.
    #[error("too many attempts; try again in {retry_after_s} seconds")]
    TooMany {
        /// In seconds.
        retry_after_s: u64,
    },
    /// The database cannot store data at the moment, so nothing was started.
    #[error("the database cannot store data at the moment")]
    Unavailable,
    /// Nothing the caller could mend.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How a session can be confirmed, and how the second step of signing in can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationMethod {
    /// The password; only where no second factor is set up.
    Password,
    /// A code of the authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

impl ConfirmationMethod {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::Totp => "TOTP",
            Self::Passkey => "PASSKEY",
            Self::RecoveryCode => "RECOVERY_CODE",
        }
    }
}

/// Something a person can mend.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UserError {
    /// For programs, in upper case; documented in `docs/errors.md`.
    pub code: std::borrow::Cow<'static, str>,
    /// For people, in a whole sentence.
    pub message: String,
    /// Which field of the input, from the outside in.
    pub path: Vec<String>,
    /// When it may be tried again, in seconds from now; for what was tried too often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// For staff: the id of what is in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related_id: Option<String>,
}

impl UserError {
    /// An error about the field at `path` (parts separated by dots; empty for the whole input).
    #[must_use]
    pub fn new(code: &'static str, path: &str, message: impl Into<String>) -> Self {
        let path = path.split('.').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        Self { code: code.into(), message: message.into(), path, retry_after_s: None, related_id: None }
    }

    /// What was tried too often.
    #[must_use]
    pub fn too_many(retry_after_s: u64) -> Self {
        let message = format!("Too many attempts; try again in {retry_after_s} seconds.");
        Self { retry_after_s: Some(retry_after_s), ..Self::new("TOO_MANY_ATTEMPTS", "", message) }
    }

    /// The same, naming what is in the way.
    #[must_use]
    pub fn about(mut self, id: impl fmt::Display) -> Self {
        self.related_id = Some(id.to_string());
        self
    }
}

/// The context of a fault in a commit that may have been carried out.
pub(crate) const UNKNOWN_COMMIT: &str = "a commit whose outcome is not known";

impl Error {
    /// Whether the same work may succeed when it is tried again; see [`crate::database_errors::is_transient`].
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let Self::Fault(fault) = self else { return false };
        fault.database().is_some_and(crate::database_errors::is_transient)
    }

    /// Whether the database could not be used just now, so that it is worth asking again later.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        use crate::database_errors::{is_storage, is_transient};
        match self {
            Self::Unavailable => true,
            Self::Fault(fault) => {
                fault.context == UNKNOWN_COMMIT || fault.database().is_some_and(|error| is_transient(error) || is_storage(error))
            }
            _ => false,
        }
    }

    /// The same error; [`Self::Unavailable`] where a statement failed because the disk or the memory behind the database did,
    /// so that its transaction certainly was not committed.
    pub fn or_unavailable(self) -> Self {
        match &self {
            Self::Fault(fault) if fault.context != UNKNOWN_COMMIT && fault.database().is_some_and(crate::database_errors::is_storage) => {
                Self::Unavailable
            }
            _ => self,
        }
    }

    /// One error about one field.
    #[must_use]
    pub fn invalid(code: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![UserError::new(code, path, message)])
    }

    /// A cursor that is not one of ours.
    #[must_use]
    pub fn bad_cursor() -> Self {
        Self::invalid("INVALID_CURSOR", "after", "This cursor is not one of ours; begin without one.")
    }
}

/// What went wrong beneath, with its source kept, and words for an operator.
#[derive(Debug)]
pub struct Fault {
    context: &'static str,
    source: Box<dyn StdError + Send + Sync>,
}

impl Fault {
    /// Wraps `source`, saying what was being done.
    pub fn new(context: &'static str, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { context, source: source.into() }
    }

    /// The error of the database, if it is one.
    pub(crate) fn database(&self) -> Option<&sea_orm::DbErr> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.context, self.source)
    }
}

impl StdError for Fault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::Fault(Fault::new("the database", source))
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self::Fault(Fault::new("stored JSON", source))
    }
}

/// Whether `error` is the refusal of the unique index `name` (PostgreSQL names the index, SQLite its columns).
#[must_use]
pub fn violates(error: &sea_orm::DbErr, name: &str, sqlite_columns: &str) -> bool {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(text)) => text.contains(name) || text.contains(sqlite_columns),
        _ => false,
    }
}

/// Collects what is wrong with an input, so that a person sees all of it at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<UserError>);

impl Problems {
    /// Adds an error about a field.
    pub fn add(&mut self, code: &'static str, path: &str, message: impl Into<String>) {
        self.0.push(UserError::new(code, path, message));
    }

    /// A text with something to see in it, of at most `max` characters. Invisible characters are removed, control characters
    /// refused.
    pub fn text(&mut self, path: &str, value: &str, max: usize) -> String {
        let value = cleaned(value);
        if value.is_empty() {
            self.add("REQUIRED", path, "This field is required.");
        } else {
            self.bounded(path, &value, max);
        }
        value
    }

    /// A text that may be missing or blank.
    pub fn optional_text(&mut self, path: &str, value: Option<&str>, max: usize) -> Option<String> {
        let value = value.map(cleaned).filter(|v| !v.is_empty())?;
        self.bounded(path, &value, max);
        Some(value)
    }

    fn bounded(&mut self, path: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.add("TOO_LONG", path, format!("At most {max} characters, please."));
        }
        if value.chars().any(|c| c.is_control() && c != '\n') {
            self.add("INVALID", path, "Control characters are not allowed.");
        }
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was collected.
    #[must_use]
    pub fn into_vec(self) -> Vec<UserError> {
        self.0
    }

    /// Fails with everything collected.
    ///
    /// # Errors
    /// When something was collected.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
