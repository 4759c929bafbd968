//! Who asks: a cookie, a bearer token or an API key becomes an [`Actor`].
//!
//! What was read about a token is kept for a few seconds, so that a page of a busy screen does not begin with the same
//! question to the database each time. A sign-in that ends is forgotten at once: by the mutation that ended it, and by the
//! event, whichever process it happened in.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use billow_billing::{Actor, Billing, Error};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::ApiConfig;

/// The browser's cookie.
pub(crate) const COOKIE: &str = "billow_session";
/// How long what was read about a token counts.
const FRESH: Duration = Duration::seconds(5);
/// Tokens remembered.
const REMEMBERED: usize = 10_000;

/// Whoever asks, and how they like things written.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// Who.
    pub actor: Actor,
    /// BCP 47; for customers.
    pub locale: Option<String>,
    /// For customers.
    pub zone: Option<Tz>,
}

impl Identity {
    /// Nobody.
    pub(crate) fn anonymous() -> Arc<Self> {
        Arc::new(Self { actor: Actor::Anonymous, locale: None, zone: None })
    }
}

/// What a request brings to prove who sent it.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    /// Nothing.
    None,
    /// The browser's cookie, which it sends whether or not the page meant it.
    Cookie(SecretString),
    /// A token or key that the program itself put there.
    Bearer(SecretString),
}

impl Credential {
    /// Who holds it now, by the database. A cookie's token is no bearer token, nor the other way round.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody does.
    pub(crate) async fn actor(&self, billing: &Billing) -> Result<Actor, Error> {
        match self {
            Self::None => Err(Error::Unauthenticated),
            Self::Cookie(token) => billing.identity.authenticate_cookie(token).await,
            Self::Bearer(token) => billing.identity.authenticate(token).await,
        }
    }

    /// What stands for it in memory.
    fn digest(&self) -> [u8; 32] {
        use sha2::Digest as _;
        let (how, token) = match self {
            Self::None => ("none", ""),
            Self::Cookie(token) => ("cookie", token.expose_secret()),
            Self::Bearer(token) => ("bearer", token.expose_secret()),
        };
        sha2::Sha256::new().chain_update(how).chain_update([0]).chain_update(token).finalize().into()
    }
}

/// Reads the credential of a request; a bearer token counts for more than a cookie.
pub(crate) fn credential(headers: &HeaderMap) -> Credential {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        return Credential::Bearer(bearer(value.to_str().unwrap_or_default()).unwrap_or_default().into());
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let token = cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    match token.filter(|token| !token.is_empty()) {
        Some(token) => Credential::Cookie(token.to_owned().into()),
        None => Credential::None,
    }
}

/// The token of `Bearer …`.
pub(crate) fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Where a request came from, as far as its origin tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No browser says so.
    Absent,
    /// One of our own pages.
    Ours,
    /// Somebody else's page.
    Foreign,
}

/// Which page sent a request.
pub(crate) fn origin(headers: &HeaderMap, config: &ApiConfig) -> Origin {
    match headers.get(header::ORIGIN) {
        None => Origin::Absent,
        Some(value) if value.to_str().is_ok_and(|origin| config.allows_origin(origin)) => Origin::Ours,
        Some(_) => Origin::Foreign,
    }
}

/// The address a request came from.
pub(crate) fn address(headers: &HeaderMap, peer: Option<IpAddr>, config: &ApiConfig) -> Option<IpAddr> {
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    peer.map(|peer| config.trusted_proxies.caller(peer, forwarded))
}

/// The cookie that signs a browser in.
pub(crate) fn set_cookie(token: &SecretString, config: &ApiConfig) -> String {
    // The server decides how long a sign-in lasts; a browser keeps no cookie longer than 400 days.
    cookie(token.expose_secret(), 400 * 24 * 3_600, config)
}

/// The cookie that signs a browser out.
pub(crate) fn clear_cookie(config: &ApiConfig) -> String {
    cookie("", 0, config)
}

fn cookie(value: &str, max_age_s: u32, config: &ApiConfig) -> String {
    let secure = if config.secure_cookies { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}")
}

/// What was read about tokens lately.
#[derive(Debug, Default)]
pub(crate) struct Identities(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    by_token: HashMap<[u8; 32], (Arc<Identity>, DateTime<Utc>)>,
    /// Counts the times everything was forgotten: what was read before such a time must not be remembered after it.
    forgotten: u64,
}

impl Identities {
    /// Who holds `credential`.
    ///
    /// # Errors
    /// `Unauthenticated` when nobody does.
    pub(crate) async fn of(&self, billing: &Billing, credential: &Credential) -> Result<Arc<Identity>, Error> {
        let key = credential.digest();
        let forgotten = {
            let remembered = self.0.lock();
            if let Some((identity, at)) = remembered.by_token.get(&key)
                && (billing.kernel.clock.now() - *at).abs() < FRESH
            {
                return Ok(Arc::clone(identity));
            }
            remembered.forgotten
        };
        let actor = credential.actor(billing).await?;
        let customer = match actor.customer() {
            Ok(id) => Some(billing.customers.customer(&actor, id).await?),
            Err(_) => None,
        };
        let identity = Arc::new(Identity {
            actor,
            zone: customer.as_ref().and_then(|c| c.time_zone.parse().ok()),
            locale: customer.map(|c| c.locale),
        });
        let mut remembered = self.0.lock();
        if remembered.forgotten == forgotten {
            if remembered.by_token.len() >= REMEMBERED {
                remembered.by_token.clear();
            }
            remembered.by_token.insert(key, (Arc::clone(&identity), billing.kernel.clock.now()));
        }
        Ok(identity)
    }

    /// Forgets everybody.
    pub(crate) fn forget(&self) {
        let mut remembered = self.0.lock();
        remembered.by_token.clear();
        remembered.forgotten += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    fn read(pairs: &[(&'static str, &str)]) -> String {
        match credential(&headers(pairs)) {
            Credential::None => "none".into(),
            Credential::Cookie(token) => format!("cookie {}", token.expose_secret()),
            Credential::Bearer(token) => format!("bearer {}", token.expose_secret()),
        }
    }

    #[test]
    fn the_credential_is_the_program_s_before_the_browser_s() {
        assert_eq!(read(&[]), "none");
        assert_eq!(read(&[("cookie", "a=1; billow_session=T; b=2")]), "cookie T");
        assert_eq!(read(&[("cookie", "billow_session_other=T")]), "none");
        assert_eq!(read(&[("cookie", "billow_session=")]), "none");
        assert_eq!(read(&[("cookie", "billow_session=T"), ("authorization", "bearer  K ")]), "bearer K");
        assert_eq!(read(&[("cookie", "billow_session=T"), ("authorization", "Basic abc")]), "bearer ");
    }

    #[test]
    fn the_caller_s_address_is_the_one_our_own_proxy_wrote() {
        let mut config = ApiConfig::new("https://billow.test");
        let peer: Option<IpAddr> = Some([10, 0, 0, 1].into());
        let forged = headers(&[("x-forwarded-for", "1.1.1.1, 203.0.113.9")]);
        assert_eq!(address(&forged, peer, &config), peer);
        config.trusted_proxies = crate::TrustedProxies::of(&["10.0.0.0/8"]).expect("networks");
        assert_eq!(address(&forged, peer, &config), Some([203, 0, 113, 9].into()));
        assert_eq!(address(&headers(&[("x-forwarded-for", "nonsense")]), peer, &config), peer);
    }

    #[test]
    fn the_cookie_is_for_http_and_this_site_only() {
        let token = SecretString::from("T".to_owned());
        let secure = set_cookie(&token, &ApiConfig::new("https://billow.test"));
        assert!(secure.starts_with("billow_session=T; Path=/; HttpOnly; SameSite=Lax;") && secure.ends_with("; Secure"));
        assert!(!clear_cookie(&ApiConfig::new("http://localhost:8080")).contains("Secure"));
    }
}
