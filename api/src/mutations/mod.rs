//! Everything the API changes, one mutation per file.
//!
//! A mutation translates its input, asks the business once, and translates what came of it. What whoever asked can mend is
//! data in `userErrors`; only faults, and asking without being signed in, are errors of the whole field.

mod add_property;
mod add_utility_account;
mod archive_property;
mod cancel_fetch_run;
mod cancel_payment;
mod change_password;
mod change_property_member_role;
mod check_payment;
mod close_utility_account;
mod complete_payment_method_setup;
mod confirm_remittance;
mod correct_bill;
mod create_api_client;
mod create_gateway;
mod create_pay_link;
mod create_staff_user;
mod disable_user;
mod discard_dead_letter;
mod enable_user;
mod fetch_bills;
mod gateway_input;
mod mark_notifications_read;
mod money;
mod onboard_customer;
mod pause_gateway;
mod pause_provider;
mod pause_utility_account;
mod pay_bills;
mod pay_by_link;
mod payload;
mod push_bills;
mod recharge;
mod record_bill;
mod redeliver_voucher;
mod refund_payment;
mod register_provider;
mod register_push_subscription;
mod reject_remittance;
mod remove_payment_method;
mod remove_property_member;
mod remove_push_subscription;
mod replay_dead_letter;
mod resend_invitation;
mod reset_gateway_circuit;
mod reset_provider_circuit;
mod resolve_discrepancy;
mod resume_gateway;
mod resume_provider;
mod resume_utility_account;
mod retry_payment;
mod retry_refund;
mod reveal_utility_account_params;
mod revoke_api_client;
mod revoke_other_sessions;
mod revoke_session;
mod send_test_notification;
mod set_default_payment_method;
mod share_property;
mod sign_in;
mod sign_out;
mod sign_up;
mod signed_in;
mod start_customer_import;
mod start_payment_method_setup;
mod start_reconciliation;
mod test_provider;
mod top_up_wallet;
mod update_customer;
mod update_gateway;
mod update_notification_preferences;
mod update_payment_method;
mod update_property;
mod update_provider;
mod update_utility_account;
mod void_bill;

use async_graphql::{Context, MergedObject, Object};

use crate::refusal::Result;

/// Everything the API changes. What whoever asked can mend is told in `userErrors`; nothing was changed then.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(HouseMutations, money::MoneyMutations);

/// What the API changes besides money.
#[derive(Default)]
pub(crate) struct HouseMutations;

#[Object]
impl HouseMutations {
    /// Signs up: makes a customer who can sign in, or claims one who was onboarded, and signs them in.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: sign_up::SignUpInput,
    ) -> Result<sign_up::SignUpPayload> {
        sign_up::run(ctx, input).await
    }

    /// Signs in with e-mail address and password.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: sign_in::SignInInput,
    ) -> Result<sign_in::SignInPayload> {
        sign_in::run(ctx, input).await
    }

    /// Ends the sign-in by which this is asked; its sockets close.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<sign_out::SignOutPayload> {
        sign_out::run(ctx).await
    }

    /// Ends one of one's own sign-ins; its sockets close.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: revoke_session::RevokeSessionInput,
    ) -> Result<revoke_session::RevokeSessionPayload> {
        revoke_session::run(ctx, input).await
    }

    /// Ends all of one's own sign-ins but the one by which this is asked; their sockets close.
    async fn revoke_other_sessions(&self, ctx: &Context<'_>) -> Result<revoke_other_sessions::RevokeOtherSessionsPayload> {
        revoke_other_sessions::run(ctx).await
    }

    /// Changes one's own password and ends one's other sign-ins.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: change_password::ChangePasswordInput,
    ) -> Result<change_password::ChangePasswordPayload> {
        change_password::run(ctx, input).await
    }

    /// Makes a customer who has no sign-in yet, and invites them. For staff.
    async fn onboard_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: onboard_customer::OnboardCustomerInput,
    ) -> Result<onboard_customer::OnboardCustomerPayload> {
        onboard_customer::run(ctx, input).await
    }

    /// Invites an onboarded customer afresh. For staff.
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resend_invitation::ResendInvitationInput,
    ) -> Result<resend_invitation::ResendInvitationPayload> {
        resend_invitation::run(ctx, input).await
    }

    /// Changes what is known about oneself, or for staff about any customer.
    async fn update_customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_customer::UpdateCustomerInput,
    ) -> Result<update_customer::UpdateCustomerPayload> {
        update_customer::run(ctx, input).await
    }

    /// Begins to import customers from a CSV file. For staff.
    async fn start_customer_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: start_customer_import::StartCustomerImportInput,
    ) -> Result<start_customer_import::StartCustomerImportPayload> {
        start_customer_import::run(ctx, input).await
    }

    /// Adds a home.
    async fn add_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: add_property::AddPropertyInput,
    ) -> Result<add_property::AddPropertyPayload> {
        add_property::run(ctx, input).await
    }

    /// Changes a home. For its owners and staff.
    async fn update_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_property::UpdatePropertyInput,
    ) -> Result<update_property::UpdatePropertyPayload> {
        update_property::run(ctx, input).await
    }

    /// Archives a home without open accounts; its history stays. For its owners and staff.
    async fn archive_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: archive_property::ArchivePropertyInput,
    ) -> Result<archive_property::ArchivePropertyPayload> {
        archive_property::run(ctx, input).await
    }

    /// Takes a customer into a household. For its owners and staff.
    async fn share_property(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: share_property::SharePropertyInput,
    ) -> Result<share_property::SharePropertyPayload> {
        share_property::run(ctx, input).await
    }

    /// Changes what a member of a household may do. For the home's owners and staff.
    async fn change_property_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: change_property_member_role::ChangePropertyMemberRoleInput,
    ) -> Result<change_property_member_role::ChangePropertyMemberRolePayload> {
        change_property_member_role::run(ctx, input).await
    }

    /// Leaves a household, or removes somebody from it.
    async fn remove_property_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: remove_property_member::RemovePropertyMemberInput,
    ) -> Result<remove_property_member::RemovePropertyMemberPayload> {
        remove_property_member::run(ctx, input).await
    }

    /// Adds an account at a provider and fetches it for the first time.
    async fn add_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: add_utility_account::AddUtilityAccountInput,
    ) -> Result<add_utility_account::AddUtilityAccountPayload> {
        add_utility_account::run(ctx, input).await
    }

    /// Changes an account. New parameters mend one that needs attention.
    async fn update_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_utility_account::UpdateUtilityAccountInput,
    ) -> Result<update_utility_account::UpdateUtilityAccountPayload> {
        update_utility_account::run(ctx, input).await
    }

    /// Shows in clear what was told about an account; the trail tells who looked. For whoever added it, and staff.
    async fn reveal_utility_account_params(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reveal_utility_account_params::RevealUtilityAccountParamsInput,
    ) -> Result<reveal_utility_account_params::RevealUtilityAccountParamsPayload> {
        reveal_utility_account_params::run(ctx, input).await
    }

    /// Fetches nothing for an account until it is resumed.
    async fn pause_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pause_utility_account::PauseUtilityAccountInput,
    ) -> Result<pause_utility_account::PauseUtilityAccountPayload> {
        pause_utility_account::run(ctx, input).await
    }

    /// Fetches a paused account again, beginning now.
    async fn resume_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resume_utility_account::ResumeUtilityAccountInput,
    ) -> Result<resume_utility_account::ResumeUtilityAccountPayload> {
        resume_utility_account::run(ctx, input).await
    }

    /// Closes an account for good; its history stays.
    async fn close_utility_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: close_utility_account::CloseUtilityAccountInput,
    ) -> Result<close_utility_account::CloseUtilityAccountPayload> {
        close_utility_account::run(ctx, input).await
    }

    /// Fetches one account now, or for staff everything at a provider.
    async fn fetch_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: fetch_bills::FetchBillsInput,
    ) -> Result<fetch_bills::FetchBillsPayload> {
        fetch_bills::run(ctx, input).await
    }

    /// Stops a fetch run: accounts that were not fetched yet go back to their schedule.
    async fn cancel_fetch_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: cancel_fetch_run::CancelFetchRunInput,
    ) -> Result<cancel_fetch_run::CancelFetchRunPayload> {
        cancel_fetch_run::run(ctx, input).await
    }

    /// Records a bill by hand. For staff.
    async fn record_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: record_bill::RecordBillInput,
    ) -> Result<record_bill::RecordBillPayload> {
        record_bill::run(ctx, input).await
    }

    /// Corrects a bill by hand: a new version of the same bill. For staff.
    async fn correct_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: correct_bill::CorrectBillInput,
    ) -> Result<correct_bill::CorrectBillPayload> {
        correct_bill::run(ctx, input).await
    }

    /// Voids a bill by hand: nobody is asked to pay it any more. For staff.
    async fn void_bill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: void_bill::VoidBillInput,
    ) -> Result<void_bill::VoidBillPayload> {
        void_bill::run(ctx, input).await
    }

    /// Takes bills a provider posts. For programs with BILLS_PUSH.
    async fn push_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: push_bills::PushBillsInput,
    ) -> Result<push_bills::PushBillsPayload> {
        push_bills::run(ctx, input).await
    }

    /// Registers a provider. For administrators.
    async fn register_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: register_provider::RegisterProviderInput,
    ) -> Result<register_provider::RegisterProviderPayload> {
        register_provider::run(ctx, input).await
    }

    /// Edits a provider; the version before is kept. For administrators.
    async fn update_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_provider::UpdateProviderInput,
    ) -> Result<update_provider::UpdateProviderPayload> {
        update_provider::run(ctx, input).await
    }

    /// Fetches nothing from a provider until it is resumed. For administrators.
    async fn pause_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pause_provider::PauseProviderInput,
    ) -> Result<pause_provider::PauseProviderPayload> {
        pause_provider::run(ctx, input).await
    }

    /// Fetches from a paused provider again. For administrators.
    async fn resume_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resume_provider::ResumeProviderInput,
    ) -> Result<resume_provider::ResumeProviderPayload> {
        resume_provider::run(ctx, input).await
    }

    /// Lets calls to a provider through again. For administrators.
    async fn reset_provider_circuit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reset_provider_circuit::ResetProviderCircuitInput,
    ) -> Result<reset_provider_circuit::ResetProviderCircuitPayload> {
        reset_provider_circuit::run(ctx, input).await
    }

    /// Tries a provider out against a sample account; nothing is stored. For administrators.
    async fn test_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: test_provider::TestProviderInput,
    ) -> Result<test_provider::TestProviderPayload> {
        test_provider::run(ctx, input).await
    }

    /// Turns on pushes on the device that asks.
    async fn register_push_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: register_push_subscription::RegisterPushSubscriptionInput,
    ) -> Result<register_push_subscription::RegisterPushSubscriptionPayload> {
        register_push_subscription::run(ctx, input).await
    }

    /// Turns off pushes on one of one's own devices.
    async fn remove_push_subscription(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: remove_push_subscription::RemovePushSubscriptionInput,
    ) -> Result<remove_push_subscription::RemovePushSubscriptionPayload> {
        remove_push_subscription::run(ctx, input).await
    }

    /// Sends a message to one's own devices, to see whether it arrives; at most one a minute.
    async fn send_test_notification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which device; all where absent.")] input: Option<send_test_notification::SendTestNotificationInput>,
    ) -> Result<send_test_notification::SendTestNotificationPayload> {
        send_test_notification::run(ctx, input).await
    }

    /// Changes how one wants to be told; reminders to come are scheduled anew.
    async fn update_notification_preferences(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_notification_preferences::UpdateNotificationPreferencesInput,
    ) -> Result<update_notification_preferences::UpdateNotificationPreferencesPayload> {
        update_notification_preferences::run(ctx, input).await
    }

    /// Marks messages in one's inbox as read.
    async fn mark_notifications_read(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: mark_notifications_read::MarkNotificationsReadInput,
    ) -> Result<mark_notifications_read::MarkNotificationsReadPayload> {
        mark_notifications_read::run(ctx, input).await
    }

    /// Digests an event once more that could not be digested. For staff.
    async fn replay_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: replay_dead_letter::ReplayDeadLetterInput,
    ) -> Result<replay_dead_letter::ReplayDeadLetterPayload> {
        replay_dead_letter::run(ctx, input).await
    }

    /// Gives up an event that cannot be digested. For staff.
    async fn discard_dead_letter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: discard_dead_letter::DiscardDeadLetterInput,
    ) -> Result<discard_dead_letter::DiscardDeadLetterPayload> {
        discard_dead_letter::run(ctx, input).await
    }

    /// Gives a program a key. For administrators.
    async fn create_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_api_client::CreateApiClientInput,
    ) -> Result<create_api_client::CreateApiClientPayload> {
        create_api_client::run(ctx, input).await
    }

    /// Makes a program's key worthless at once; its sockets close. For administrators.
    async fn revoke_api_client(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: revoke_api_client::RevokeApiClientInput,
    ) -> Result<revoke_api_client::RevokeApiClientPayload> {
        revoke_api_client::run(ctx, input).await
    }

    /// Makes a member of staff. For administrators.
    async fn create_staff_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_staff_user::CreateStaffUserInput,
    ) -> Result<create_staff_user::CreateStaffUserPayload> {
        create_staff_user::run(ctx, input).await
    }

    /// Keeps somebody from signing in, and signs them out everywhere. For administrators.
    async fn disable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: disable_user::DisableUserInput,
    ) -> Result<disable_user::DisableUserPayload> {
        disable_user::run(ctx, input).await
    }

    /// Lets somebody who was disabled sign in again. For administrators.
    async fn enable_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: enable_user::EnableUserInput,
    ) -> Result<enable_user::EnableUserPayload> {
        enable_user::run(ctx, input).await
    }
}
