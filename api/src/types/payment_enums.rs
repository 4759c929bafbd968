//! The closed sets of values of payments, as the API tells them.

use async_graphql::Enum;

use crate::types::enums::same_as;

same_as! {
    /// Which adapter talks to a gateway.
    GatewayAdapter = "billow_entities::GatewayAdapter" {
        /// Stripe's API.
        Stripe,
        /// The sandbox's card network, in Stripe's shape.
        Sandbox,
    }
    /// Whether new payments go through a gateway.
    GatewayStatus = "billow_entities::GatewayStatus" {
        /// They do.
        Active,
        /// They do not; what is under way is finished.
        Paused,
    }
    /// Whether a gateway's keys move real money.
    GatewayMode = "billow_billing::ports::GatewayMode" {
        /// Real money.
        Live,
        /// The gateway's test mode: no money moves.
        Test,
    }
    /// What a test of a gateway's keys found.
    GatewayTestResult = "billow_entities::GatewayTestResult" {
        /// The keys work.
        Passed,
        /// The gateway does not accept the secret key.
        KeyRefused,
        /// The key is valid but may not read the account.
        NotPermitted,
        /// The account cannot take charges.
        AccountDisabled,
        /// The key belongs to another account than the one the gateway has worked with; customers and saved methods are there.
        OtherAccount,
        /// The address could not be reached, or asked to wait.
        Unreachable,
        /// There was no usable answer: a time-out, an error of the gateway, or something else than a gateway answered.
        NoAnswer,
        /// The gateway refused the request for another reason.
        Refused,
    }
    /// What a saved payment method is.
    MethodKind = "billow_entities::MethodKind" {
        /// A card.
        Card,
        /// A direct debit of a bank account.
        DirectDebit,
    }
    /// Where a saved payment method stands.
    MethodStatus = "billow_entities::MethodStatus" {
        /// The bank or card network is being asked.
        Checking,
        /// Its owner has something to confirm first.
        RequiresAction,
        /// It can be charged.
        Ready,
        /// It was refused.
        Failed,
        /// Its owner removed it.
        Removed,
    }
    /// Why a saved payment method came to nothing.
    MethodFailure = "billow_billing::methods::MethodFailure" {
        /// There was not enough money in the account.
        InsufficientFunds,
        /// The bank refused it.
        RefusedByBank,
        /// The card is past its date.
        CardExpired,
        /// It was not confirmed with the bank.
        NotConfirmed,
        /// The direct debit mandate is not in force.
        MandateInactive,
        /// The number or the account is wrong or closed.
        WrongDetails,
        /// The bank could not be asked.
        BankNotAsked,
        /// It was refused, and nothing more is known.
        Refused,
        /// It was not confirmed in time.
        TooLate,
        /// Setting it up was interrupted.
        Interrupted,
        /// The payment service did not take the details.
        NotTaken,
    }
    /// Why nothing can be paid of a bill.
    NotPayable = "billow_billing::payable_bills::NotPayable" {
        /// It has been paid.
        Paid,
        /// It has been paid, but not through Billow.
        PaidElsewhere,
        /// It is older than the account here, and its provider does not say whether it was paid.
        History,
        /// It was withdrawn.
        Voided,
        /// It was replaced by another one.
        Superseded,
        /// It is a credit.
        Credit,
        /// A payment of it is under way.
        UnderWay,
        /// Nothing is left to be paid.
        NothingLeft,
        /// The provider takes no amount that fits it.
        NothingFits,
    }
    /// What a payment is for.
    PaymentKind = "billow_entities::PaymentKind" {
        /// Bills.
        Bills,
        /// The customer's own wallet.
        TopUp,
    }
    /// Where a payment stands.
    PaymentStatus = "billow_entities::PaymentStatus" {
        /// Written down; no gateway has been asked yet.
        Pending,
        /// A gateway is working on it.
        Processing,
        /// Its owner has something to confirm first.
        RequiresAction,
        /// A gateway was asked and no answer is known; it is asked again, never charged again.
        Unknown,
        /// The money reached us.
        Succeeded,
        /// The money did not reach us.
        Failed,
        /// Called off before any money moved.
        Cancelled,
    }
    /// Where one try at a gateway stands.
    AttemptStatus = "billow_entities::AttemptStatus" {
        /// Written down with its key; not sent yet.
        Created,
        /// Sent; the answer is not known yet.
        Sent,
        /// The gateway is working on it.
        Processing,
        /// The customer has something to confirm first.
        RequiresAction,
        /// The call ended without an answer.
        Unknown,
        /// Charged.
        Succeeded,
        /// Refused.
        Failed,
        /// Called off.
        Cancelled,
    }
    /// Why a charge was declined, in the field's terms.
    DeclineKind = "billow_entities::DeclineKind" {
        /// Not enough money.
        InsufficientFunds,
        /// The bank gives no reason.
        DoNotHonor,
        /// The card is past its date.
        CardExpired,
        /// The bank wants its customer to confirm.
        AuthenticationRequired,
        /// The direct debit mandate is not in force.
        MandateInactive,
        /// Taken for fraud, or the card was reported lost or stolen.
        Fraud,
        /// The number, code or account is wrong or closed.
        InvalidMethod,
        /// The network failed; another gateway or a later try may work.
        ProcessingError,
        /// Anything else.
        Other,
    }
    /// Where our paying a provider stands.
    RemittanceStatus = "billow_entities::RemittanceStatus" {
        /// To be sent when due.
        Queued,
        /// Sent; the provider has not confirmed it yet.
        Sent,
        /// The call ended without an answer; the provider is asked, never paid again.
        Unknown,
        /// The provider takes no payments by its interface: an operator transfers and confirms.
        Manual,
        /// The provider has it.
        Confirmed,
        /// The provider refused it; the customer gets the money back.
        Rejected,
    }
    /// Where money goes back to.
    RefundTarget = "billow_entities::RefundTarget" {
        /// The card or bank account it came from.
        Gateway,
        /// The customer's wallet.
        Wallet,
    }
    /// Why money goes back.
    RefundCause = "billow_entities::RefundCause" {
        /// An operator decided so.
        Operator,
        /// The provider refused the payment.
        ProviderRejected,
        /// The money arrived for a bill that no longer needed it.
        Surplus,
    }
    /// Where a refund stands.
    RefundStatus = "billow_entities::RefundStatus" {
        /// On its way.
        Pending,
        /// The gateway was asked and no answer is known; it is asked again with the same key.
        Unknown,
        /// It arrived.
        Succeeded,
        /// The gateway refused; an operator has to look.
        Failed,
    }
    /// What became of something a gateway told us.
    GatewayEventOutcome = "billow_entities::GatewayEventOutcome" {
        /// Stored, not looked at yet.
        Received,
        /// Acted upon.
        Processed,
        /// Of a kind we have no use for, or about something that is not ours.
        Ignored,
        /// Could not be dealt with; tried again.
        Failed,
    }
    /// What sort of document it is.
    DocumentKind = "billow_entities::DocumentKind" {
        /// What was asked for and how it is made up.
        Invoice,
        /// That it was paid.
        Receipt,
    }
    /// Where a document stands.
    DocumentStatus = "billow_entities::DocumentStatus" {
        /// To be made.
        Queued,
        /// Stored.
        Ready,
        /// Could not be made.
        Failed,
    }
    /// What an account of the ledger holds. Debits are positive, credits negative.
    LedgerAccountKind = "billow_entities::LedgerAccountKind" {
        /// What we owe a customer (credit); never overdrawn.
        Wallet,
        /// The part of a wallet that is set aside for a payment under way (credit); never overdrawn.
        WalletHold,
        /// What we owe a provider (credit).
        ProviderPayable,
        /// What a gateway owes us (debit).
        GatewayClearing,
        /// What we owe a customer whose money goes back (credit).
        RefundPayable,
        /// What gateways kept for their service (debit).
        GatewayFees,
        /// Our bank account, from which providers are paid.
        Bank,
    }
    /// Where a day's comparison stands.
    ReconciliationStatus = "billow_entities::ReconciliationStatus" {
        /// At work.
        Running,
        /// Over.
        Finished,
        /// The gateway could not be asked.
        Failed,
    }
    /// How the ledger and a gateway differ.
    DiscrepancyKind = "billow_entities::DiscrepancyKind" {
        /// The gateway charged and the ledger does not know.
        MissingPosting,
        /// The ledger says charged and the gateway does not know.
        MissingCharge,
        /// Both know it, with different amounts.
        AmountMismatch,
        /// The gateway refunded and the ledger does not know.
        MissingRefundPosting,
        /// The ledger says refunded and the gateway does not know.
        MissingRefund,
        /// The gateway charged something we cannot attribute to any payment.
        UnknownCharge,
    }
}
