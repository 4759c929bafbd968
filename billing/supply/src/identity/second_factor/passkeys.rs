//! Passkeys (WebAuthn): public keys that a phone, computer or security key holds and proves after checking its owner.
//!
//! They are bound to the host of `base_url`. Browsers know no passkeys for IP addresses, so there are none where that is one.

use std::sync::Arc;

use billow_entities::{ChallengePurpose, PasskeyId, SignInMethod, UserId, identity_challenge, passkey, user};
use billow_kernel::Actor;
use billow_kernel::error::{Error, Fault, Problems, Result, violates};
use billow_kernel::events::{SecondFactorChange, SecondFactorEventData};
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use secrecy::SecretString;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::challenge::{NewChallenge, challenge_over};
use super::{MAX_PASSKEYS, SecondFactors};
use crate::identity::Identity;
use crate::identity::{Budget, Device};

/// Characters of a passkey's name.
const MAX_NAME: usize = 100;

/// A challenge with what the browser needs to answer it.
#[derive(Clone, Debug)]
pub struct PasskeyChallenge {
    /// Send it back with the answer.
    pub token: SecretString,
    /// What the browser's `navigator.credentials` takes.
    pub options: Value,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// What checks passkeys, where there is something.
pub(crate) type RelyingParty = Option<Arc<Webauthn>>;

/// What checks passkeys for this address; none where it has no host name.
pub(crate) fn relying_party(base_url: &str) -> RelyingParty {
    let origin = Url::parse(base_url).ok()?;
    let host = origin.domain()?;
    match WebauthnBuilder::new(host, &origin).and_then(|builder| builder.rp_name("Billow").build()) {
        Ok(party) => Some(Arc::new(party)),
        Err(error) => {
            tracing::warn!(%error, "passkeys are off: base_url does not suit them");
            None
        }
    }
}

impl Identity {
    /// Whether passkeys can be used at this address.
    #[must_use]
    pub fn passkeys_available(&self) -> bool {
        self.relying_party.is_some()
    }

    fn party(&self) -> Result<&Webauthn> {
        let message = "Passkeys need a host name in the address of this service; an IP address has none.";
        self.relying_party.as_deref().ok_or_else(|| Error::invalid("PASSKEYS_UNAVAILABLE", "", message))
    }

    /// Starts adding a passkey.
    ///
    /// # Errors
    /// `PASSKEYS_UNAVAILABLE`; `TOO_MANY` above twenty; `ConfirmationRequired`.
    pub async fn start_passkey_registration(&self, actor: &Actor, user_agent: Option<&str>) -> Result<PasskeyChallenge> {
        actor.account()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let known = keys(&self.passkeys_of(user.id).await?)?;
        if known.len() >= MAX_PASSKEYS {
            return Err(too_many());
        }
        let exclude = known.iter().map(|key| key.cred_id().clone()).collect();
        let started = self.party()?.start_passkey_registration(user.id.0, &user.email, &user.email, Some(exclude));
        let (mut options, state) = started.map_err(library)?;
        // Where the device can keep it for signing in without a password.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Preferred);
        }
        let state = serde_json::to_vec(&state)?;
        let new = NewChallenge {
            purpose: ChallengePurpose::PasskeyRegistration,
            user_id: Some(user.id),
            session_id: actor.session_id(),
            kind: None,
            user_agent,
            state: Some(&state),
        };
        self.passkey_challenge(new, &options.public_key).await
    }

    /// Adds a passkey with the browser's answer. Answers recovery codes where the user had no second factor before.
    ///
    /// # Errors
    /// `CHALLENGE_INVALID`; `WRONG_PASSKEY` for an answer that does not fit; `PASSKEY_EXISTS`; `ConfirmationRequired`.
    #[tracing::instrument(name = "identity.add_passkey", skip_all)]
    pub async fn finish_passkey_registration(
        &self,
        actor: &Actor,
        token: &SecretString,
        credential: Value,
        name: &str,
        user_agent: Option<&str>,
    ) -> Result<(passkey::Model, SecondFactors, Vec<String>)> {
        actor.account()?;
        self.confirmed(actor).await?;
        let user = self.own_user(actor).await?;
        let mut problems = Problems::default();
        let name = problems.text("name", name, MAX_NAME);
        problems.finish()?;
        let party = self.party()?;
        let challenge = self.take_challenge(actor, token, user_agent, ChallengePurpose::PasskeyRegistration).await?;
        let state: PasskeyRegistration = self.challenge_state(&challenge)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_value(credential).map_err(|_| wrong_passkey("credential"))?;
        let key = party.finish_passkey_registration(&answer, &state).map_err(|error| refused("credential", &error))?;

        let mut tx = self.store.write_tx().await?;
        user::Entity::find_by_id(user.id).lock_exclusive().one(&*tx).await?;
        let before = self.second_factors_of(&*tx, &user).await?;
        if before.passkeys.len() >= MAX_PASSKEYS {
            return Err(too_many());
        }
        let row = passkey::ActiveModel {
            id: Set(PasskeyId(self.ids.next())),
            user_id: Set(user.id),
            name: Set(name),
            credential_id: Set(credential_id(&key)),
            credential: Set(serde_json::to_value(&key)?),
            created_at: Set(self.clock.now()),
            last_used_at: Set(None),
        };
        let row = row.insert(&*tx).await.map_err(|error| {
            if violates(&error, "passkeys_credential_key", "passkeys.credential_id") {
                Error::invalid("PASSKEY_EXISTS", "credential", "This passkey was added already.")
            } else {
                error.into()
            }
        })?;
        let codes = if before.any() { Vec::new() } else { self.renew_codes(&tx, user.id).await? };
        self.audit.record(&tx, actor, "user.add_passkey", user.id, user.customer_id, None, json!({"passkey": row.id})).await?;
        let news = SecondFactorEventData::of(user.id, SecondFactorChange::PasskeyAdded);
        self.tell_factors(&mut tx, &user, SecondFactorEventData { passkey: Some(row.name.clone()), ..news })?;
        let after = self.second_factors_of(&*tx, &user).await?;
        tx.commit().await?;
        Ok((row, after, codes))
    }

    /// Renames one of one's own passkeys.
    ///
    /// # Errors
    /// `NotFound`; what is wrong with the name.
    pub async fn rename_passkey(&self, actor: &Actor, id: PasskeyId, name: &str) -> Result<passkey::Model> {
        let user_id = actor.user()?;
        let mut problems = Problems::default();
        let name = problems.text("name", name, MAX_NAME);
        problems.finish()?;
        let tx = self.store.write_tx().await?;
        let row = own_passkey(user_id, id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("passkey"))?;
        let mut row = row.into_active_model();
        row.name = Set(name);
        let row = row.update(&*tx).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Removes one of one's own passkeys.
    ///
    /// # Errors
    /// `NotFound`; `SECOND_FACTOR_NEEDED`; `ConfirmationRequired`.
    pub async fn remove_passkey(&self, actor: &Actor, id: PasskeyId) -> Result<SecondFactors> {
        let user_id = actor.user()?;
        self.confirmed(actor).await?;
        let mut tx = self.store.write_tx().await?;
        let user = user::Entity::find_by_id(user_id).lock_exclusive().one(&*tx).await?.ok_or(Error::Unauthenticated)?;
        let row = own_passkey(user_id, id).one(&*tx).await?.ok_or(Error::NotFound("passkey"))?;
        let (id, name) = (row.id, row.name);
        passkey::Entity::delete_by_id(id).exec(&*tx).await?;
        let after = self.after_removal(&tx, &user).await?;
        self.audit.record(&tx, actor, "user.remove_passkey", user.id, user.customer_id, None, json!({"passkey": id})).await?;
        let news = SecondFactorEventData::of(user.id, SecondFactorChange::PasskeyRemoved);
        self.tell_factors(&mut tx, &user, SecondFactorEventData { passkey: Some(name), ..news })?;
        tx.commit().await?;
        Ok(after)
    }

    /// One of one's own passkeys.
    ///
    /// # Errors
    /// `NotFound` for everybody else.
    pub async fn passkey(&self, actor: &Actor, id: PasskeyId) -> Result<passkey::Model> {
        own_passkey(actor.account()?, id).one(self.store.primary()).await?.ok_or(Error::NotFound("passkey"))
    }

    /// Starts signing in with a passkey alone: the browser offers those it has for this host.
    ///
    /// # Errors
    /// `PASSKEYS_UNAVAILABLE`; `TooMany`.
    pub async fn start_passkey_sign_in(&self, _actor: &Actor, device: &Device) -> Result<PasskeyChallenge> {
        let party = self.party()?;
        let _counted = self.spend(Budget::PasskeySignIns, None, device.address).await?;
        let (mut options, state) = party.start_discoverable_authentication().map_err(library)?;
        // A button was pressed: the browser shows its own dialog.
        options.mediation = None;
        let state = serde_json::to_vec(&state)?;
        let new = NewChallenge {
            purpose: ChallengePurpose::PasskeySignIn,
            user_id: None,
            session_id: None,
            kind: Some(device.kind),
            user_agent: device.user_agent.as_deref(),
            state: Some(&state),
        };
        self.passkey_challenge(new, &options.public_key).await
    }

    /// Starts confirming one's own session with a passkey.
    ///
    /// # Errors
    /// `NO_SECOND_FACTOR` without a passkey; `PASSKEYS_UNAVAILABLE`.
    pub async fn start_passkey_confirmation(&self, actor: &Actor, user_agent: Option<&str>) -> Result<PasskeyChallenge> {
        let user_id = actor.account()?;
        let known = keys(&self.passkeys_of(user_id).await?)?;
        if known.is_empty() {
            return Err(Error::invalid("NO_SECOND_FACTOR", "", "You have no passkey."));
        }
        let (options, state) = self.party()?.start_passkey_authentication(&known).map_err(library)?;
        let state = serde_json::to_vec(&state)?;
        let new = NewChallenge {
            purpose: ChallengePurpose::Confirmation,
            user_id: Some(user_id),
            session_id: actor.session_id(),
            kind: None,
            user_agent,
            state: Some(&state),
        };
        self.passkey_challenge(new, &options.public_key).await
    }

    /// The options and the state of a second step with one of these passkeys; none where there are none.
    pub(super) fn second_step_options(&self, factors: &SecondFactors) -> Result<Option<(Value, Vec<u8>)>> {
        let Some(party) = self.relying_party.as_deref().filter(|_| !factors.passkeys.is_empty()) else { return Ok(None) };
        let (options, state) = party.start_passkey_authentication(&keys(&factors.passkeys)?).map_err(library)?;
        Ok(Some((serde_json::to_value(&options.public_key)?, serde_json::to_vec(&state)?)))
    }

    /// Whose passkey answered, as the answer itself says; what it says is checked by [`Self::use_passkey`].
    pub(super) fn passkey_owner(&self, answer: &Value) -> Result<Option<UserId>> {
        let Ok(answer) = serde_json::from_value::<PublicKeyCredential>(answer.clone()) else { return Ok(None) };
        Ok(self.party()?.identify_discoverable_authentication(&answer).ok().map(|(user, _)| UserId(user)))
    }

    /// Whether `answer` is right for the challenge, by a passkey the user has now. Notes the counter: one that does not grow
    /// tells of a copied key, and is refused.
    pub(super) async fn use_passkey(
        &self,
        tx: &WriteTx,
        user: UserId,
        challenge: &identity_challenge::Model,
        answer: &Value,
    ) -> Result<Option<SignInMethod>> {
        let Ok(answer) = serde_json::from_value::<PublicKeyCredential>(answer.clone()) else { return Ok(None) };
        let rows = passkey::Entity::find().filter(passkey::Column::UserId.eq(user)).lock_exclusive().all(&**tx).await?;
        let known = keys(&rows)?;
        let party = self.party()?;
        let (checked, method) = if challenge.purpose == ChallengePurpose::PasskeySignIn {
            let state: DiscoverableAuthentication = self.challenge_state(challenge)?;
            let known: Vec<DiscoverableKey> = known.iter().map(DiscoverableKey::from).collect();
            (party.finish_discoverable_authentication(&answer, state, &known), SignInMethod::Passkey)
        } else {
            let state: PasskeyAuthentication = self.challenge_state(challenge)?;
            (party.finish_passkey_authentication(&answer, &state), SignInMethod::PasswordPasskey)
        };
        let result = match checked {
            Ok(result) if result.user_verified() => result,
            Ok(_) => return Ok(None),
            Err(error) => {
                tracing::info!(%error, "a passkey was refused");
                return Ok(None);
            }
        };
        // Removed meanwhile, or used meanwhile by its copy.
        let Some((row, mut key)) = rows.into_iter().zip(known).find(|(_, key)| key.cred_id() == result.cred_id()) else { return Ok(None) };
        let before = counter(&row.credential);
        if (before > 0 || result.counter() > 0) && u64::from(result.counter()) <= before {
            tracing::warn!(passkey.id = %row.id, "the counter of a passkey did not grow; it may be a copy");
            return Ok(None);
        }
        key.update_credential(&result);
        let mut row = row.into_active_model();
        row.credential = Set(serde_json::to_value(&key)?);
        row.last_used_at = Set(Some(self.clock.now()));
        row.update(&**tx).await?;
        Ok(Some(method))
    }

    async fn passkeys_of(&self, user: UserId) -> Result<Vec<passkey::Model>> {
        let all = passkey::Entity::find().filter(passkey::Column::UserId.eq(user)).order_by_asc(passkey::Column::Id);
        Ok(all.all(self.store.primary()).await?)
    }

    async fn passkey_challenge(&self, new: NewChallenge<'_>, options: &impl serde::Serialize) -> Result<PasskeyChallenge> {
        let options = serde_json::to_value(options)?;
        let tx = self.store.write_tx().await?;
        let (token, expires_at) = self.open_challenge(&tx, new).await?;
        tx.commit().await?;
        Ok(PasskeyChallenge { token, options, expires_at })
    }

    /// Uses up a challenge of one's own session.
    pub(in crate::identity) async fn take_challenge(
        &self,
        actor: &Actor,
        token: &SecretString,
        user_agent: Option<&str>,
        purpose: ChallengePurpose,
    ) -> Result<identity_challenge::Model> {
        let tx = self.store.write_tx().await?;
        let challenge = self.live_challenge(&tx, token, user_agent).await?;
        let own = challenge.filter(|c| c.purpose == purpose && c.session_id.is_some() && c.session_id == actor.session_id());
        let challenge = own.ok_or_else(challenge_over)?;
        self.end_challenge(&tx, &challenge).await?;
        tx.commit().await?;
        Ok(challenge)
    }
}

fn own_passkey(user: UserId, id: PasskeyId) -> sea_orm::Select<passkey::Entity> {
    passkey::Entity::find_by_id(id).filter(passkey::Column::UserId.eq(user))
}

fn keys(rows: &[passkey::Model]) -> Result<Vec<Passkey>> {
    Ok(rows.iter().map(|row| serde_json::from_value(row.credential.clone())).collect::<std::result::Result<_, _>>()?)
}

fn credential_id(key: &Passkey) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key.cred_id())
}

/// The counter inside a stored key, which the library does not show.
fn counter(credential: &Value) -> u64 {
    credential["cred"]["counter"].as_u64().unwrap_or(0)
}

fn library(error: webauthn_rs::prelude::WebauthnError) -> Error {
    Error::Fault(Fault::new("passkeys", error))
}

fn refused(path: &str, error: &webauthn_rs::prelude::WebauthnError) -> Error {
    tracing::info!(%error, "a passkey was refused");
    wrong_passkey(path)
}

pub(super) fn wrong_passkey(path: &str) -> Error {
    Error::invalid("WRONG_PASSKEY", path, "This passkey was not accepted. Try again, or use another one.")
}

fn too_many() -> Error {
    Error::invalid("TOO_MANY", "", format!("At most {MAX_PASSKEYS} passkeys. Remove one first."))
}
