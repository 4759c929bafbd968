//! Sending somebody a link to set a new password, as staff.

use async_graphql::{Context, ID, OneofObject};
use billow_billing::identity::ResetFor;

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::ids::id_of;
use crate::payload::payload;
use crate::refusal::Result;

/// Who gets the link.
#[derive(OneofObject)]
pub(crate) enum SendPasswordResetInput {
    /// A customer who has signed in before. For operators and administrators.
    CustomerId(ID),
    /// A user. For administrators where it is a member of staff.
    UserId(ID),
}

payload! {
    /// The link is on its way to the address the person signs in with.
    SendPasswordResetPayload {
        /// The person.
        user: Option<User>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: SendPasswordResetInput) -> Result<SendPasswordResetPayload> {
    let outcome = async {
        // A stranger learns nothing from the form of an id.
        ctx.actor().staff()?;
        let whose = match input {
            SendPasswordResetInput::CustomerId(id) => ResetFor::Customer(id_of(&id, "customer")?),
            SendPasswordResetInput::UserId(id) => ResetFor::User(id_of(&id, "user")?),
        };
        ctx.billing().identity.send_password_reset(ctx.actor(), whose).await
    };
    SendPasswordResetPayload::of(outcome.await, |user| SendPasswordResetPayload { user: Some(User(user)), user_errors: Vec::new() })
}
