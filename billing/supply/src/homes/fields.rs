//! What is typed in about a home. Pure checks that answer the stored form.

use billow_kernel::contact;
use billow_kernel::error::Problems;

pub(super) fn name(problems: &mut Problems, value: &str) -> String {
    let name = problems.text("name", value, 100);
    if name.contains('\n') {
        problems.add("INVALID", "name", "A name is one line.");
    }
    name
}

pub(super) fn address(problems: &mut Problems, value: Option<&str>) -> Option<String> {
    problems.optional_text("address", value, 300)
}

pub(super) fn city(problems: &mut Problems, value: Option<&str>) -> Option<String> {
    problems.optional_text("city", value, 100)
}

pub(super) fn postal_code(problems: &mut Problems, value: Option<&str>) -> Option<String> {
    problems.optional_text("postalCode", value, 20)
}

/// Two letters of ISO 3166-1 in upper case.
pub(super) fn country(problems: &mut Problems, value: Option<&str>) -> Option<String> {
    let code = value.map(str::trim).filter(|v| !v.is_empty())?.to_ascii_uppercase();
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        problems.add("INVALID_COUNTRY", "country", "A country is two letters, such as DE or IN.");
    }
    Some(code)
}

pub(super) fn time_zone(problems: &mut Problems, value: &str) -> String {
    contact::time_zone(problems, "timeZone", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_two_letters() {
        for (typed, stored, good) in [
            (None, None, true),
            (Some(" "), None, true),
            (Some("de"), Some("DE"), true),
            (Some("DEU"), Some("DEU"), false),
            (Some("4!"), Some("4!"), false),
        ] {
            let mut problems = Problems::default();
            assert_eq!(country(&mut problems, typed).as_deref(), stored);
            assert_eq!(problems.is_empty(), good, "{typed:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_some_length() {
        let long = "x".repeat(101);
        for (typed, good) in [("Home", true), (" ", false), ("a\nb", false), (long.as_str(), false)] {
            let mut problems = Problems::default();
            name(&mut problems, typed);
            assert_eq!(problems.is_empty(), good, "{typed:?}");
        }
    }
}
