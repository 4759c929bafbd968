//! Making a member of staff.

use async_graphql::{Context, InputObject};
use billow_billing::identity::NewUser;

use crate::context::ContextExt as _;
use crate::identity::types::User;
use crate::payload::payload;
use crate::refusal::Result;
use crate::types::Role;

/// A member of staff who is to sign in.
#[derive(InputObject)]
pub(crate) struct CreateStaffUserInput {
    /// The e-mail address.
    email: String,
    /// The first password.
    #[graphql(secret)]
    password: String,
    /// Operator or administrator.
    role: Role,
}

payload! {
    /// The member of staff.
    CreateStaffUserPayload {
        /// The user.
        user: Option<User>,
    }
}

pub(crate) async fn run(ctx: &Context<'_>, input: CreateStaffUserInput) -> Result<CreateStaffUserPayload> {
    let new = NewUser { email: input.email, password: input.password.into(), role: input.role.into() };
    CreateStaffUserPayload::of(ctx.billing().identity.create_user(ctx.actor(), new).await, |row| CreateStaffUserPayload {
        user: Some(User(row)),
        user_errors: Vec::new(),
    })
}
