//! The codes of all user errors, in one list.

/// Gives the list to the macro `$make`: a sentence, a name and a code each.
#[macro_export]
macro_rules! user_error_codes {
    ($make:ident) => {
        $make! {
            #[doc = "Left out or blank."]
            Required = "REQUIRED",
            #[doc = "Not of the form that is wanted; the message says which."]
            Invalid = "INVALID",
            #[doc = "Not the id of such a thing."]
            InvalidId = "INVALID_ID",
            #[doc = "Not an e-mail address."]
            InvalidEmail = "INVALID_EMAIL",
            #[doc = "Not a telephone number in E.164."]
            InvalidMobile = "INVALID_MOBILE",
            #[doc = "Not a locale in BCP 47."]
            InvalidLocale = "INVALID_LOCALE",
            #[doc = "Not a time zone of IANA."]
            InvalidTimeZone = "INVALID_TIME_ZONE",
            #[doc = "Not a country code of ISO 3166-1 alpha-2."]
            InvalidCountry = "INVALID_COUNTRY",
            #[doc = "Too few characters."]
            TooShort = "TOO_SHORT",
            #[doc = "Too many characters."]
            TooLong = "TOO_LONG",
            #[doc = "Not the number of characters that is wanted."]
            WrongLength = "WRONG_LENGTH",
            #[doc = "Does not match the regular expression."]
            WrongForm = "WRONG_FORM",
            #[doc = "A text where a number is wanted, or the other way round."]
            WrongType = "WRONG_TYPE",
            #[doc = "Outside its bounds."]
            OutOfRange = "OUT_OF_RANGE",
            #[doc = "More than may be given."]
            TooMany = "TOO_MANY",
            #[doc = "More than may be."]
            TooMuch = "TOO_MUCH",
            #[doc = "Given twice."]
            Duplicate = "DUPLICATE",
            #[doc = "May not be set here, or not by you."]
            NotAllowed = "NOT_ALLOWED",
            #[doc = "No such field in a definition."]
            UnknownField = "UNKNOWN_FIELD",
            #[doc = "Contradicts another field."]
            Inconsistent = "INCONSISTENT",
            #[doc = "Not a cursor of ours; begin without one."]
            InvalidCursor = "INVALID_CURSOR",
            #[doc = "The e-mail address or the password is wrong."]
            WrongCredentials = "WRONG_CREDENTIALS",
            #[doc = "Tried too often; `retryAfter` says in how many seconds it may be tried again."]
            TooManyAttempts = "TOO_MANY_ATTEMPTS",
            #[doc = "Somebody has confirmed this e-mail address."]
            EmailTaken = "EMAIL_TAKEN",
            #[doc = "Somebody has this number of the other system."]
            ExternalRefTaken = "EXTERNAL_REF_TAKEN",
            #[doc = "The password has fewer than ten characters."]
            PasswordTooShort = "PASSWORD_TOO_SHORT",
            #[doc = "The password is easy to guess."]
            PasswordTooCommon = "PASSWORD_TOO_COMMON",
            #[doc = "The new password is the present one."]
            PasswordUnchanged = "PASSWORD_UNCHANGED",
            #[doc = "A mailed link was used already, is too old, or was replaced by a newer one."]
            LinkInvalid = "LINK_INVALID",
            #[doc = "New accounts are made by invitation only."]
            SignUpClosed = "SIGN_UP_CLOSED",
            #[doc = "Confirm your own address first."]
            EmailUnconfirmed = "EMAIL_UNCONFIRMED",
            #[doc = "The address is confirmed."]
            NothingToConfirm = "NOTHING_TO_CONFIRM",
            #[doc = "The customer has no password yet, send the invitation again."]
            NoSignIn = "NO_SIGN_IN",
            #[doc = "The sign-in is disabled."]
            UserDisabled = "USER_DISABLED",
            #[doc = "The current password is not this one."]
            WrongPassword = "WRONG_PASSWORD",
            #[doc = "The invitation is unknown or has run out."]
            InvitationInvalid = "INVITATION_INVALID",
            #[doc = "It was used."]
            AlreadyClaimed = "ALREADY_CLAIMED",
            #[doc = "You cannot do this to yourself."]
            OwnUser = "OWN_USER",
            #[doc = "The code is wrong, too old or was used already."]
            WrongCode = "WRONG_CODE",
            #[doc = "The second step took too long, was used already, had five wrong answers, or comes from another browser; start again."]
            ChallengeInvalid = "CHALLENGE_INVALID",
            #[doc = "The passkey was not accepted: another host, an old challenge, or one that is not known here."]
            WrongPasskey = "WRONG_PASSKEY",
            #[doc = "It was added already."]
            PasskeyExists = "PASSKEY_EXISTS",
            #[doc = "The address of this instance has no host name, which passkeys need."]
            PasskeysUnavailable = "PASSKEYS_UNAVAILABLE",
            #[doc = "There is an authenticator app already."]
            TotpExists = "TOTP_EXISTS",
            #[doc = "None was started."]
            TotpNotStarted = "TOTP_NOT_STARTED",
            #[doc = "No second factor is set up."]
            NoSecondFactor = "NO_SECOND_FACTOR",
            #[doc = "This role must keep one."]
            SecondFactorNeeded = "SECOND_FACTOR_NEEDED",
            #[doc = "A cookie cannot be set on a socket; sign in by `POST /graphql`."]
            CookieNeedsHttp = "COOKIE_NEEDS_HTTP",
            #[doc = "The customer has as many homes as may be."]
            TooManyHomes = "TOO_MANY_HOMES",
            #[doc = "The home has as many members as may be."]
            TooManyMembers = "TOO_MANY_MEMBERS",
            #[doc = "Shares the home already."]
            AlreadyMember = "ALREADY_MEMBER",
            #[doc = "A home keeps an owner."]
            LastOwner = "LAST_OWNER",
            #[doc = "Accounts still belong to it."]
            HasAccounts = "HAS_ACCOUNTS",
            #[doc = "Bills still belong to it."]
            HasBills = "HAS_BILLS",
            #[doc = "There is no such home."]
            UnknownProperty = "UNKNOWN_PROPERTY",
            #[doc = "There is no such provider."]
            UnknownProvider = "UNKNOWN_PROVIDER",
            #[doc = "The provider has no such parameter."]
            UnknownParam = "UNKNOWN_PARAM",
            #[doc = "The provider takes no new accounts and no recharges now."]
            ProviderPaused = "PROVIDER_PAUSED",
            #[doc = "You see this account already."]
            AlreadyAdded = "ALREADY_ADDED",
            #[doc = "The number is registered with somebody else; support can help."]
            AccountTaken = "ACCOUNT_TAKEN",
            #[doc = "The account is closed."]
            Closed = "CLOSED",
            #[doc = "Its provider sends bills by itself."]
            NotFetched = "NOT_FETCHED",
            #[doc = "Not the currency of the account's provider."]
            WrongCurrency = "WRONG_CURRENCY",
            #[doc = "The amount and its scale do not fit."]
            OtherScale = "OTHER_SCALE",
            #[doc = "More decimal places than the currency has."]
            TooPrecise = "TOO_PRECISE",
            #[doc = "The amount is not a decimal number."]
            NotANumber = "NOT_A_NUMBER",
            #[doc = "A minimum or maximum is negative."]
            Negative = "NEGATIVE",
            #[doc = "All bills that are stated again jumped by a factor of 90 or more: the scale in the definition is wrong, or `limits.accept_jumps` is to be set."]
            Rescaled = "RESCALED",
            #[doc = "The answer has another bill with this number, which says something else; the first one was taken."]
            DuplicateNumber = "DUPLICATE_NUMBER",
            #[doc = "A Green Button bill for about the same days as another one of the account."]
            OverlappingPeriod = "OVERLAPPING_PERIOD",
            #[doc = "The bill is due before it was issued."]
            DueBeforeIssue = "DUE_BEFORE_ISSUE",
            #[doc = "The bill was issued in the future."]
            IssuedInFuture = "ISSUED_IN_FUTURE",
            #[doc = "The period ends before it begins."]
            PeriodReversed = "PERIOD_REVERSED",
            #[doc = "The date cannot be right."]
            ImplausibleDate = "IMPLAUSIBLE_DATE",
            #[doc = "Another account's bill."]
            OtherAccount = "OTHER_ACCOUNT",
            #[doc = "More lines than a bill may have."]
            TooManyLines = "TOO_MANY_LINES",
            #[doc = "The account has a bill of this number."]
            NumberTaken = "NUMBER_TAKEN",
            #[doc = "The correction changes nothing."]
            NoChange = "NO_CHANGE",
            #[doc = "A bill that stands like this cannot become that; a document that was made is not made again."]
            IllegalState = "ILLEGAL_STATE",
            #[doc = "No such consumer of events."]
            UnknownConsumer = "UNKNOWN_CONSUMER",
            #[doc = "Another provider has this code."]
            CodeTaken = "CODE_TAKEN",
            #[doc = "The address changed to another host: give this secret again, it is never sent to a host it was not stored for."]
            SecretNeeded = "SECRET_NEEDED",
            #[doc = "The connector's settings are wrong; the path says where, the message what."]
            Connector = "CONNECTOR",
            #[doc = "A credential is named that is not given, or given that is not named."]
            UnknownCredential = "UNKNOWN_CREDENTIAL",
            #[doc = "Somebody else changed it meanwhile; read it again."]
            Conflict = "CONFLICT",
            #[doc = "Accounts depend on it."]
            InUse = "IN_USE",
            #[doc = "The posted body cannot be read."]
            InvalidBody = "INVALID_BODY",
            #[doc = "Nothing can be paid of the bill now, or nothing bought for the account; the message says why."]
            NotPayable = "NOT_PAYABLE",
            #[doc = "The provider does not take this amount; the message says which it takes."]
            AmountNotTaken = "AMOUNT_NOT_TAKEN",
            #[doc = "Another payment of the bill, or another recharge of the account, is under way."]
            PaymentInProgress = "PAYMENT_IN_PROGRESS",
            #[doc = "The account's provider does not sell this plan, or not at this price any more."]
            PlanNotOffered = "PLAN_NOT_OFFERED",
            #[doc = "The provider has given no code for this."]
            NoVoucher = "NO_VOUCHER",
            #[doc = "The provider has the payment and is still asked about it; the message says from when it can be decided by hand."]
            TooEarly = "TOO_EARLY",
            #[doc = "There is not enough money in the wallet."]
            InsufficientFunds = "INSUFFICIENT_FUNDS",
            #[doc = "The key was used for something else; take a new one."]
            IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED",
            #[doc = "There is no such currency."]
            UnknownCurrency = "UNKNOWN_CURRENCY",
            #[doc = "The payment method cannot be charged (yet, or any more)."]
            MethodNotReady = "METHOD_NOT_READY",
            #[doc = "A payment with it is under way; it can be removed when that is over."]
            MethodInUse = "METHOD_IN_USE",
            #[doc = "No gateway takes this currency and kind of method."]
            NoGateway = "NO_GATEWAY",
            #[doc = "The gateway cannot be resumed: its current keys were not tested, or the last test failed; call `testGateway` first."]
            GatewayUntested = "GATEWAY_UNTESTED",
            #[doc = "A live key where a test key is needed, or the other way round: a gateway keeps its mode, and the sandbox takes test keys only."]
            WrongMode = "WRONG_MODE",
            #[doc = "The sandbox moves no money: its gateways can be added and resumed only in the demo, or with `gateways.sandbox = true`."]
            SandboxNotAllowed = "SANDBOX_NOT_ALLOWED",
            #[doc = "The payment service does not answer; try again in a minute."]
            GatewayUnavailable = "GATEWAY_UNAVAILABLE",
            #[doc = "The database cannot store data at the moment, so nothing was charged, sent or changed; try again in a few minutes, with the same idempotency key."]
            StorageUnavailable = "STORAGE_UNAVAILABLE",
            #[doc = "The link to pay has run out; sign in or ask for a new one."]
            LinkExpired = "LINK_EXPIRED",
            #[doc = "The file has no rows."]
            EmptyFile = "EMPTY_FILE",
            #[doc = "The file is too large."]
            TooLarge = "TOO_LARGE",
            #[doc = "The file has too many rows."]
            TooManyRows = "TOO_MANY_ROWS",
            #[doc = "The file is not text in UTF-8."]
            InvalidEncoding = "INVALID_ENCODING",
            #[doc = "The heading lacks a column."]
            MissingColumn = "MISSING_COLUMN",
            #[doc = "The heading has a column that is not known."]
            UnknownColumn = "UNKNOWN_COLUMN",
            #[doc = "The heading has a column twice."]
            DuplicateColumn = "DUPLICATE_COLUMN",
            #[doc = "The row has more or fewer cells than the heading."]
            WrongCellCount = "WRONG_CELL_COUNT",
            #[doc = "The e-mail address is twice in the file."]
            DuplicateEmail = "DUPLICATE_EMAIL",
            #[doc = "The number of the other system is twice in the file."]
            DuplicateExternalRef = "DUPLICATE_EXTERNAL_REF",
            #[doc = "Not an error: the customer was there and was brought up to date."]
            Updated = "UPDATED",
            #[doc = "Wait for one to finish."]
            TooManyImports = "TOO_MANY_IMPORTS",
            #[doc = "No such thing, or somebody else's."]
            NotFound = "NOT_FOUND",
            #[doc = "You may not do this."]
            Forbidden = "FORBIDDEN",
            #[doc = "The dead letter failed again; its error is in the message."]
            StillFailing = "STILL_FAILING",
        }
    };
}

macro_rules! define {
    ($(#[doc = $meaning:literal] $variant:ident = $code:literal,)*) => {
        /// What is wrong, for programs. A code keeps its meaning; codes are added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum UserErrorCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl UserErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As the API writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }

        impl std::str::FromStr for UserErrorCode {
            type Err = UnknownCode;

            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                match text {
                    $($code => Ok(Self::$variant),)*
                    _ => Err(UnknownCode),
                }
            }
        }
    };
}

/// A code that is not in the list, such as one that a later release wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of a user error")]
pub struct UnknownCode;

user_error_codes!(define);
