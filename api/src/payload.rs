//! The shape of every mutation's answer: what was made, or what to mend.

use billow_billing::{Error, Result};

/// Declares a payload: the fields that are there when it was done, and `userErrors`.
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject, Default)]
        pub(crate) struct $name {
            $($(#[$fdoc])* $field: $type,)*
            /// Validation errors. If there are any, nothing was changed.
            user_errors: Vec<$crate::types::UserError>,
        }

        impl $name {
            /// The answer to an outcome of the business.
            fn of<T>(outcome: billow_billing::Result<T>, made: impl FnOnce(T) -> Self) -> $crate::refusal::Result<Self> {
                let (value, user_errors) = $crate::refusal::done(outcome)?;
                let refused = || {
                    let mut refused = Self::default();
                    refused.user_errors.extend(user_errors);
                    refused
                };
                Ok(value.map_or_else(refused, made))
            }
        }
    };
}

pub(crate) use payload;

/// Names fields as the input does where the business has other names for them; only the outermost name is looked at.
pub(crate) fn named<T>(outcome: Result<T>, names: &[(&str, &str)]) -> Result<T> {
    let Err(Error::Invalid(mut causes)) = outcome else { return outcome };
    for cause in &mut causes {
        if let Some(first) = cause.path.first_mut()
            && let Some((_, name)) = names.iter().find(|(known_as, _)| *known_as == first.as_str())
        {
            *first = (*name).to_owned();
        }
    }
    Err(Error::Invalid(causes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use billow_billing::UserError;

    #[test]
    fn the_outermost_name_is_the_input_s() {
        let causes = ["due_on", "lines.0.due_on", ""].map(|path| UserError::new("INVALID", path, "…"));
        let outcome: Result<()> = Err(Error::Invalid(causes.into()));
        let Err(Error::Invalid(causes)) = named(outcome, &[("due_on", "dueOn")]) else { panic!("must stay an error") };
        assert_eq!(causes.into_iter().map(|cause| cause.path.join(".")).collect::<Vec<_>>(), ["dueOn", "lines.0.due_on", ""]);
    }
}
