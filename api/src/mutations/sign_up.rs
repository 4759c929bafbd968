//! Signing up.

use async_graphql::{Context, InputObject};
use billow_billing::identity::SignUp;

use super::sign_in::{SignInPayload, device, welcome};
use crate::context::Within as _;
use crate::refusal::Result;
use crate::scalars::TimeZone;
use crate::types::SessionKind;

/// Who wants to sign up.
#[derive(InputObject)]
pub(crate) struct SignUpInput {
    /// The e-mail address to sign in with, and to be told under.
    email: String,
    /// The password, at least ten characters.
    #[graphql(secret)]
    password: String,
    /// The full name.
    name: String,
    /// A mobile number with its country code.
    mobile: Option<String>,
    /// The language, BCP 47; English where absent.
    locale: Option<String>,
    /// The time zone; UTC where absent.
    time_zone: Option<TimeZone>,
    /// From the link of an invitation: claims the customer it was made for.
    #[graphql(secret)]
    invitation_token: Option<String>,
    /// How the sign-in presents itself; a cookie where absent.
    device_kind: Option<SessionKind>,
}

pub(super) async fn run(ctx: &Context<'_>, input: SignUpInput) -> Result<SignInPayload> {
    let device = match device(ctx, input.device_kind) {
        Ok(device) => device,
        Err(error) => return SignInPayload::of(Err::<(), _>(error), |()| SignInPayload::default()),
    };
    let input = SignUp {
        email: input.email,
        password: input.password.into(),
        name: input.name,
        mobile: input.mobile,
        locale: input.locale.unwrap_or_else(|| "en".into()),
        time_zone: input.time_zone.map_or_else(|| "UTC".into(), |zone| zone.0),
        invitation_token: input.invitation_token.map(Into::into),
        device,
    };
    welcome(ctx, ctx.billing().sign_up(ctx.actor(), input).await)
}
