//! Who signs in: people with e-mail and password, programs with keys.
//!
//! Tokens and keys are 32 random bytes; only their SHA-256 is stored. Passwords are Argon2id. What is wrong about a sign-in
//! is never said in more detail than that it is wrong, and takes the same time whatever it is.

mod addresses;
mod api_clients;
mod authenticate;
mod change_password;
mod confirm;
mod guard;
mod links;
mod password;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_up;
mod staff;
mod sweep;
mod verify;

use std::net::IpAddr;
use std::sync::Arc;

pub(crate) use addresses::hold;
pub use api_clients::{NewApiClient, scopes_of};
use billow_entities::{SessionKind, customer, session, user};
use billow_kernel::audit::Audit;
use billow_kernel::cipher::Cipher;
use billow_kernel::clock::{Entropy, Ids, SharedClock};
pub use billow_kernel::error::ConfirmationMethod;
use billow_kernel::events::Events;
use billow_kernel::kernel::Kernel;
use billow_kernel::settings::Settings;
pub use billow_kernel::settings::{SecondFactorRule, SecuritySettings};
use billow_kernel::store::Store;
pub use confirm::ConfirmationProof;
pub use guard::{Budget, Limit, Limits};
pub(crate) use password::Passwords;
pub use password::{DEMO_PASSWORD, MAX_PASSWORD, MIN_PASSWORD};
pub use reset::ResetFor;
pub use second_factor::{CompleteSignIn, FactorProof, PasskeyChallenge, ResetTarget, SecondFactors, SignInChallenge, TotpSetup};
pub(crate) use second_factor::{RelyingParty, relying_party};
pub use secrecy::{ExposeSecret, SecretString};
pub use sign_in::{SignIn, SignInOutcome};
pub use sign_up::SignUp;
pub use staff::NewUser;
pub use verify::Holder;

/// Who signs in, and how they prove it.
#[derive(Clone)]
pub struct Identity {
    store: Store,
    clock: SharedClock,
    ids: Ids,
    entropy: Arc<dyn Entropy>,
    cipher: Cipher,
    settings: Arc<Settings>,
    audit: Audit,
    events: Arc<Events>,
    passwords: Arc<Passwords>,
    relying_party: Arc<RelyingParty>,
}

impl Identity {
    /// The service, standing on `kernel`.
    #[must_use]
    pub fn new(kernel: &Kernel) -> Arc<Self> {
        Arc::new(Self {
            store: kernel.store.clone(),
            clock: kernel.clock.clone(),
            ids: kernel.ids.clone(),
            entropy: kernel.entropy.clone(),
            cipher: kernel.cipher.clone(),
            settings: kernel.settings.clone(),
            audit: kernel.audit.clone(),
            events: kernel.events.clone(),
            passwords: Arc::default(),
            relying_party: Arc::new(relying_party(&kernel.settings.base_url)),
        })
    }
}

/// The device somebody signs in on.
#[derive(Clone, Debug)]
pub struct Device {
    /// How it will present itself.
    pub kind: SessionKind,
    /// What it calls itself.
    pub user_agent: Option<String>,
    /// Where it connects from; guessing is limited by it.
    pub address: Option<IpAddr>,
}

/// Somebody who is signed in now.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The token; told once.
    pub token: SecretString,
    /// The sign-in.
    pub session: session::Model,
    /// Who.
    pub user: user::Model,
    /// For customers: whom they act for.
    pub customer: Option<customer::Model>,
    /// Whether they must set up a second factor before anything else.
    pub must_enrol: bool,
}

/// How the text of an e-mail address is stored and compared.
fn normal_email(text: &str) -> String {
    text.trim().to_lowercase()
}
