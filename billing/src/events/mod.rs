//! The event log: appended with the change it tells of, numbered by the relay, told live and kept as the archive.

mod consumer;
mod follow;
mod hub;
mod relay;
mod whose;

pub(crate) use consumer::digest_all;
pub use consumer::{Consumer, Digest};
pub use follow::{FollowFrom, Followed, Scope as FollowScope};
pub use hub::{LiveHub, LiveItem, LiveStream, Topic};
pub use relay::Relay;

/// The kinds of events, as they are stored and told.
pub mod kind {
    /// A bill arrived. Data: `BillEventData` of `crate::bills`.
    pub const BILL_RECEIVED: &str = "bill.received";
    /// A bill changed: corrected, paid, voided or superseded. Data: the same, with what changed.
    pub const BILL_UPDATED: &str = "bill.updated";
    /// An account was added, mended, paused or closed, or needs its owner's attention.
    pub const ACCOUNT_UPDATED: &str = "account.updated";
    /// A household changed: its members should look at their homes again.
    pub const PROPERTY_UPDATED: &str = "property.updated";
    /// A customer was onboarded or changed.
    pub const CUSTOMER_UPDATED: &str = "customer.updated";
    /// An onboarded customer with an e-mail address was invited to sign in. Data: `invitation_id`; the secret link is made
    /// again by `Billing::invitation_link`.
    pub const CUSTOMER_INVITED: &str = "customer.invited";
    /// A run came further.
    pub const FETCH_RUN_PROGRESS: &str = "fetch_run.progress";
    /// An import came further.
    pub const IMPORT_PROGRESS: &str = "import.progress";
    /// A provider was registered, edited, paused, or its circuit opened or closed.
    pub const PROVIDER_UPDATED: &str = "provider.updated";
    /// A message was put into an inbox.
    pub const NOTIFICATION_CREATED: &str = "notification.created";
    /// A sign-in was revoked: its sockets close.
    pub const SESSION_REVOKED: &str = "session.revoked";
    /// Somebody signed in. Data: `user_id` and `user_agent`.
    pub const SESSION_CREATED: &str = "session.created";
    /// A password was changed. Data: `user_id`, and `by` where the password before it was not asked for.
    pub const PASSWORD_CHANGED: &str = "user.password_changed";
    /// A link to set a new password was requested. Subject: the link. The address is not in the log.
    pub const PASSWORD_RESET_REQUESTED: &str = "user.password_reset_requested";
    /// An address is to be confirmed. Subject: the link.
    pub const EMAIL_CONFIRMATION_REQUESTED: &str = "customer.email_confirmation_requested";
    /// A confirmed address was changed, or is about to be. Subject: the link to undo it. Data: `what`.
    pub const EMAIL_CHANGED: &str = "customer.email_changed";
    /// Somebody was invited to a household, or accepted. Subject: the invitation. Data: `property_id`, `change`.
    pub const PROPERTY_INVITATION_UPDATED: &str = "property.invitation_updated";
    /// Somebody's second factors changed, or somebody failed at them. Data: `user_id`, and `what` of `crate::identity::FactorNews`.
    pub const SECOND_FACTOR_CHANGED: &str = "user.second_factor_changed";
    /// An API key was revoked: its sockets close.
    pub const CLIENT_REVOKED: &str = "client.revoked";
    /// A payment came further, or its remittances, refunds or documents did. Subject: the payment. Data: `PaymentEventData`
    /// of `crate::payments`.
    pub const PAYMENT_UPDATED: &str = "payment.updated";
    /// A wallet's balance changed. Subject: the customer. Data: `currency`, `balance_minor`, `available_minor`.
    pub const WALLET_UPDATED: &str = "wallet.updated";
    /// A payment method was added, checked, refused or removed. Subject: the method. Data: `status`, `reason`.
    pub const METHOD_UPDATED: &str = "payment_method.updated";
    /// A gateway was set up, edited or paused, or its circuit opened or closed. Subject: the gateway.
    pub const GATEWAY_UPDATED: &str = "gateway.updated";
    /// A daily reconciliation ended. Subject: the reconciliation. Data: `gateway_id`, `day`, `discrepancies`.
    pub const RECONCILIATION_FINISHED: &str = "reconciliation.finished";
    /// An event ended in the dead letters.
    pub const DEAD_LETTER_ADDED: &str = "dead_letter.added";
}
