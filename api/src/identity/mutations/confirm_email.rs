//! Confirming an e-mail address, and taking back a change of it, with mailed links.

use async_graphql::{Context, InputObject};

use crate::context::ContextExt as _;
use crate::customers::customer::Customer;
use crate::payload::payload;
use crate::refusal::Result;

/// A mailed link.
#[derive(InputObject)]
pub(crate) struct ConfirmEmailInput {
    /// The token of the link. It works once, for 24 hours.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// The address was confirmed.
    ConfirmEmailPayload {
        /// The address. It is the one to sign in with from now on.
        email: Option<String>,
    }
}

pub(crate) async fn confirm(ctx: &Context<'_>, input: ConfirmEmailInput) -> Result<ConfirmEmailPayload> {
    let outcome = ctx.billing().identity.confirm_email(&input.token.into(), ctx.caller().address).await;
    ConfirmEmailPayload::of(outcome, |customer| ConfirmEmailPayload { email: customer.email, user_errors: Vec::new() })
}

payload! {
    /// The link is on its way.
    ResendEmailConfirmationPayload {
        /// The customer.
        customer: Option<Customer>,
    }
}

pub(crate) async fn resend(ctx: &Context<'_>) -> Result<ResendEmailConfirmationPayload> {
    ResendEmailConfirmationPayload::of(ctx.billing().identity.resend_email_confirmation(ctx.actor()).await, |customer| {
        ResendEmailConfirmationPayload { customer: Some(customer.into()), user_errors: Vec::new() }
    })
}

/// The link in the notice to the address before the change.
#[derive(InputObject)]
pub(crate) struct UndoEmailChangeInput {
    /// The token of the link. It works once, for seven days.
    #[graphql(secret)]
    token: String,
}

payload! {
    /// The address is the former one again. Every sign-in has ended, and a link to set a new password was mailed.
    UndoEmailChangePayload {
        /// The address.
        email: Option<String>,
    }
}

pub(crate) async fn undo(ctx: &Context<'_>, input: UndoEmailChangeInput) -> Result<UndoEmailChangePayload> {
    let outcome = ctx.billing().identity.undo_email_change(&input.token.into(), ctx.caller().address).await;
    UndoEmailChangePayload::of(outcome, |customer| {
        ctx.identities().forget();
        UndoEmailChangePayload { email: customer.email, user_errors: Vec::new() }
    })
}
