//! What several inputs share.

use std::collections::BTreeMap;

use async_graphql::InputObject;
use billow_billing::ports::{FetchedAmount, FetchedLine};
use billow_billing::providers::Credentials;
use billow_billing::{Error, Result};

use crate::scalars::{BigInt, Json};
use crate::types::LineKind;

/// One of the values a provider asks for.
#[derive(InputObject)]
pub(crate) struct ParamInput {
    /// The parameter's name, as the provider declares it.
    name: String,
    /// Its value.
    value: String,
}

/// The values by their names.
///
/// # Errors
/// `DUPLICATE` when one is given twice.
pub(super) fn params(list: Vec<ParamInput>) -> Result<BTreeMap<String, String>> {
    let mut by_name = BTreeMap::new();
    for ParamInput { name, value } in list {
        if by_name.insert(name, value).is_some() {
            return Err(Error::invalid("DUPLICATE", "params", "A parameter is given twice."));
        }
    }
    Ok(by_name)
}

/// Secrets by their names, from an object of texts.
///
/// # Errors
/// `INVALID` when it is something else.
pub(super) fn credentials(json: Option<Json>) -> Result<Credentials> {
    match json {
        None | Some(Json(serde_json::Value::Null)) => Ok(Credentials::new()),
        Some(Json(object)) => {
            let texts: BTreeMap<String, String> = serde_json::from_value(object)
                .map_err(|_| Error::invalid("INVALID", "credentials", "Credentials are an object whose values are texts."))?;
            Ok(texts.into_iter().map(|(name, secret)| (name, secret.into())).collect())
        }
    }
}

/// A line of a bill as an operator writes it down.
#[derive(InputObject)]
pub(crate) struct BillLineInput {
    /// What for.
    label: String,
    /// How much, in minor units; negative in the customer's favour. A line without an amount only informs.
    amount_minor: Option<BigInt>,
    /// What sort of line.
    kind: Option<LineKind>,
}

impl From<BillLineInput> for FetchedLine {
    fn from(line: BillLineInput) -> Self {
        Self { label: line.label, amount: line.amount_minor.map(minor), usage: None, kind: line.kind.map(Into::into) }
    }
}

/// An amount in minor units.
pub(super) fn minor(amount: BigInt) -> FetchedAmount {
    FetchedAmount::Minor { minor: amount.0 }
}

/// Names fields as the input does where the business has other names for them; only the outermost name is looked at.
pub(super) fn named<T>(outcome: Result<T>, names: &[(&str, &str)]) -> Result<T> {
    let Err(Error::Invalid(mut causes)) = outcome else { return outcome };
    for cause in &mut causes {
        if let Some(first) = cause.path.first_mut()
            && let Some((_, name)) = names.iter().find(|(ours, _)| *ours == first.as_str())
        {
            *first = (*name).to_owned();
        }
    }
    Err(Error::Invalid(causes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use billow_billing::identity::ExposeSecret as _;
    use serde_json::json;

    #[test]
    fn a_parameter_is_given_once() {
        let param = |name: &str, value: &str| ParamInput { name: name.into(), value: value.into() };
        let taken = params(vec![param("number", "1"), param("surname", "Weiß")]).expect("taken");
        assert_eq!(taken.get("surname").map(String::as_str), Some("Weiß"));
        assert!(params(vec![param("number", "1"), param("number", "2")]).is_err());
    }

    #[test]
    fn credentials_are_texts_by_name() {
        let taken = credentials(Some(Json(json!({"key": "secret"})))).expect("taken");
        assert_eq!(taken["key"].expose_secret(), "secret");
        assert!(credentials(None).expect("taken").is_empty());
        for wrong in [json!({"key": 1}), json!(["key"]), json!("key")] {
            assert!(credentials(Some(Json(wrong.clone()))).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_outermost_name_is_the_input_s() {
        let outcome: Result<()> = Err(Error::Invalid(vec![
            billow_billing::UserError::new("A", "due_on", "…"),
            billow_billing::UserError::new("B", "lines.0.due_on", "…"),
            billow_billing::UserError::new("C", "", "…"),
        ]));
        let Err(Error::Invalid(causes)) = named(outcome, &[("due_on", "dueOn")]) else { panic!("must stay an error") };
        assert_eq!(causes.into_iter().map(|cause| cause.path.join(".")).collect::<Vec<_>>(), ["dueOn", "lines.0.due_on", ""]);
    }
}
