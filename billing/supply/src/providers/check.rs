//! Whether a definition can be registered: its shape, what its parts say about one another, what its connector says, and
//! whether the credentials it names are there.

use std::collections::BTreeSet;

use billow_entities::AmountRuleKind;
use billow_kernel::error::{Problems, UserError};
use billow_kernel::validate;
use serde_json::Value;

use super::params::{MAX_PARAM_LENGTH, param_problem};
use super::{ProviderDefinition, shape};
use crate::connector::Connector;

/// Reads a definition, or says everything that is wrong with it, with paths that begin with `definition`.
pub(super) fn read_definition(
    mut value: Value,
    connector: &dyn Connector,
    credentials: &BTreeSet<String>,
) -> Result<ProviderDefinition, Vec<UserError>> {
    let mut problems = Problems::default();
    shape::check(&mut value, &mut problems);
    if !problems.is_empty() {
        return Err(problems.into_vec());
    }
    let definition: ProviderDefinition = match serde_json::from_value(value) {
        Ok(definition) => definition,
        Err(error) => {
            problems.add("INVALID", "definition", format!("This is not a definition: {error}."));
            return Err(problems.into_vec());
        }
    };
    schedule(&definition, &mut problems);
    params(&definition, &mut problems);
    amount_rule(&definition, &mut problems);
    plans(&definition, &mut problems);
    if let Err(found) = connector.check(&definition) {
        for problem in found {
            problems.add("CONNECTOR", &format!("definition.{}", problem.path), sentence(&problem.message));
        }
    }
    for (at, name) in credentials_named(&definition.connector.settings) {
        if !credentials.contains(&name) {
            let message = format!("There is no credential with the name {name}; give it with the others.");
            problems.add("UNKNOWN_CREDENTIAL", &format!("definition.connector.settings{at}"), message);
        }
    }
    if problems.is_empty() { Ok(definition) } else { Err(problems.into_vec()) }
}

fn schedule(definition: &ProviderDefinition, problems: &mut Problems) {
    for (field, message) in definition.schedule.problems() {
        problems.add("OUT_OF_RANGE", &format!("definition.schedule.{field}"), format!("This {message}."));
    }
}

fn params(definition: &ProviderDefinition, problems: &mut Problems) {
    let mut names = BTreeSet::new();
    for (index, param) in definition.params.iter().enumerate() {
        let at = |field: &str| format!("definition.params.{index}.{field}");
        if !names.insert(param.name.as_str()) {
            problems.add("DUPLICATE", &at("name"), "Another parameter has this name.");
        }
        if index == 0 && param.optional {
            problems.add("INVALID", &at("optional"), "The first parameter identifies the account and must not be optional.");
        }
        let most = param.max_length.map_or(MAX_PARAM_LENGTH, usize::from);
        if param.min_length.is_some_and(|least| usize::from(least) > most) {
            problems.add("OUT_OF_RANGE", &at("min_length"), format!("The least length must not be more than the most, {most}."));
            continue;
        }
        if let Some(example) = &param.example
            && let Some((_, message)) = param_problem(param, example)
        {
            problems.add("INVALID", &at("example"), format!("The example would be refused: {message}"));
        }
    }
}

fn amount_rule(definition: &ProviderDefinition, problems: &mut Problems) {
    let rule = &definition.amount_rule;
    if rule.kind != AmountRuleKind::Range {
        for (field, value) in [("min_minor", rule.min_minor), ("max_minor", rule.max_minor)] {
            if value.is_some() {
                problems.add("INVALID", &format!("definition.amount_rule.{field}"), "Only a rule of the kind RANGE has this.");
            }
        }
        return;
    }
    match (rule.min_minor, rule.max_minor) {
        (Some(min), Some(max)) if min > max => {
            problems.add("OUT_OF_RANGE", "definition.amount_rule.min_minor", "The least must not be more than the most.");
        }
        (Some(min), Some(max)) if max / rule.multiple_minor * rule.multiple_minor < min.max(1) => {
            problems.add("INVALID", "definition.amount_rule.multiple_minor", "No multiple of this lies between the least and the most.");
        }
        (Some(_), Some(_)) => {}
        (min, _) => {
            let field = if min.is_none() { "min_minor" } else { "max_minor" };
            problems.add("REQUIRED", &format!("definition.amount_rule.{field}"), "A rule of the kind RANGE needs the least and the most.");
        }
    }
}

fn plans(definition: &ProviderDefinition, problems: &mut Problems) {
    if !definition.plans.is_empty() && !definition.prepaid {
        problems.add("INVALID", "definition.plans", "Only a prepaid provider sells plans; set `prepaid`.");
    }
    let mut codes = BTreeSet::new();
    for (index, plan) in definition.plans.iter().enumerate() {
        if !codes.insert(plan.code.as_str()) {
            problems.add("DUPLICATE", &format!("definition.plans.{index}.code"), "Another plan has this code.");
        }
        if let Err(message) = super::plans::price(plan, definition.currency) {
            problems.add("INVALID", &format!("definition.plans.{index}.price"), format!("The price {message}."));
        }
    }
}

/// The credentials settings name, each with the path at which it does: fields that are called `credential` or end in
/// `_credential`, and `{{credential:NAME}}` anywhere in a text.
pub(super) fn credentials_named(settings: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    collect(settings, "", &mut out);
    out
}

fn collect(value: &Value, at: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                let inner = format!("{at}.{}", name.replace('.', "_"));
                match value {
                    Value::String(text) if name == "credential" || name.ends_with("_credential") => out.push((inner, text.clone())),
                    other => collect(other, &inner, out),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{at}.{index}"), out);
            }
        }
        Value::String(text) => {
            for rest in text.split("{{credential:").skip(1) {
                // A name that a program puts together is only known when it has run.
                if let Some((name, _)) = rest.split_once("}}")
                    && validate::name(name).is_ok()
                {
                    out.push((at.to_owned(), name.to_owned()));
                }
            }
        }
        _ => {}
    }
}

/// A connector's words as a sentence.
fn sentence(message: &str) -> String {
    let mut chars = message.trim().trim_end_matches('.').chars();
    chars.next().map(|first| format!("{}{}.", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
