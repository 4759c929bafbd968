//! Signing up.

use async_graphql::{Context, InputObject};
use billow_billing::identity::SignUp;

use crate::context::ContextExt as _;
use crate::identity::mutations::signed_in::{admit, device};
use crate::identity::viewer::Viewer;
use crate::payload::payload;
use crate::refusal::Result;
use crate::scalars::TimeZone;
use crate::types::SessionKind;

/// Who wants to sign up.
#[derive(InputObject)]
pub(crate) struct SignUpInput {
    /// The e-mail address to sign in with. A link to confirm it is mailed there; the answer does not tell whether somebody
    /// has it already.
    email: String,
    /// The password, at least ten characters and hard to guess.
    #[graphql(secret)]
    password: String,
    /// The full name.
    name: String,
    /// A mobile number, with the country code or as it is dialled in the country of `locale`.
    mobile: Option<String>,
    /// The language, BCP 47; the one the program asks for where absent, else English.
    locale: Option<String>,
    /// The time zone; UTC where absent.
    time_zone: Option<TimeZone>,
    /// From the link of an invitation: claims the customer it was made for.
    #[graphql(secret)]
    invitation_token: Option<String>,
    /// How the sign-in presents itself; a cookie where absent.
    device_kind: Option<SessionKind>,
}

payload! {
    /// Who is signed in now.
    SignUpPayload {
        /// Who is signed in now.
        viewer: Option<Viewer>,
        /// For bearers: the token, told this once. Send it as `Authorization: Bearer …`.
        token: Option<String>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: SignUpInput) -> Result<SignUpPayload> {
    let outcome = async {
        let sign_up = SignUp {
            device: device(ctx, input.device_kind)?,
            email: input.email,
            password: input.password.into(),
            name: input.name,
            mobile: input.mobile,
            locale: input.locale.unwrap_or_else(|| ctx.caller().language.as_deref().unwrap_or("en").to_owned()),
            time_zone: input.time_zone.map_or_else(|| "UTC".into(), |zone| zone.0),
            invitation_token: input.invitation_token.map(Into::into),
        };
        ctx.billing().identity.sign_up(ctx.actor(), sign_up).await
    };
    SignUpPayload::of(outcome.await, |signed_in| {
        let (viewer, token) = admit(ctx, signed_in);
        SignUpPayload { viewer, token, user_errors: Vec::new() }
    })
}
