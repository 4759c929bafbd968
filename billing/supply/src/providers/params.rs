//! What a customer tells about an account at a provider, checked against what the provider declares.

use std::collections::BTreeMap;

use billow_kernel::error::{Problems, Result, UserError};
use regex::RegexBuilder;

use crate::definition::{ParamDefinition, ProviderDefinition};

/// Characters a parameter may have where its provider names no limit.
pub const MAX_PARAM_LENGTH: usize = 200;
/// The most a compiled expression may take, in bytes.
const REGEX_SIZE: usize = 1 << 18;

/// Compiles a parameter's expression so that it must match the whole value.
///
/// # Errors
/// In words for whoever wrote it.
pub fn compile_pattern(pattern: &str) -> Result<regex::Regex, String> {
    // Compiled alone first, so that `a)|(b` is refused instead of escaping the anchors.
    let build = |text: &str| RegexBuilder::new(text).size_limit(REGEX_SIZE).dfa_size_limit(REGEX_SIZE).build();
    build(pattern).and_then(|_| build(&format!("^(?:{pattern})$"))).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "is too large; make its repetitions smaller".into(),
        other => format!("is not a regular expression: {}", other.to_string().lines().last().unwrap_or_default().trim()),
    })
}

/// Checks what a customer told against the provider's parameters: all errors at once, each at the path of its parameter
/// under `path`. Values are trimmed; blank ones count as left out.
///
/// # Errors
/// One entry per parameter that is wrong.
pub fn validate_params(
    definition: &ProviderDefinition,
    path: &str,
    input: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Vec<UserError>> {
    let mut problems = Problems::default();
    let mut out = BTreeMap::new();
    for param in &definition.params {
        let at = format!("{path}.{}", param.name);
        match input.get(&param.name).map(|v| billow_kernel::text::cleaned(v)).filter(|v| !v.is_empty()) {
            None if param.optional => {}
            None => problems.add("REQUIRED", &at, format!("{} is required.", param.label)),
            Some(value) => match param_problem(param, &value) {
                Some((code, message)) => problems.add(code, &at, message),
                None => {
                    out.insert(param.name.clone(), value);
                }
            },
        }
    }
    for name in input.keys().filter(|name| definition.params.iter().all(|p| p.name != **name)) {
        let shown: String = name.chars().take(40).filter(|c| !c.is_control() && *c != '.').collect();
        problems.add("UNKNOWN_PARAM", &format!("{path}.{shown}"), format!("{} does not ask for this.", definition.name));
    }
    if problems.is_empty() { Ok(out) } else { Err(problems.into_vec()) }
}

/// Why `value` is not one for `param`, as (code, message).
pub(crate) fn param_problem(param: &ParamDefinition, value: &str) -> Option<(&'static str, String)> {
    let (label, length) = (&param.label, value.chars().count());
    let most = param.max_length.map_or(MAX_PARAM_LENGTH, usize::from);
    let least = param.min_length.map_or(0, usize::from);
    let example = param.example.as_ref().map(|e| format!(" Example: {e}")).unwrap_or_default();
    if value.chars().any(char::is_control) {
        return Some(("INVALID", format!("{label} must not have control characters.")));
    }
    if (length > most || length < least) && most == least {
        return Some(("WRONG_LENGTH", format!("{label} must have exactly {most} characters, not {length}.{example}")));
    }
    if length > most {
        return Some(("TOO_LONG", format!("{label} must have at most {most} characters, not {length}.{example}")));
    }
    if length < least {
        return Some(("TOO_SHORT", format!("{label} must have at least {least} characters, not {length}.{example}")));
    }
    // A pattern was compiled before its provider was stored; one that does not compile matches nothing.
    let matches = param.pattern.as_deref().is_none_or(|p| compile_pattern(p).is_ok_and(|regex| regex.is_match(value)));
    (!matches).then(|| ("WRONG_FORM", format!("{label} does not have the form this provider expects.{example}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition() -> ProviderDefinition {
        serde_json::from_value(json!({
            "code": "ringo", "name": "Ringo", "utility_type": "MOBILE", "currency": "EUR", "time_zone": "Europe/Paris",
            "connector": {"kind": "HTTP"},
            "params": [
                {"name": "mobile_number", "label": "Mobile number", "pattern": "\\+33[67][0-9]{8}", "min_length": 12, "max_length": 12,
                 "example": "+33639980001"},
                {"name": "surname", "label": "Surname", "pattern": "Weiß|[A-Z][a-z]+", "max_length": 6},
                {"name": "pin", "label": "PIN", "min_length": 4, "optional": true}
            ],
            "schedule": {"every": {"kind": "MONTH", "day": 10}}
        }))
        .expect("a definition")
    }

    fn check(params: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Vec<(String, String)>> {
        let params = params.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        validate_params(&definition(), "params", &params)
            .map_err(|errors| errors.into_iter().map(|e| (e.path.join("."), e.code.into_owned())).collect())
    }

    #[test]
    fn what_fits_is_taken_trimmed() {
        let taken = check(&[("mobile_number", " +33639980001 "), ("surname", "Weiß"), ("pin", " ")]).expect("taken");
        assert_eq!(taken, BTreeMap::from([("mobile_number".into(), "+33639980001".into()), ("surname".into(), "Weiß".into())]));
    }

    #[test]
    fn each_parameter_has_its_own_error() {
        let good = ("mobile_number", "+33639980001");
        for (params, path, code) in [
            (vec![("mobile_number", "+3363998000"), ("surname", "Weiß")], "params.mobile_number", "WRONG_LENGTH"),
            (vec![("mobile_number", "+33139980001"), ("surname", "Weiß")], "params.mobile_number", "WRONG_FORM"),
            // The whole value must match, not a part of it, also where the pattern has alternatives.
            (vec![good, ("surname", "xWeiß")], "params.surname", "WRONG_FORM"),
            (vec![good, ("surname", "Weißx")], "params.surname", "WRONG_FORM"),
            (vec![good, ("surname", "Abcdefg")], "params.surname", "TOO_LONG"),
            (vec![good, ("surname", "Weiß"), ("pin", "123")], "params.pin", "TOO_SHORT"),
            (vec![good, ("surname", "We\u{7}ß")], "params.surname", "INVALID"),
            (vec![good], "params.surname", "REQUIRED"),
            (vec![good, ("surname", "Weiß"), ("iban", "DE")], "params.iban", "UNKNOWN_PARAM"),
        ] {
            assert_eq!(check(&params), Err(vec![(path.to_owned(), code.to_owned())]), "{params:?}");
        }
        let all = check(&[("surname", ""), ("pin", "1")]).expect_err("refused");
        assert_eq!(all.iter().map(|e| e.0.as_str()).collect::<Vec<_>>(), ["params.mobile_number", "params.surname", "params.pin"]);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        // Six characters, ten bytes.
        let param = ParamDefinition { max_length: Some(6), pattern: None, ..definition().params[1].clone() };
        assert_eq!(param_problem(&param, "ßßßßab"), None);
        assert_eq!(param_problem(&param, "ßßßßabc").map(|p| p.0), Some("TOO_LONG"));
    }
}
