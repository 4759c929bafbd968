//! What subscribers are told.

use async_graphql::{ID, SimpleObject};

use crate::accounts::account::UtilityAccount;
use crate::bills::bill::Bill;
use crate::fetching::types::FetchRun;
use crate::ids;
use crate::imports::types::ImportRun;
use crate::messages::types::Notification;
use crate::methods::method::PaymentMethod;
use crate::operations::types::Event;
use crate::payments::payment::Payment;
use crate::providers::provider::Provider;
use crate::scalars::Instant;
use crate::subscriptions::follow::Telling;
use crate::wallets::wallet::Wallet;

macro_rules! telling {
    ($($(#[$doc:meta])* $name:ident { $(#[$fdoc:meta])* $field:ident: $node:ty })*) => {$(
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            /// Where to go on from: give it as `after` when you subscribe again, and nothing is missed.
            cursor: String,
            /// The event's id, the same each time it is told; null with a resync, or for what is told at the start.
            event_id: Option<ID>,
            /// When it happened.
            occurred_at: Option<Instant>,
            /// Whether the cursor you came with is not of this log: read afresh, and go on from this one.
            resync: bool,
            $(#[$fdoc])*
            $field: Option<$node>,
        }

        impl From<Telling<$node>> for $name {
            fn from(telling: Telling<$node>) -> Self {
                Self {
                    cursor: telling.cursor,
                    event_id: telling.event.as_ref().map(|event| ids::text(event.id)),
                    occurred_at: telling.event.as_ref().map(|event| Instant(event.occurred_at)),
                    resync: telling.resync,
                    $field: telling.node,
                }
            }
        }
    )*};
}

telling! {
    /// Something happened to a bill.
    BillEvent {
        /// The bill as it is now; null with a resync.
        bill: Bill
    }
    /// Something happened to a utility account.
    UtilityAccountEvent {
        /// The account as it is now; null with a resync.
        utility_account: UtilityAccount
    }
    /// A message came.
    NotificationEvent {
        /// The message; null with a resync.
        notification: Notification
    }
    /// A fetch run came further.
    FetchRunEvent {
        /// The run as it is now; null with a resync.
        fetch_run: FetchRun
    }
    /// An import came further.
    ImportRunEvent {
        /// The import as it is now; null with a resync.
        import_run: ImportRun
    }
    /// A provider was registered, edited, paused, or its circuit opened or closed.
    ProviderEvent {
        /// The provider as it is now; null with a resync.
        provider: Provider
    }
    /// Something happened to a payment.
    PaymentEvent {
        /// The payment as it is now; null with a resync.
        payment: Payment
    }
    /// A wallet moved.
    WalletEvent {
        /// The wallet as it is now; null with a resync.
        wallet: Wallet
    }
    /// Something happened to a payment method.
    PaymentMethodEvent {
        /// The method as it is now; null with a resync.
        payment_method: PaymentMethod
    }
    /// Something happened.
    EventEvent {
        /// What; null with a resync, and where listening began.
        event: Event
    }
}
