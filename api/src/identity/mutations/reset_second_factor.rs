//! Taking away the second factors of somebody who lost them.

use async_graphql::{Context, ID, InputObject, OneofObject};
use billow_billing::identity::ResetTarget;

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// A person; exactly one field.
#[derive(OneofObject)]
pub(crate) enum SecondFactorOwnerInput {
    /// A user, such as a member of staff.
    UserId(ID),
    /// A customer who signs in.
    CustomerId(ID),
}

/// Whose second factors are taken away.
#[derive(InputObject)]
pub(crate) struct ResetSecondFactorInput {
    /// The person.
    owner: SecondFactorOwnerInput,
    /// For the audit trail: how you made sure that it is this person who asks.
    reason: Option<String>,
}

payload! {
    /// Whose second factors were taken away.
    ResetSecondFactorPayload {
        /// Whose second factors were taken away.
        user: Option<User>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: ResetSecondFactorInput) -> Result<ResetSecondFactorPayload> {
    let outcome = async {
        let target = match &input.owner {
            SecondFactorOwnerInput::UserId(id) => ResetTarget::User(id_of(id, "user")?),
            SecondFactorOwnerInput::CustomerId(id) => ResetTarget::Customer(id_of(id, "customer")?),
        };
        ctx.billing().identity.reset_second_factor(ctx.actor(), target, input.reason.as_deref()).await
    };
    ResetSecondFactorPayload::of(outcome.await, |user| {
        ctx.identities().forget();
        ResetSecondFactorPayload { user: Some(User(user)), user_errors: Vec::new() }
    })
}
