//! Adding an authenticator app: its first code.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::identity::second_factor::SecondFactor;
use crate::payload::payload;
use crate::refusal::Result;

/// The first code of an authenticator app.
#[derive(InputObject)]
pub(crate) struct ConfirmTotpSetupInput {
    /// The six digits that the app shows now.
    #[graphql(secret)]
    code: String,
}

payload! {
    /// The second factors as they are now.
    ConfirmTotpSetupPayload {
        /// The second factors as they are now.
        second_factor: Option<SecondFactor>,
        /// Where this is the first second factor: ten recovery codes, shown only now.
        recovery_codes: Option<Vec<String>>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ConfirmTotpSetupInput) -> Result<ConfirmTotpSetupPayload> {
    let outcome = ctx.billing().identity.confirm_totp(ctx.actor(), &input.code).await;
    ConfirmTotpSetupPayload::of(outcome, |(factors, codes)| {
        ctx.identities().forget();
        ConfirmTotpSetupPayload {
            second_factor: Some(SecondFactor(factors)),
            recovery_codes: (!codes.is_empty()).then_some(codes),
            user_errors: Vec::new(),
        }
    })
}
