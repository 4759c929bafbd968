//! What a browser does when its person says yes to notifications.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::elliptic_curve::rand_core::{OsRng, RngCore as _};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::SandboxError;
use crate::control::Refusal;
use crate::server::Site;
use crate::world::{PushFault, SandboxState, Subscription};

/// A push subscription as a browser hands it to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSubscription {
    /// Names it here; the last part of the endpoint.
    #[serde(default)]
    pub id: String,
    /// Where to post.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The browser's secret, base64url.
    pub auth: String,
}

impl SandboxState {
    /// Makes a push subscription. With a sender's public key (base64url), pushes of other senders are refused.
    ///
    /// # Errors
    /// When there are too many.
    pub fn create_subscription(&self, sender_key: Option<&str>) -> Result<NewSubscription, SandboxError> {
        let secret = p256::SecretKey::random(&mut OsRng);
        let mut auth = [0; 16];
        OsRng.fill_bytes(&mut auth);
        let mut name = [0; 16];
        OsRng.fill_bytes(&mut name);
        let id = Uuid::from_u128(u128::from_le_bytes(name)).simple().to_string();
        let made = NewSubscription {
            endpoint: format!("{}/push/send/{id}", self.http_url()),
            p256dh: BASE64_URL_SAFE_NO_PAD.encode(secret.public_key().to_encoded_point(false).as_bytes()),
            auth: BASE64_URL_SAFE_NO_PAD.encode(auth),
            id: id.clone(),
        };
        self.keep_subscription(id, Subscription { secret, auth, sender_key: sender_key.map(str::to_owned), fault: None })?;
        Ok(made)
    }

    /// The last part of an endpoint: the subscription's id.
    #[must_use]
    pub fn subscription_of(endpoint: &str) -> &str {
        endpoint.rsplit('/').next().unwrap_or(endpoint)
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wish {
    application_server_key: Option<String>,
}

pub(super) async fn subscribe(State(site): State<Site>, wish: Option<Json<Wish>>) -> Result<(StatusCode, Json<Value>), Refusal> {
    let key = wish.and_then(|w| w.0.application_server_key);
    let made = site.state.create_subscription(key.as_deref())?;
    let answer =
        json!({ "id": made.id, "endpoint": made.endpoint, "expirationTime": null, "keys": { "p256dh": made.p256dh, "auth": made.auth } });
    Ok((StatusCode::CREATED, Json(answer)))
}

pub(super) async fn set_fault(
    State(site): State<Site>,
    Path(id): Path<String>,
    Json(fault): Json<Option<PushFault>>,
) -> Result<StatusCode, Refusal> {
    site.state.set_push_fault(&id, fault)?;
    Ok(StatusCode::NO_CONTENT)
}
