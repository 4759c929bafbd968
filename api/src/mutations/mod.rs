//! Everything the API changes: one mutation per file, and a file per topic that lists its mutations.
//!
//! A mutation translates its input, asks the business once, and translates what came of it. What whoever asked can mend is
//! data in `userErrors`; only faults, and asking without being signed in, are errors of the whole field.

mod add_property;
mod add_utility_account;
mod archive_property;
mod bills;
mod cancel_fetch_run;
mod cancel_payment;
mod change_password;
mod change_property_member_role;
mod check_payment;
mod close_utility_account;
mod complete_payment_method_setup;
mod complete_sign_in;
mod confirm_email;
mod confirm_identity;
mod confirm_remittance;
mod confirm_totp_setup;
mod correct_bill;
mod create_api_client;
mod create_gateway;
mod create_pay_link;
mod create_staff_user;
mod customers;
mod disable_user;
mod discard_dead_letter;
mod enable_user;
mod factor_input;
mod fetch_bills;
mod gateway_input;
mod homes;
mod identity;
mod mark_bills_paid_elsewhere;
mod mark_notifications_read;
mod messages;
mod money;
mod onboard_customer;
mod operations;
mod passkeys;
mod pause_gateway;
mod pause_provider;
mod pause_utility_account;
mod pay_bills;
mod pay_by_link;
mod paying_input;
mod payload;
mod property_invitations;
mod providers;
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
mod remove_totp;
mod renew_recovery_codes;
mod replay_dead_letter;
mod request_password_reset;
mod resend_invitation;
mod reset_gateway_circuit;
mod reset_password;
mod reset_provider_circuit;
mod reset_second_factor;
mod resolve_discrepancy;
mod resume_gateway;
mod resume_provider;
mod resume_utility_account;
mod retry_document;
mod retry_payment;
mod retry_refund;
mod reveal_utility_account_params;
mod revoke_api_client;
mod revoke_other_sessions;
mod revoke_session;
mod second_factor;
mod send_password_reset;
mod send_test_notification;
mod set_default_payment_method;
mod share_property;
mod sign_in;
mod sign_out;
mod sign_out_everywhere;
mod sign_up;
mod signed_in;
mod start_customer_import;
mod start_payment_method_setup;
mod start_reconciliation;
mod start_totp_setup;
mod test_gateway;
mod test_provider;
mod top_up_wallet;
mod undo_paid_elsewhere;
mod update_customer;
mod update_gateway;
mod update_notification_preferences;
mod update_payment_method;
mod update_property;
mod update_provider;
mod update_utility_account;
mod void_bill;
mod way_in;

use async_graphql::MergedObject;

/// Everything the API changes. What whoever asked can mend is told in `userErrors`; nothing was changed then.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    identity::IdentityMutations,
    way_in::WayInMutations,
    second_factor::SecondFactorMutations,
    passkeys::PasskeyMutations,
    customers::CustomerMutations,
    homes::HomeMutations,
    bills::BillMutations,
    providers::ProviderMutations,
    messages::MessageMutations,
    operations::OperationMutations,
    money::MoneyMutations,
);
