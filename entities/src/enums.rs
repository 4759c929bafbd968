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
        /// Its owner has something to mend.
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
        /// Paid, as the provider says, but not through Billow.
        PaidElsewhere = "PAID_ELSEWHERE",
        /// Withdrawn.
        Voided = "VOIDED",
        /// Replaced by another bill.
        Superseded = "SUPERSEDED",
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
}
