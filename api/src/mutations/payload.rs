//! The shape of every mutation's answer: what was made, or what to mend.

/// Declares payloads: the fields that are there when it was done, and `userErrors`.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Default)]
        pub(crate) struct $name {
            $($(#[$fdoc])* pub $field: $type,)*
            /// What to mend; nothing was changed where there is any.
            pub user_errors: Vec<$crate::types::UserError>,
        }

        impl $name {
            /// The answer to an outcome of the business.
            pub(crate) fn of<T>(
                outcome: billow_billing::Result<T>,
                made: impl FnOnce(T) -> Self,
            ) -> $crate::refusal::Result<Self> {
                Ok(match $crate::refusal::done(outcome)? {
                    $crate::refusal::Done::Made(value) => made(value),
                    $crate::refusal::Done::Refused(causes) => Self {
                        user_errors: causes.into_iter().map(Into::into).collect(),
                        ..Self::default()
                    },
                })
            }
        }
    };
}

pub(crate) use payload;

payload! {
    /// Whether it was done.
    OkPayload {
        /// Whether it was done.
        ok: bool,
    }
}

impl OkPayload {
    /// Done.
    pub(crate) fn done() -> Self {
        Self { ok: true, user_errors: Vec::new() }
    }
}
