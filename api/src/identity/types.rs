//! Who signs in.

use async_graphql::{Context, ID, Object};
use billow_billing::identity::scopes_of;
use billow_entities::{api_client, session, user};

use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::identity::second_factor::SignInMethod;
use crate::ids;
use crate::loaders::{Find as _, has_second_factor};
use crate::providers::provider::Provider;
use crate::refusal::Result;
use crate::scalars::Instant;
use crate::types::{ApiScope, Role, SessionKind};

/// Somebody who signs in.
#[derive(Clone, Debug)]
pub(crate) struct User(pub user::Model);

/// Somebody who signs in: a customer or a member of staff.
#[Object]
impl User {
    /// Their id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// The e-mail address they sign in with.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What they may do.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// For customers: whom they act for.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Option<Customer>> {
        let Some(id) = self.0.customer_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(Customer::of))
    }

    /// Since when.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When they were kept from signing in, if they were.
    async fn disabled_at(&self) -> Option<Instant> {
        self.0.disabled_at.map(Instant)
    }

    /// Whether an authenticator app or a passkey is asked for when they sign in. Told to administrators and to themselves;
    /// null for others.
    async fn has_second_factor(&self, ctx: &Context<'_>) -> Result<Option<bool>> {
        let actor = ctx.actor();
        if !actor.is_admin() && actor.user().ok() != Some(self.0.id) {
            return Ok(None);
        }
        Ok(Some(has_second_factor(ctx.loaders(), self.0.id).await?))
    }
}

/// A sign-in in force on one device.
#[derive(Clone, Debug)]
pub(crate) struct Session(pub session::Model);

/// A sign-in in force on one device.
#[Object]
impl Session {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// How it presents itself.
    async fn kind(&self) -> SessionKind {
        self.0.kind.into()
    }

    /// What the device calls itself.
    async fn user_agent(&self) -> Option<&str> {
        self.0.user_agent.as_deref()
    }

    /// When it began.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was used last, to within a few minutes.
    async fn last_seen_at(&self) -> Instant {
        Instant(self.0.last_seen_at)
    }

    /// When it ends if it is not used.
    async fn expires_at(&self) -> Instant {
        Instant(self.0.expires_at)
    }

    /// How its user signed in.
    async fn signed_in_with(&self) -> SignInMethod {
        self.0.signed_in_with.into()
    }

    /// The IP address it started from. Billow does not look up places; null for sessions that are older than this field.
    async fn address(&self) -> Option<&str> {
        self.0.address.as_deref()
    }

    /// Whether it is the one that asks.
    async fn current(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().session_id() == Some(self.0.id)
    }
}

/// A program with an API key.
#[derive(Clone, Debug)]
pub(crate) struct ApiClient(pub api_client::Model);

/// A program with an API key.
#[Object]
impl ApiClient {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        ids::text(self.0.id)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The last four characters of its key.
    async fn key_hint(&self) -> &str {
        &self.0.key_hint
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<ApiScope> {
        scopes_of(&self.0).into_iter().map(ApiScope::from).collect()
    }

    /// The one provider whose bills it may post.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Provider>> {
        let Some(id) = self.0.provider_id else { return Ok(None) };
        Ok(ctx.loaders().find(id).await?.map(Provider::of))
    }

    /// Since when.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// When it was used last, to within a few minutes.
    async fn last_used_at(&self) -> Option<Instant> {
        self.0.last_used_at.map(Instant)
    }

    /// When its key was revoked, if it was.
    async fn revoked_at(&self) -> Option<Instant> {
        self.0.revoked_at.map(Instant)
    }
}
