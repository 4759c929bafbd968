use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the sandbox could not do something.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// There is no such pretend provider.
    #[error("there is no provider {0}")]
    UnknownProvider(String),
    /// The provider has no such account.
    #[error("{provider} has no account {account}")]
    UnknownAccount {
        /// The provider's code.
        provider: &'static str,
        /// The account.
        account: String,
    },
    /// The account has no such bill.
    #[error("account {account} has no bill {number}")]
    UnknownBill {
        /// The account.
        account: String,
        /// The bill's number.
        number: String,
    },
    /// There is no such recharge plan.
    #[error("there is no recharge plan {0}")]
    UnknownPlan(String),
    /// There is no such push subscription.
    #[error("there is no push subscription {0}")]
    UnknownSubscription(String),
    /// A prepaid line has no bills, and any other account no plan.
    #[error("{0}")]
    WrongSort(&'static str),
    /// A bound is reached.
    #[error("there may be no more than {max} {what}")]
    Full {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// A server could not listen.
    #[error("cannot listen on {addr}")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The drop folder could not be written.
    #[error("cannot write {path}")]
    Drop {
        /// Which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}
