//! What the API changes about money.

use async_graphql::{Context, Object};

use super::{
    cancel_payment, check_payment, complete_payment_method_setup, confirm_remittance, create_gateway, create_pay_link, pause_gateway,
    pay_bills, pay_by_link, recharge, redeliver_voucher, refund_payment, reject_remittance, remove_payment_method, reset_gateway_circuit,
    resolve_discrepancy, resume_gateway, retry_document, retry_payment, retry_refund, set_default_payment_method,
    start_payment_method_setup, start_reconciliation, test_gateway, top_up_wallet, update_gateway, update_payment_method,
};
use crate::refusal::Result;

/// What the API changes about money.
#[derive(Default)]
pub(crate) struct MoneyMutations;

#[Object]
impl MoneyMutations {
    /// Pays one bill or many, from the wallet, by a saved method or on a page of the gateway's.
    async fn pay_bills(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pay_bills::PayBillsInput,
    ) -> Result<pay_bills::PayBillsPayload> {
        pay_bills::run(ctx, input).await
    }

    /// Buys a plan for a prepaid account, at its price.
    async fn recharge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: recharge::RechargeInput,
    ) -> Result<recharge::RechargePayload> {
        recharge::run(ctx, input).await
    }

    /// Sends the code of a recharge once more: over the usual channels, at once.
    async fn redeliver_voucher(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: redeliver_voucher::RedeliverVoucherInput,
    ) -> Result<redeliver_voucher::RedeliverVoucherPayload> {
        redeliver_voucher::run(ctx, input).await
    }

    /// Tries a failed payment again, by the same method or another.
    async fn retry_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: retry_payment::RetryPaymentInput,
    ) -> Result<retry_payment::RetryPaymentPayload> {
        retry_payment::run(ctx, input).await
    }

    /// Calls a payment off before money moved.
    async fn cancel_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: cancel_payment::CancelPaymentInput,
    ) -> Result<cancel_payment::CancelPaymentPayload> {
        cancel_payment::run(ctx, input).await
    }

    /// Pays into one's own wallet.
    async fn top_up_wallet(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: top_up_wallet::TopUpWalletInput,
    ) -> Result<top_up_wallet::TopUpWalletPayload> {
        top_up_wallet::run(ctx, input).await
    }

    /// Gives money of a payment back, in full or in part. For staff.
    async fn refund_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: refund_payment::RefundPaymentInput,
    ) -> Result<refund_payment::RefundPaymentPayload> {
        refund_payment::run(ctx, input).await
    }

    /// Begins saving a card or direct debit; the bank is asked first.
    async fn start_payment_method_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: start_payment_method_setup::StartPaymentMethodSetupInput,
    ) -> Result<start_payment_method_setup::StartPaymentMethodSetupPayload> {
        start_payment_method_setup::run(ctx, input).await
    }

    /// Asks the gateway now how the saving of a method stands.
    async fn complete_payment_method_setup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: complete_payment_method_setup::CompletePaymentMethodSetupInput,
    ) -> Result<complete_payment_method_setup::CompletePaymentMethodSetupPayload> {
        complete_payment_method_setup::run(ctx, input).await
    }

    /// Makes a method the one that is taken where none is chosen.
    async fn set_default_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: set_default_payment_method::SetDefaultPaymentMethodInput,
    ) -> Result<set_default_payment_method::SetDefaultPaymentMethodPayload> {
        set_default_payment_method::run(ctx, input).await
    }

    /// Names a method.
    async fn update_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_payment_method::UpdatePaymentMethodInput,
    ) -> Result<update_payment_method::UpdatePaymentMethodPayload> {
        update_payment_method::run(ctx, input).await
    }

    /// Removes a method; the gateway forgets it.
    async fn remove_payment_method(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: remove_payment_method::RemovePaymentMethodInput,
    ) -> Result<remove_payment_method::RemovePaymentMethodPayload> {
        remove_payment_method::run(ctx, input).await
    }

    /// Pays the bill behind a signed link on a page of the gateway's. Nobody need be signed in.
    async fn pay_by_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pay_by_link::PayByLinkInput,
    ) -> Result<pay_by_link::PayByLinkPayload> {
        pay_by_link::run(ctx, input).await
    }

    /// Makes a signed link by which anybody can pay a bill.
    async fn create_pay_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_pay_link::CreatePayLinkInput,
    ) -> Result<create_pay_link::CreatePayLinkPayload> {
        create_pay_link::run(ctx, input).await
    }

    /// Notes that a provider has received what it was paid by hand, or what was unclear. For staff.
    async fn confirm_remittance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: confirm_remittance::ConfirmRemittanceInput,
    ) -> Result<confirm_remittance::ConfirmRemittancePayload> {
        confirm_remittance::run(ctx, input).await
    }

    /// Notes that a provider will not receive what it was to be paid, and gives the money back. For staff.
    async fn reject_remittance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reject_remittance::RejectRemittanceInput,
    ) -> Result<reject_remittance::RejectRemittancePayload> {
        reject_remittance::run(ctx, input).await
    }

    /// Tries a failed refund again. For staff.
    async fn retry_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: retry_refund::RetryRefundInput,
    ) -> Result<retry_refund::RetryRefundPayload> {
        retry_refund::run(ctx, input).await
    }

    /// Makes an invoice or receipt again that could not be made. It keeps its number. For staff.
    async fn retry_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The document to make again.")] input: retry_document::RetryDocumentInput,
    ) -> Result<retry_document::RetryDocumentPayload> {
        retry_document::run(ctx, input).await
    }

    /// Asks the gateway now how a payment stands. For staff.
    async fn check_payment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: check_payment::CheckPaymentInput,
    ) -> Result<check_payment::CheckPaymentPayload> {
        check_payment::run(ctx, input).await
    }

    /// Adds a gateway. It starts paused: test it with `testGateway`, then start it with `resumeGateway`. For administrators.
    async fn create_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: create_gateway::CreateGatewayInput,
    ) -> Result<create_gateway::CreateGatewayPayload> {
        create_gateway::run(ctx, input).await
    }

    /// Tests a gateway's keys by one call that reads its account; nothing is charged or changed there. For administrators.
    async fn test_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The gateway to test.")] input: test_gateway::TestGatewayInput,
    ) -> Result<test_gateway::TestGatewayPayload> {
        test_gateway::run(ctx, input).await
    }

    /// Changes a gateway. With another secret key or address it is paused until it has been tested. For administrators.
    async fn update_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: update_gateway::UpdateGatewayInput,
    ) -> Result<update_gateway::UpdateGatewayPayload> {
        update_gateway::run(ctx, input).await
    }

    /// Gives a gateway no new payments until it is resumed; what is under way is finished. For administrators.
    async fn pause_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: pause_gateway::PauseGatewayInput,
    ) -> Result<pause_gateway::PauseGatewayPayload> {
        pause_gateway::run(ctx, input).await
    }

    /// Sends new payments through a gateway that is new or was paused. Its last test must have passed. For administrators.
    async fn resume_gateway(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resume_gateway::ResumeGatewayInput,
    ) -> Result<resume_gateway::ResumeGatewayPayload> {
        resume_gateway::run(ctx, input).await
    }

    /// Lets calls to a gateway through again. For administrators.
    async fn reset_gateway_circuit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: reset_gateway_circuit::ResetGatewayCircuitInput,
    ) -> Result<reset_gateway_circuit::ResetGatewayCircuitPayload> {
        reset_gateway_circuit::run(ctx, input).await
    }

    /// Compares a day of the ledger with a gateway. For staff.
    async fn start_reconciliation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: start_reconciliation::StartReconciliationInput,
    ) -> Result<start_reconciliation::StartReconciliationPayload> {
        start_reconciliation::run(ctx, input).await
    }

    /// Settles a difference between the ledger and a gateway. For staff.
    async fn resolve_discrepancy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: resolve_discrepancy::ResolveDiscrepancyInput,
    ) -> Result<resolve_discrepancy::ResolveDiscrepancyPayload> {
        resolve_discrepancy::run(ctx, input).await
    }
}
