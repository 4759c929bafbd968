//! What a customer tells about an account at a provider, checked against what the provider declares, and sealed.

use std::collections::BTreeMap;

use billow_entities::{UtilityAccountId, utility_account};
use regex::RegexBuilder;

use crate::Billing;
use crate::cipher::Place;
use crate::error::{Problems, Result, UserError};
use crate::providers::{ParamDefinition, ProviderDefinition};

/// Characters a parameter may have where its provider names no limit.
pub const MAX_PARAM_LENGTH: usize = 200;
/// The most a compiled expression may take, in bytes.
const REGEX_SIZE: usize = 1 << 18;

impl Billing {
    /// The customer parameters of an account by name.
    ///
    /// # Errors
    /// When they do not open.
    pub fn open_params(&self, account: &utility_account::Model) -> Result<BTreeMap<String, String>> {
        self.cipher.open_json(params_place(&account.id.to_string()), &account.params_enc)
    }

    /// Seals the customer parameters of the account `id`.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal_params(&self, id: UtilityAccountId, params: &BTreeMap<String, String>) -> Result<Vec<u8>> {
        self.cipher.seal_json(params_place(&id.to_string()), params)
    }

    /// The keyed index by which an account is found at its provider.
    #[must_use]
    pub fn identifier_index(&self, identifier: &str) -> String {
        self.cipher.blind_index("identifier", &normalize_identifier(identifier))
    }
}

fn params_place(row: &str) -> Place<'_> {
    Place { table: "utility_accounts", row, column: "params_enc" }
}

/// The letters and digits of an identifier in upper case: what makes two spellings the same account.
#[must_use]
pub fn normalize_identifier(identifier: &str) -> String {
    identifier.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// How an account is shown: the last four characters of its identifier, fewer where they would give away too much.
#[must_use]
pub fn identifier_hint(identifier: &str) -> String {
    let normal: Vec<char> = normalize_identifier(identifier).chars().collect();
    let shown = 4.min(normal.len() / 2);
    format!("••••{}", normal[normal.len() - shown..].iter().collect::<String>())
}

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
        match input.get(&param.name).map(|v| v.trim()).filter(|v| !v.is_empty()) {
            None if param.optional => {}
            None => problems.add("REQUIRED", &at, format!("{} is required.", param.label)),
            Some(value) => match param_problem(param, value) {
                Some((code, message)) => problems.add(code, &at, message),
                None => {
                    out.insert(param.name.clone(), value.to_owned());
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
