//! What a part of a payment pays.

use uuid::Uuid;

use crate::enums::text_enum;
use crate::{BillId, RechargeId, payment_allocation, remittance};

macro_rules! payables {
    ($($(#[$doc:meta])* $name:ident($id:ident) = $text:literal, $accessor:ident;)*) => {
        text_enum! {
            /// The kind of what a part of a payment pays.
            PayableKind {
                $($(#[$doc])* $name = $text,)*
            }
        }

        /// What a part of a payment pays, as its two columns say it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Target {
            $($(#[$doc])* $name($id),)*
        }

        impl Target {
            /// The two columns as one value.
            #[must_use]
            pub const fn of(kind: PayableKind, id: Uuid) -> Self {
                match kind { $(PayableKind::$name => Self::$name($id(id)),)* }
            }

            /// Its kind.
            #[must_use]
            pub const fn kind(self) -> PayableKind {
                match self { $(Self::$name(_) => PayableKind::$name,)* }
            }

            /// Its id.
            #[must_use]
            pub const fn id(self) -> Uuid {
                match self { $(Self::$name(id) => id.0,)* }
            }

            $(
                /// The id, where it is of this kind.
                #[must_use]
                pub const fn $accessor(self) -> Option<$id> {
                    match self { Self::$name(id) => Some(id), _ => None }
                }
            )*
        }
    };
}

payables! {
    /// A bill.
    Bill(BillId) = "BILL", bill;
    /// A recharge of a prepaid account.
    Recharge(RechargeId) = "RECHARGE", recharge;
}

impl payment_allocation::Model {
    /// What it pays.
    #[must_use]
    pub const fn target(&self) -> Target {
        Target::of(self.target_kind, self.target_id)
    }
}

impl remittance::Model {
    /// What the provider is paid for.
    #[must_use]
    pub const fn target(&self) -> Target {
        Target::of(self.target_kind, self.target_id)
    }
}
