//! The closed sets of values, stored and serialised as their upper-case names.

macro_rules! text_enum {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter, sea_orm::DeriveActiveEnum, serde::Serialize, serde::Deserialize)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $($(#[$vdoc])* #[sea_orm(string_value = $text)] #[serde(rename = $text)] $variant),*
        }

        impl $name {
            /// The stored text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(format!("{text} is not one of the known values")) }
            }
        }
    )*};
}

pub(crate) use text_enum;

text_enum! {
    /// What somebody who signs in may do.
    Role {
        /// Own things.
        Customer = "CUSTOMER",
        /// Customers' things, no secrets.
        Operator = "OPERATOR",
        /// Also providers, policies and staff.
        Admin = "ADMIN",
    }
    /// How a sign-in presents itself.
    SessionKind {
        /// A browser with an HttpOnly cookie.
        Cookie = "COOKIE",
        /// An app with a bearer token.
        Bearer = "BEARER",
    }
    /// What a mailed link is for.
    LinkPurpose {
        /// Setting a new password.
        PasswordReset = "PASSWORD_RESET",
        /// Confirming that an address is one's own.
        ConfirmEmail = "CONFIRM_EMAIL",
        /// Taking back a change of address, from the address before it.
        UndoEmailChange = "UNDO_EMAIL_CHANGE",
    }
    /// The state of an invitation to a household.
    PropertyInvitationStatus {
        /// Not answered yet.
        Pending = "PENDING",
        /// The person joined the household.
        Accepted = "ACCEPTED",
        /// The person declined.
        Declined = "DECLINED",
        /// Withdrawn by the household.
        Revoked = "REVOKED",
        /// Not answered in time.
        Expired = "EXPIRED",
    }
    /// How somebody proved who they are when a session started.
    SignInMethod {
        /// By password alone.
        Password = "PASSWORD",
        /// By password and a code of an authenticator app.
        PasswordTotp = "PASSWORD_TOTP",
        /// By password and a passkey.
        PasswordPasskey = "PASSWORD_PASSKEY",
        /// By password and a recovery code.
        PasswordRecoveryCode = "PASSWORD_RECOVERY_CODE",
        /// By a passkey that verified its owner.
        Passkey = "PASSKEY",
    }
    /// What a stored challenge is for.
    ChallengePurpose {
        /// The second step of signing in with a password.
        SignIn = "SIGN_IN",
        /// Signing in with a passkey alone.
        PasskeySignIn = "PASSKEY_SIGN_IN",
        /// Adding a passkey.
        PasskeyRegistration = "PASSKEY_REGISTRATION",
        /// Confirming a session with a passkey.
        Confirmation = "CONFIRMATION",
    }
    /// A customer's part in a home.
    PropertyRole {
        /// Manages the home and its members.
        Owner = "OWNER",
        /// Sees and pays.
        Payer = "PAYER",
        /// Sees.
        Viewer = "VIEWER",
    }
    /// What a provider supplies.
    UtilityType {
        /// Electric power.
        Electricity = "ELECTRICITY",
        /// Piped gas.
        Gas = "GAS",
        /// Water and sewage.
        Water = "WATER",
        /// Mobile telephony.
        Mobile = "MOBILE",
        /// Internet at home.
        Broadband = "BROADBAND",
        /// Insurance premiums.
        Insurance = "INSURANCE",
        /// District heating.
        Heating = "HEATING",
        /// Refuse collection.
        Waste = "WASTE",
        /// Television.
        Television = "TELEVISION",
        /// What fits nowhere else.
        Other = "OTHER",
    }
    /// How Billow talks to a provider.
    ConnectorKind {
        /// Declared HTTP steps with jq programs.
        Http = "HTTP",
        /// An ESPI (Green Button) Atom feed.
        GreenButton = "GREEN_BUTTON",
        /// CSV files dropped in a folder or fetched from an address.
        File = "FILE",
        /// The provider posts its bills to us.
        Push = "PUSH",
    }
    /// Whether a provider's accounts are fetched.
    ProviderStatus {
        /// In use.
        Active = "ACTIVE",
        /// Nothing is fetched until it is resumed.
        Paused = "PAUSED",
    }
    /// Whether calls to a provider go through.
    CircuitState {
        /// They do.
        Closed = "CLOSED",
        /// They do not, after repeated faults.
        Open = "OPEN",
        /// One probe at a time does.
        HalfOpen = "HALF_OPEN",
    }
    /// Which amounts a provider takes for a bill.
    AmountRuleKind {
        /// The amount of the bill.
        Exact = "EXACT",
        /// The amount of the bill or more.
        ExactOrAbove = "EXACT_OR_ABOVE",
        /// The amount of the bill or less.
        ExactOrBelow = "EXACT_OR_BELOW",
        /// Any amount.
        Any = "ANY",
        /// An amount between two bounds.
        Range = "RANGE",
    }
    /// Where a utility account stands.
    AccountStatus {
        /// Added; its first fetch is not over.
        Pending = "PENDING",
        /// Fetched on schedule.
        Active = "ACTIVE",
        /// Its owner has something to correct.
        NeedsAttention = "NEEDS_ATTENTION",
        /// Not fetched, at somebody's wish.
        Paused = "PAUSED",
        /// Gone; its history stays.
        Closed = "CLOSED",
    }
    /// Where a bill stands.
    BillStatus {
        /// To be paid.
        Open = "OPEN",
        /// Paid through Billow.
        Paid = "PAID",
        /// Paid, but not through Billow: as the provider says, or as a person marked it.
        PaidElsewhere = "PAID_ELSEWHERE",
        /// Older than the account here, from a provider that does not say what was paid. Nobody is asked to pay it.
        History = "HISTORY",
        /// Withdrawn.
        Voided = "VOIDED",
        /// Replaced by another bill.
        Superseded = "SUPERSEDED",
        /// In the customer's favour: the amount is negative, and nothing is to be paid.
        Credit = "CREDIT",
        /// It comes to zero: nothing is to be paid.
        NothingDue = "NOTHING_DUE",
    }
    /// Who marked a bill as paid elsewhere.
    BillMarker {
        /// Its customer, or a member of its home who pays.
        Customer = "CUSTOMER",
        /// An operator.
        Operator = "OPERATOR",
    }
    /// How a bill came to us.
    BillSource {
        /// Fetched from the provider.
        Fetched = "FETCHED",
        /// Posted by the provider.
        Pushed = "PUSHED",
        /// Recorded by an operator.
        Manual = "MANUAL",
    }
    /// The status of a recharge.
    RechargeStatus {
        /// Its payment is under way.
        Pending = "PENDING",
        /// It is paid. Its remittance says whether the provider has it.
        Paid = "PAID",
        /// Its payment came to nothing, or the money went back.
        Cancelled = "CANCELLED",
    }
    /// What a fetch came to.
    FetchOutcomeKind {
        /// Bills came.
        Bills = "BILLS",
        /// Nothing is due yet.
        NoneDue = "NONE_DUE",
        /// The provider does not know the account.
        NotFound = "NOT_FOUND",
        /// The customer has to do something at the provider.
        NeedsCustomer = "NEEDS_CUSTOMER",
        /// The provider is still working on it.
        Pending = "PENDING",
        /// A passing fault.
        Retryable = "RETRYABLE",
        /// A fault somebody has to mend.
        Broken = "BROKEN",
    }
    /// Why a batch was fetched.
    FetchRunKind {
        /// The schedule said so.
        Scheduled = "SCHEDULED",
        /// Somebody asked for one account.
        Account = "ACCOUNT",
        /// An operator asked for a whole provider.
        Provider = "PROVIDER",
        /// The first fetch of a new account.
        First = "FIRST",
    }
    /// Where a run stands.
    RunStatus {
        /// Waiting or at work.
        Running = "RUNNING",
        /// Over.
        Finished = "FINISHED",
        /// Stopped by somebody.
        Cancelled = "CANCELLED",
    }
    /// A way to reach a customer.
    Channel {
        /// Web push to one device.
        Push = "PUSH",
        /// E-mail.
        Email = "EMAIL",
        /// Text message.
        Sms = "SMS",
    }
    /// What a message is about.
    NotificationKind {
        /// A bill arrived.
        BillReceived = "BILL_RECEIVED",
        /// The provider corrected a bill.
        BillCorrected = "BILL_CORRECTED",
        /// A bill was withdrawn.
        BillVoided = "BILL_VOIDED",
        /// A bill is due soon, today or was due.
        BillReminder = "BILL_REMINDER",
        /// A prepaid plan ends soon or today.
        PlanReminder = "PLAN_REMINDER",
        /// An account has something to mend.
        AccountNeedsAttention = "ACCOUNT_NEEDS_ATTENTION",
        /// Something about sign-in.
        Security = "SECURITY",
        /// For staff: a provider fails.
        ProviderTrouble = "PROVIDER_TROUBLE",
        /// An invitation to claim a customer.
        Invitation = "INVITATION",
        /// A message sent to try a channel.
        Test = "TEST",
        /// A payment succeeded.
        PaymentSucceeded = "PAYMENT_SUCCEEDED",
        /// A payment failed.
        PaymentFailed = "PAYMENT_FAILED",
        /// A payment waits for its owner's confirmation.
        PaymentAction = "PAYMENT_ACTION",
        /// Money went back.
        PaymentRefunded = "PAYMENT_REFUNDED",
        /// A payment method was refused, or a card expires soon.
        MethodTrouble = "METHOD_TROUBLE",
        /// A prepaid provider gave the code for a recharge.
        VoucherReady = "VOUCHER_READY",
        /// A link to set a new password.
        PasswordReset = "PASSWORD_RESET",
        /// A link to confirm an e-mail address.
        EmailConfirmation = "EMAIL_CONFIRMATION",
        /// A notice to the owner of an e-mail address.
        EmailNotice = "EMAIL_NOTICE",
        /// An invitation to a household, or that one was accepted.
        HouseholdInvitation = "HOUSEHOLD_INVITATION",
    }
    /// Where a delivery stands.
    DeliveryStatus {
        /// To be sent when due.
        Queued = "QUEUED",
        /// Handed to the network; the answer is not known yet.
        Sending = "SENDING",
        /// Taken over by the far side.
        Sent = "SENT",
        /// Given up.
        Failed = "FAILED",
        /// No longer needed when its time came.
        Skipped = "SKIPPED",
        /// Interrupted between sending and its answer; not sent again.
        Unknown = "UNKNOWN",
    }
    /// What a reminder is about.
    ReminderSubject {
        /// A bill's due date.
        Bill = "BILL",
        /// A prepaid plan's end.
        Plan = "PLAN",
    }
    /// Where an import stands.
    ImportStatus {
        /// Waiting or at work.
        Running = "RUNNING",
        /// Over.
        Finished = "FINISHED",
    }
    /// Where a row of an import stands.
    ImportRowStatus {
        /// Not looked at yet.
        Waiting = "WAITING",
        /// Done (or, in a dry run, would be).
        Done = "DONE",
        /// Refused, with errors.
        Failed = "FAILED",
    }
    /// Which adapter talks to a gateway.
    GatewayAdapter {
        /// Stripe's API.
        Stripe = "STRIPE",
        /// The sandbox's card network, in Stripe's shape.
        Sandbox = "SANDBOX",
    }
    /// Whether new payments go through a gateway.
    GatewayStatus {
        /// They do.
        Active = "ACTIVE",
        /// They do not; what is under way is finished.
        Paused = "PAUSED",
    }
    /// What a test of a gateway's keys found.
    GatewayTestResult {
        /// The gateway accepts the key, and its account can be charged through.
        Passed = "PASSED",
        /// The gateway does not accept the key.
        KeyRefused = "KEY_REFUSED",
        /// The key is valid but may not read the account.
        NotPermitted = "NOT_PERMITTED",
        /// The account cannot take charges yet, or no longer.
        AccountDisabled = "ACCOUNT_DISABLED",
        /// The key belongs to another account than the one the gateway has worked with.
        OtherAccount = "OTHER_ACCOUNT",
        /// The address could not be reached, or asked to wait; nothing was read.
        Unreachable = "UNREACHABLE",
        /// There was no usable answer.
        NoAnswer = "NO_ANSWER",
        /// The request was refused for another reason.
        Refused = "REFUSED",
    }
    /// What a saved payment method is.
    MethodKind {
        /// A card.
        Card = "CARD",
        /// A direct debit of a bank account.
        DirectDebit = "DIRECT_DEBIT",
    }
    /// Where a saved payment method stands.
    MethodStatus {
        /// The bank or card network is being asked.
        Checking = "CHECKING",
        /// Its owner has something to confirm first.
        RequiresAction = "REQUIRES_ACTION",
        /// It can be charged.
        Ready = "READY",
        /// It was refused.
        Failed = "FAILED",
        /// Its owner removed it.
        Removed = "REMOVED",
    }
    /// What a payment is for.
    PaymentKind {
        /// Bills.
        Bills = "BILLS",
        /// The customer's own wallet.
        TopUp = "TOP_UP",
    }
    /// Where a payment stands.
    PaymentStatus {
        /// Written down; no gateway has been asked yet.
        Pending = "PENDING",
        /// A gateway is working on it.
        Processing = "PROCESSING",
        /// Its owner has something to confirm first.
        RequiresAction = "REQUIRES_ACTION",
        /// A gateway was asked and no answer is known; it is asked again, never charged again.
        Unknown = "UNKNOWN",
        /// The money reached us.
        Succeeded = "SUCCEEDED",
        /// The money did not reach us.
        Failed = "FAILED",
        /// Called off before any money moved.
        Cancelled = "CANCELLED",
    }
    /// Where one try at a gateway stands.
    AttemptStatus {
        /// Written down with its key; not sent yet.
        Created = "CREATED",
        /// Sent; the answer is not known yet.
        Sent = "SENT",
        /// The gateway is working on it.
        Processing = "PROCESSING",
        /// The customer has something to confirm first.
        RequiresAction = "REQUIRES_ACTION",
        /// The call ended without an answer.
        Unknown = "UNKNOWN",
        /// Charged.
        Succeeded = "SUCCEEDED",
        /// Refused.
        Failed = "FAILED",
        /// Called off.
        Cancelled = "CANCELLED",
    }
    /// Why a charge was declined, in the field's terms.
    DeclineKind {
        /// Not enough money.
        InsufficientFunds = "INSUFFICIENT_FUNDS",
        /// The bank gives no reason.
        DoNotHonor = "DO_NOT_HONOR",
        /// The card is past its date.
        CardExpired = "CARD_EXPIRED",
        /// The bank wants its customer to confirm.
        AuthenticationRequired = "AUTHENTICATION_REQUIRED",
        /// The direct debit mandate is not in force.
        MandateInactive = "MANDATE_INACTIVE",
        /// Taken for fraud, or the card was reported lost or stolen.
        Fraud = "FRAUD",
        /// The number, code or account is wrong or closed.
        InvalidMethod = "INVALID_METHOD",
        /// The network failed; another gateway or a later try may work.
        ProcessingError = "PROCESSING_ERROR",
        /// Anything else.
        Other = "OTHER",
    }
    /// Where our paying a provider stands.
    RemittanceStatus {
        /// To be sent when due.
        Queued = "QUEUED",
        /// Sent; the provider has not confirmed it yet.
        Sent = "SENT",
        /// The call ended without an answer; the provider is asked, never paid again.
        Unknown = "UNKNOWN",
        /// The provider takes no payments by its interface: an operator transfers and confirms.
        Manual = "MANUAL",
        /// The provider has it.
        Confirmed = "CONFIRMED",
        /// The provider refused it; the customer gets the money back.
        Rejected = "REJECTED",
    }
    /// Where money goes back to.
    RefundTarget {
        /// The card or bank account it came from.
        Gateway = "GATEWAY",
        /// The customer's wallet.
        Wallet = "WALLET",
    }
    /// Why money goes back.
    RefundCause {
        /// An operator decided so.
        Operator = "OPERATOR",
        /// The provider refused the payment.
        ProviderRejected = "PROVIDER_REJECTED",
        /// The money arrived for a bill that no longer needed it.
        Surplus = "SURPLUS",
    }
    /// Where a refund stands.
    RefundStatus {
        /// On its way.
        Pending = "PENDING",
        /// The gateway was asked and no answer is known; it is asked again with the same key.
        Unknown = "UNKNOWN",
        /// It arrived.
        Succeeded = "SUCCEEDED",
        /// The gateway refused; an operator has to look.
        Failed = "FAILED",
    }
    /// What became of something a gateway told us.
    GatewayEventOutcome {
        /// Stored, not looked at yet.
        Received = "RECEIVED",
        /// Acted upon.
        Processed = "PROCESSED",
        /// Of a kind we have no use for, or about something that is not ours.
        Ignored = "IGNORED",
        /// Could not be dealt with, however often it was tried; tried once more when the gateway sends it again.
        Failed = "FAILED",
    }
    /// What sort of document it is.
    DocumentKind {
        /// What was asked for and how it is made up.
        Invoice = "INVOICE",
        /// That it was paid.
        Receipt = "RECEIPT",
    }
    /// Where a document stands.
    DocumentStatus {
        /// To be made.
        Queued = "QUEUED",
        /// Stored.
        Ready = "READY",
        /// Could not be made.
        Failed = "FAILED",
    }
    /// What an account of the ledger holds. Debits are positive, credits negative.
    LedgerAccountKind {
        /// What we owe a customer (credit); never overdrawn.
        Wallet = "WALLET",
        /// The part of a wallet that is set aside for a payment under way (credit); never overdrawn.
        WalletHold = "WALLET_HOLD",
        /// What we owe a provider (credit).
        ProviderPayable = "PROVIDER_PAYABLE",
        /// What a gateway owes us (debit).
        GatewayClearing = "GATEWAY_CLEARING",
        /// What we owe a customer whose money goes back (credit).
        RefundPayable = "REFUND_PAYABLE",
        /// What gateways kept for their service (debit).
        GatewayFees = "GATEWAY_FEES",
        /// Our bank account, from which providers are paid.
        Bank = "BANK",
    }
    /// Where a day's comparison stands.
    ReconciliationStatus {
        /// At work.
        Running = "RUNNING",
        /// Over.
        Finished = "FINISHED",
        /// The gateway could not be asked.
        Failed = "FAILED",
    }
    /// How the ledger and a gateway differ.
    DiscrepancyKind {
        /// The gateway charged and the ledger does not know.
        MissingPosting = "MISSING_POSTING",
        /// The ledger says charged and the gateway does not know.
        MissingCharge = "MISSING_CHARGE",
        /// Both know it, with different amounts.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// The gateway refunded and the ledger does not know.
        MissingRefundPosting = "MISSING_REFUND_POSTING",
        /// The ledger says refunded and the gateway does not know.
        MissingRefund = "MISSING_REFUND",
        /// The gateway charged something we cannot attribute to any payment.
        UnknownCharge = "UNKNOWN_CHARGE",
    }
}
