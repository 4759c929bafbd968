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

/// Whom an operation signed in: what it asks for after that, it asks as them.
#[derive(Debug, Default)]
pub(crate) struct Admission(OnceLock<Caller>);

impl Admission {
    /// Lets the rest of the operation be asked as `caller`; only the first counts.
    pub(crate) fn admit(&self, caller: Caller) {
        drop(self.0.set(caller));
    }

    /// Whoever was signed in.
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
