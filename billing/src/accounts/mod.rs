//! Customers' accounts at providers: added, mended, paused, closed.

mod params;

pub use params::{MAX_PARAM_LENGTH, compile_pattern, identifier_hint, normalize_identifier, validate_params};
