//! Who asks: every use case takes an [`Actor`] and decides by it.

use billow_entities::{ApiClientId, CustomerId, ImportRunId, ProviderId, Role, SessionId, UserId};

use crate::error::{Error, Result};

/// What an API client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    /// Post bills of one provider.
    #[serde(rename = "bills:push")]
    BillsPush,
    /// Read bills and accounts of all customers.
    #[serde(rename = "bills:read")]
    BillsRead,
    /// Follow the event log.
    #[serde(rename = "events:read")]
    EventsRead,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::BillsPush, Self::BillsRead, Self::EventsRead];

    /// As written in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BillsPush => "bills:push",
            Self::BillsRead => "bills:read",
            Self::EventsRead => "events:read",
        }
    }
}

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in.
    Anonymous,
    /// Somebody who signed in.
    User {
        /// Who.
        user_id: UserId,
        /// As what.
        role: Role,
        /// For customers: whom they act for.
        customer_id: Option<CustomerId>,
        /// By which sign-in.
        session_id: SessionId,
    },
    /// Staff who signed in but must set up a second factor before anything else (`security.second_factor`). The use cases
    /// that set one up let them pass by [`Actor::account`]; every other one refuses them.
    Enrolling {
        /// Who.
        user_id: UserId,
        /// As what, once there is a second factor.
        role: Role,
        /// By which session.
        session_id: SessionId,
    },
    /// A program with an API key.
    Client {
        /// Which.
        client_id: ApiClientId,
        /// What it may do.
        scopes: Vec<Scope>,
        /// For `bills:push`: the one provider.
        provider_id: Option<ProviderId>,
    },
    /// Billow on behalf of who started an import.
    Import {
        /// Which import.
        import_id: ImportRunId,
        /// Who started it; none for the command line.
        started_by: Option<UserId>,
    },
    /// Billow itself: jobs and the command line.
    System,
}

impl Actor {
    /// The customer who is signed in.
    ///
    /// # Errors
    /// When nobody is signed in, or somebody who is not a customer.
    pub fn customer(&self) -> Result<CustomerId> {
        match self {
            Self::User { customer_id: Some(id), .. } => Ok(*id),
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Enrolling { .. } => Err(Error::SecondFactorSetupRequired),
            _ => Err(Error::Forbidden),
        }
    }

    /// Lets pass customers and staff.
    ///
    /// Ask this before anything is read by an id: for everybody else an id that exists and one that does not answer alike.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    pub fn customer_or_staff(&self) -> Result<()> {
        if self.is_staff() { Ok(()) } else { self.customer().map(drop) }
    }

    /// Lets pass Billow itself.
    ///
    /// # Errors
    /// When anybody else asks.
    pub fn system(&self) -> Result<()> {
        if *self == Self::System { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whether staff (an operator or an administrator) or Billow itself asks.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        matches!(self, Self::System | Self::Import { .. } | Self::User { role: Role::Operator | Role::Admin, .. })
    }

    /// Whether an administrator or Billow itself asks.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        matches!(self, Self::System | Self::User { role: Role::Admin, .. })
    }

    /// Lets staff pass.
    ///
    /// # Errors
    /// When somebody else asks.
    pub fn staff(&self) -> Result<()> {
        self.let_pass(self.is_staff())
    }

    /// Lets administrators pass.
    ///
    /// # Errors
    /// When somebody else asks.
    pub fn admin(&self) -> Result<()> {
        self.let_pass(self.is_admin())
    }

    /// Whether a program with this scope asks.
    #[must_use]
    pub fn has_scope(&self, scope: Scope) -> bool {
        matches!(self, Self::Client { scopes, .. } if scopes.contains(&scope))
    }

    /// The user who is signed in.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    pub fn user(&self) -> Result<UserId> {
        match self {
            Self::User { user_id, .. } => Ok(*user_id),
            Self::Anonymous => Err(Error::Unauthenticated),
            Self::Enrolling { .. } => Err(Error::SecondFactorSetupRequired),
            _ => Err(Error::Forbidden),
        }
    }

    /// Lets everybody pass who is signed in, and every program.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn known(&self) -> Result<()> {
        self.let_pass(!matches!(self, Self::Anonymous | Self::Enrolling { .. }))
    }

    /// The user who is signed in, even one who must set up a second factor first: only for what leads there or signs out.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    pub fn account(&self) -> Result<UserId> {
        match self {
            Self::Enrolling { user_id, .. } => Ok(*user_id),
            _ => self.user(),
        }
    }

    /// The sign-in by which somebody asks.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self {
            Self::User { session_id, .. } | Self::Enrolling { session_id, .. } => Some(*session_id),
            _ => None,
        }
    }

    /// How the audit trail names it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".into(),
            Self::User { user_id, .. } | Self::Enrolling { user_id, .. } => user_id.to_string(),
            Self::Client { client_id, .. } => client_id.to_string(),
            Self::Import { started_by: Some(user_id), .. } => user_id.to_string(),
            Self::Import { started_by: None, .. } | Self::System => "system".into(),
        }
    }

    /// The import on whose behalf something is done.
    #[must_use]
    pub fn import_id(&self) -> Option<ImportRunId> {
        match self {
            Self::Import { import_id, .. } => Some(*import_id),
            _ => None,
        }
    }

    fn let_pass(&self, allowed: bool) -> Result<()> {
        match (allowed, self) {
            (true, _) => Ok(()),
            (false, Self::Anonymous) => Err(Error::Unauthenticated),
            (false, Self::Enrolling { .. }) => Err(Error::SecondFactorSetupRequired),
            (false, _) => Err(Error::Forbidden),
        }
    }
}
