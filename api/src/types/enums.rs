//! The closed sets of values, as the API tells them.

use async_graphql::Enum;
use billow_billing::bills;

macro_rules! same_as {
    ($($(#[$doc:meta])* $name:ident = $remote:literal { $($(#[$vdoc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
        #[graphql(remote = $remote)]
        pub(crate) enum $name { $($(#[$vdoc])* $variant),* }
    )*};
}

pub(crate) use same_as;

same_as! {
    /// What somebody who signs in may do.
    Role = "billow_entities::Role" {
        /// Own things.
        Customer,
        /// Customers' things, no secrets.
        Operator,
        /// Also providers, policies and staff.
        Admin,
    }
    /// How a sign-in presents itself.
    SessionKind = "billow_entities::SessionKind" {
        /// A browser with an HttpOnly cookie.
        Cookie,
        /// An app with a bearer token.
        Bearer,
    }
    /// A customer's part in a home.
    PropertyRole = "billow_entities::PropertyRole" {
        /// Manages the home and its members.
        Owner,
        /// Sees and pays.
        Payer,
        /// Sees.
        Viewer,
    }
    /// What a provider supplies.
    UtilityType = "billow_entities::UtilityType" {
        /// Electric power.
        Electricity,
        /// Piped gas.
        Gas,
        /// Water and sewage.
        Water,
        /// Mobile telephony.
        Mobile,
        /// Internet at home.
        Broadband,
        /// Insurance premiums.
        Insurance,
        /// District heating.
        Heating,
        /// Refuse collection.
        Waste,
        /// Television.
        Television,
        /// What fits nowhere else.
        Other,
    }
    /// How Billow talks to a provider.
    ConnectorKind = "billow_entities::ConnectorKind" {
        /// Declared HTTP steps with jq programs.
        Http,
        /// An ESPI (Green Button) Atom feed.
        GreenButton,
        /// CSV files dropped in a folder or fetched from an address.
        File,
        /// The provider posts its bills.
        Push,
    }
    /// Whether a provider's accounts are fetched.
    ProviderStatus = "billow_entities::ProviderStatus" {
        /// In use.
        Active,
        /// Nothing is fetched until it is resumed.
        Paused,
    }
    /// Whether calls to a provider go through.
    CircuitState = "billow_entities::CircuitState" {
        /// They do.
        Closed,
        /// They do not, after repeated faults.
        Open,
        /// One probe at a time does.
        HalfOpen,
    }
    /// Which amounts a provider takes for a bill.
    AmountRuleKind = "billow_entities::AmountRuleKind" {
        /// The amount of the bill.
        Exact,
        /// The amount of the bill or more.
        ExactOrAbove,
        /// The amount of the bill or less.
        ExactOrBelow,
        /// Any amount.
        Any,
        /// An amount between two bounds.
        Range,
    }
    /// Where a utility account stands.
    AccountStatus = "billow_entities::AccountStatus" {
        /// Added; its first fetch is not over.
        Pending,
        /// Fetched on schedule.
        Active,
        /// Its owner has something to correct.
        NeedsAttention,
        /// Not fetched, at somebody's request.
        Paused,
        /// Gone; its history stays.
        Closed,
    }
    /// Where a bill stands.
    BillStatus = "billow_entities::BillStatus" {
        /// To be paid.
        Open,
        /// Paid through Billow.
        Paid,
        /// Paid, but not through Billow: as the provider says, or as a person marked it.
        PaidElsewhere,
        /// Older than the account here, from a provider that does not say what was paid. Nobody is asked to pay it.
        History,
        /// Withdrawn.
        Voided,
        /// Replaced by another bill.
        Superseded,
        /// A credit: the amount is negative, in the customer's favour, and nothing is to be paid.
        Credit,
        /// The bill comes to zero, and nothing is to be paid.
        NothingDue,
    }
    /// Who marked a bill as paid elsewhere.
    BillMarker = "billow_entities::BillMarker" {
        /// Its customer, or a member of its home who pays.
        Customer,
        /// An operator.
        Operator,
    }
    /// The status of a recharge.
    RechargeStatus = "billow_entities::RechargeStatus" {
        /// Its payment is under way.
        Pending,
        /// It is paid. Its remittance says whether the provider has it.
        Paid,
        /// Its payment came to nothing, or the money went back.
        Cancelled,
    }
    /// What a fetch came to.
    FetchOutcome = "billow_entities::FetchOutcomeKind" {
        /// Bills came.
        Bills,
        /// Nothing is due yet.
        NoneDue,
        /// The provider does not know the account.
        NotFound,
        /// The customer has to do something at the provider.
        NeedsCustomer,
        /// The provider is still working on it.
        Pending,
        /// A passing fault.
        Retryable,
        /// A fault somebody has to mend.
        Broken,
    }
    /// Why a batch was fetched.
    FetchRunKind = "billow_entities::FetchRunKind" {
        /// The schedule said so.
        Scheduled,
        /// Somebody asked for one account.
        Account,
        /// An operator asked for a whole provider.
        Provider,
        /// The first fetch of a new account.
        First,
    }
    /// Where a fetch run stands.
    RunStatus = "billow_entities::RunStatus" {
        /// Waiting or at work.
        Running,
        /// Over.
        Finished,
        /// Stopped by somebody.
        Cancelled,
    }
    /// What a message is about.
    NotificationKind = "billow_entities::NotificationKind" {
        /// A bill arrived.
        BillReceived,
        /// The provider corrected a bill.
        BillCorrected,
        /// A bill was withdrawn.
        BillVoided,
        /// A bill is due soon, today or was due.
        BillReminder,
        /// A prepaid plan ends soon or today.
        PlanReminder,
        /// An account has something to mend.
        AccountNeedsAttention,
        /// Something about sign-in.
        Security,
        /// For staff: a provider fails.
        ProviderTrouble,
        /// An invitation to claim a customer.
        Invitation,
        /// A message sent to try a channel.
        Test,
        /// A payment succeeded.
        PaymentSucceeded,
        /// A payment failed.
        PaymentFailed,
        /// A payment waits for its owner's confirmation.
        PaymentAction,
        /// Money went back.
        PaymentRefunded,
        /// A payment method was refused, or a card expires soon.
        MethodTrouble,
        /// A prepaid provider gave the code for a recharge.
        VoucherReady,
        /// A link to set a new password.
        PasswordReset,
        /// A link to confirm an e-mail address.
        EmailConfirmation,
        /// A notice to the owner of an e-mail address.
        EmailNotice,
        /// An invitation to a household, or that one was accepted.
        HouseholdInvitation,
    }
    /// A way to reach somebody.
    Channel = "billow_entities::Channel" {
        /// Web push to one device.
        Push,
        /// E-mail.
        Email,
        /// Text message.
        Sms,
    }
    /// Where a delivery stands.
    DeliveryStatus = "billow_entities::DeliveryStatus" {
        /// To be sent when due.
        Queued,
        /// Handed to the network; the answer is not known yet.
        Sending,
        /// Taken over by the far side.
        Sent,
        /// Given up.
        Failed,
        /// No longer needed when its time came.
        Skipped,
        /// Interrupted between sending and its answer; not sent again.
        Unknown,
    }
    /// Where an import stands.
    ImportStatus = "billow_entities::ImportStatus" {
        /// Waiting or at work.
        Running,
        /// Over.
        Finished,
    }
    /// Where a row of an import stands.
    ImportRowStatus = "billow_entities::ImportRowStatus" {
        /// Not looked at yet.
        Waiting,
        /// Done (or, in a dry run, would be).
        Done,
        /// Refused, with errors.
        Failed,
    }
    /// What a program with an API key may do.
    ApiScope = "billow_billing::Scope" {
        /// Post bills of one provider.
        BillsPush,
        /// Read bills and accounts of all customers.
        BillsRead,
        /// Follow the event log.
        EventsRead,
    }
    /// Which bills, by where they stand.
    BillListState = "bills::BillListState" {
        /// To be paid, overdue ones included, as far as no payment under way covers them.
        Open,
        /// To be paid, and past their due date.
        Overdue,
        /// Covered by a payment under way, wholly or in part.
        BeingPaid,
        /// Paid, through Billow or elsewhere.
        Paid,
        /// All of them.
        All,
    }
    /// What sort of line of a bill.
    LineKind = "billow_billing::ports::LineKind" {
        /// For what was supplied.
        Charge,
        /// For being a customer.
        Fee,
        /// For the state.
        Tax,
        /// In the customer's favour.
        Credit,
        /// Paid before.
        Payment,
        /// No money.
        Information,
    }
}

/// In which order bills come.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "bills::BillSort")]
pub(crate) enum BillOrder {
    /// The latest issued first.
    Newest,
    /// The earliest due first, those without a due date last.
    DueDate,
    /// The last to arrive first: the quickest for lists over all customers.
    Arrived,
}

/// How a bill came to Billow.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BillSource {
    /// Fetched from the provider.
    Fetched,
    /// Posted by the provider.
    Pushed,
    /// Recorded by an operator.
    Manual,
    /// Made by Billow for a plan somebody buys for a prepaid account.
    #[graphql(deprecation = "Recharges are not bills any more: see `UtilityAccount.recharges`.")]
    Recharge,
}

impl From<billow_entities::BillSource> for BillSource {
    fn from(source: billow_entities::BillSource) -> Self {
        match source {
            billow_entities::BillSource::Fetched => Self::Fetched,
            billow_entities::BillSource::Pushed => Self::Pushed,
            billow_entities::BillSource::Manual => Self::Manual,
        }
    }
}
