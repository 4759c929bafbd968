//! New recovery codes.

use async_graphql::Context;

use crate::context::ContextExt as _;
use crate::identity::second_factor::SecondFactor;
use crate::payload::payload;
use crate::refusal::Result;

payload! {
    /// New recovery codes.
    RenewRecoveryCodesPayload {
        /// Ten codes, shown only now. The old ones no longer work.
        recovery_codes: Option<Vec<String>>,
        /// The second factors as they are now.
        second_factor: Option<SecondFactor>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>) -> Result<RenewRecoveryCodesPayload> {
    let outcome = ctx.billing().identity.renew_recovery_codes(ctx.actor()).await;
    RenewRecoveryCodesPayload::of(outcome, |(factors, codes)| RenewRecoveryCodesPayload {
        recovery_codes: Some(codes),
        second_factor: Some(SecondFactor(factors)),
        user_errors: Vec::new(),
    })
}
