//! Who asks, and how a request came.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use billow_billing::Actor;

use crate::auth::Identity;

/// One request, whichever way it came.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Who.
    pub identity: Arc<Identity>,
    /// The request's id, which errors quote.
    pub request_id: Arc<str>,
    /// How it came.
    pub transport: Transport,
    /// Where from; guessing is limited by it.
    pub address: Option<IpAddr>,
    /// What the program calls itself.
    pub user_agent: Option<Arc<str>>,
    /// The browser's first language.
    pub language: Option<Arc<str>>,
}

impl Caller {
    /// Who.
    pub(crate) fn actor(&self) -> &Actor {
        &self.identity.actor
    }
}

/// The caller that an operation signed in: the rest of the operation runs as that caller.
#[derive(Debug, Default)]
pub(crate) struct Admission(OnceLock<Caller>);

impl Admission {
    /// Runs the rest of the operation as `caller`; only the first call counts.
    pub(crate) fn admit(&self, caller: Caller) {
        drop(self.0.set(caller));
    }

    /// The caller that was signed in, if any.
    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.0.get()
    }
}

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// With an answer that can carry a cookie.
    Http,
    /// Over a socket.
    Socket,
}
