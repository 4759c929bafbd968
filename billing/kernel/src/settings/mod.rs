//! What the business is told once, at the start.

mod security;

pub use security::{SecondFactorRule, SecuritySettings};

use crate::error::Problems;

/// The longest address to come back to.
const MAX_RETURN_URL: usize = 2_000;

/// What the business is told once, at the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The web app's address without a trailing slash; links in messages begin with it.
    pub base_url: String,
    /// This process's name, unique among all processes.
    pub worker: String,
    /// How long a sign-in lasts without use, in days.
    pub session_days: i64,
    /// How long a sign-in lasts however much it is used, in days.
    pub session_max_days: i64,
    /// How many customers may sign up from one address in an hour.
    pub sign_ups_per_hour: i32,
    /// Whether people can sign up without an invitation.
    pub sign_up_open: bool,
    /// Whether this is the demo, in which everybody has a password that anybody can read.
    pub demo: bool,
    /// Whether gateways of the sandbox's card network may be added: it moves no money.
    pub sandbox_gateways: bool,
    /// Second factors, and when people are asked again who they are.
    pub security: SecuritySettings,
}

impl Settings {
    /// The defaults.
    #[must_use]
    pub fn new(base_url: impl Into<String>, worker: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            worker: worker.into(),
            session_days: 30,
            session_max_days: 180,
            sign_ups_per_hour: 60,
            sign_up_open: true,
            demo: false,
            sandbox_gateways: false,
            security: SecuritySettings::default(),
        }
    }

    /// The address the browser comes back to, if it is one of ours.
    pub fn check_return_url(&self, url: Option<&str>, problems: &mut Problems) {
        let Some(url) = url else { return };
        let ours = url.strip_prefix(self.base_url.as_str()).is_some_and(|rest| {
            // What follows must not go on with the host's name.
            rest.is_empty() || rest.starts_with(['/', '?', '#'])
        });
        if !ours || url.len() > MAX_RETURN_URL || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            problems.add("INVALID", "returnUrl", "This is not an address of this web app.");
        }
    }
}
