//! How a customer is named and reached. Pure checks that answer the stored form.

use chrono_tz::Tz;

use crate::error::{Problems, Result};

/// What is typed in about a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactInput {
    /// The full name.
    pub name: String,
    /// An e-mail address.
    pub email: Option<String>,
    /// A mobile number with its country code.
    pub mobile: Option<String>,
    /// BCP 47, such as `de-DE`.
    pub locale: String,
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// The number another system knows the customer by.
    pub external_ref: Option<String>,
}

/// A [`ContactInput`] that was checked, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub email: Option<String>,
    pub mobile: Option<String>,
    pub locale: String,
    pub time_zone: String,
    pub external_ref: Option<String>,
}

/// Characters of a name.
const MAX_NAME: usize = 200;
/// Characters of another system's number.
const MAX_REF: usize = 100;

impl ContactInput {
    /// Checks every field.
    pub fn check(&self, problems: &mut Problems) -> Contact {
        Contact {
            name: name(problems, &self.name),
            email: self.email.as_deref().filter(|e| !e.trim().is_empty()).map(|e| email(problems, "email", e)),
            mobile: self.mobile.as_deref().filter(|m| !m.trim().is_empty()).map(|m| mobile(problems, "mobile", m, &self.locale)),
            locale: locale(problems, "locale", &self.locale),
            time_zone: time_zone(problems, "timeZone", &self.time_zone),
            external_ref: external_ref(problems, self.external_ref.as_deref()),
        }
    }

    /// Checks every field and fails when one is wrong.
    pub fn checked(&self) -> Result<Contact> {
        let mut problems = Problems::default();
        let contact = self.check(&mut problems);
        problems.finish()?;
        Ok(contact)
    }
}

/// A name of one line.
pub fn name(problems: &mut Problems, value: &str) -> String {
    let name = problems.text("name", value, MAX_NAME);
    if name.contains('\n') {
        problems.add("INVALID", "name", "A name is one line.");
    }
    name
}

/// Another system's number, if any.
pub fn external_ref(problems: &mut Problems, value: Option<&str>) -> Option<String> {
    problems.optional_text("externalRef", value, MAX_REF)
}

/// An e-mail address in lower case.
///
/// Only what mail servers take everywhere: a dot-atom, and a domain of ASCII labels with a dot in it.
pub fn email(problems: &mut Problems, path: &str, value: &str) -> String {
    let email = value.trim().to_lowercase();
    if email.is_empty() {
        problems.add("REQUIRED", path, "This field is required.");
    } else if !is_email(&email) {
        problems.add("INVALID_EMAIL", path, "This is not an e-mail address; it looks like name@example.com.");
    }
    email
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b));
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && domain.contains('.') && domain.split('.').all(label)
}

/// Characters of a mobile number as it is typed.
const MAX_TYPED_NUMBER: usize = 40;

/// A mobile number in the form of E.164, as libphonenumber reads it: a trunk zero is dropped, and a national number is one
/// of the region of `locale`.
pub fn mobile(problems: &mut Problems, path: &str, value: &str, locale: &str) -> String {
    e164(value, region(locale)).unwrap_or_else(|| {
        problems.add("INVALID_MOBILE", path, "Enter the number with + and the country code, such as +49 171 2345678.");
        value.trim().to_owned()
    })
}

fn e164(value: &str, region: Option<phonenumber::country::Id>) -> Option<String> {
    let typed = crate::text::cleaned(value);
    let (plus, rest) = match typed.strip_prefix('+').or_else(|| typed.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, typed.as_str()),
    };
    // libphonenumber reads letters as the keys of a telephone, and extensions: nobody means that for a text message.
    let written_as_number = rest.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "-‐‑–().,/".contains(c));
    if !written_as_number || typed.chars().count() > MAX_TYPED_NUMBER {
        return None;
    }
    let number = if plus { phonenumber::parse(None, format!("+{rest}")) } else { phonenumber::parse(Some(region?), rest) }.ok()?;
    let text = number.format().mode(phonenumber::Mode::E164).to_string();
    is_e164(&text).then_some(text)
}

/// The region of a language tag: the country in which a number without a country code is.
fn region(locale: &str) -> Option<phonenumber::country::Id> {
    canonical_locale(locale.trim())?.split('-').skip(1).find(|part| part.len() == 2)?.parse().ok()
}

/// The length that E.164 allows. Whether a number is given out is not asked: plans change faster than a table of them.
fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|d| (7..=15).contains(&d.len()) && !d.starts_with('0') && d.bytes().all(|b| b.is_ascii_digit()))
}

/// A language, with a script and a region if wanted: `de`, `de-AT`, `zh-Hant-TW`, `es-419`.
pub fn locale(problems: &mut Problems, path: &str, value: &str) -> String {
    canonical_locale(value.trim()).unwrap_or_else(|| {
        problems.add("INVALID_LOCALE", path, "This is not a language tag such as en, de-DE or zh-Hant-TW.");
        value.trim().to_owned()
    })
}

fn canonical_locale(text: &str) -> Option<String> {
    let letters = |part: &str, from: usize, to: usize| (from..=to).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = text.split(['-', '_']).peekable();
    let mut out = parts.next().filter(|p| letters(p, 2, 3))?.to_ascii_lowercase();
    if let Some(script) = parts.next_if(|p| letters(p, 4, 4)) {
        out.push('-');
        out.push_str(&script[..1].to_ascii_uppercase());
        out.push_str(&script[1..].to_ascii_lowercase());
    }
    if let Some(region) = parts.next_if(|p| letters(p, 2, 2) || (p.len() == 3 && p.bytes().all(|b| b.is_ascii_digit()))) {
        out.push('-');
        out.push_str(&region.to_ascii_uppercase());
    }
    parts.next().is_none().then_some(out)
}

/// The IANA name of a time zone.
pub fn time_zone(problems: &mut Problems, path: &str, value: &str) -> String {
    match value.trim().parse::<Tz>() {
        Ok(zone) => zone.name().to_owned(),
        Err(_) => {
            problems.add("INVALID_TIME_ZONE", path, "This is not the name of a time zone such as Europe/Berlin.");
            value.trim().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e_mail_addresses() {
        for good in ["a@b.co", "First.Last+tag@Sub.Example.com", " o'neil@example.org ", "a@xn--bcher-kva.example"] {
            let mut problems = Problems::default();
            assert_eq!(email(&mut problems, "email", good), good.trim().to_lowercase());
            assert!(problems.is_empty(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "a",
            "a@b",
            "@example.com",
            "a@",
            "a b@example.com",
            "a@exa mple.com",
            ".a@example.com",
            "a..b@example.com",
            "a@-example.com",
            "a@example..com",
            "a@b@example.com",
            "a\n@example.com",
            "ä@example.com",
            &long,
        ] {
            let mut problems = Problems::default();
            email(&mut problems, "email", bad);
            assert!(!problems.is_empty(), "{bad}");
        }
    }

    #[test]
    fn mobile_numbers() {
        for (typed, locale, stored) in [
            ("+49 171 2345678", "de-DE", "+491712345678"),
            ("+49 (0)171 2345678", "en", "+491712345678"),
            ("+44 (0)20 7946 0958", "en", "+442079460958"),
            ("+490171234567", "en", "+49171234567"),
            ("0049 171 2345678", "en", "+491712345678"),
            ("0171 2345678", "de-DE", "+491712345678"),
            ("0171/2345678", "de-Latn-DE", "+491712345678"),
            ("98765 43210", "hi-IN", "+919876543210"),
            ("+1 (415) 555-0100", "en-US", "+14155550100"),
            ("(415) 555-0100", "en-US", "+14155550100"),
            ("+91.98765.43210", "en", "+919876543210"),
            // Here a zero belongs to the number.
            ("+225 07 01 23 45 67", "fr", "+2250701234567"),
            ("+39 06 1234 5678", "it", "+390612345678"),
            ("+447700900123", "en-GB", "+447700900123"),
        ] {
            let mut problems = Problems::default();
            assert_eq!(mobile(&mut problems, "mobile", typed, locale), stored);
            assert!(problems.is_empty(), "{typed}");
        }
        for (bad, locale) in [
            ("", "de-DE"),
            ("0171 2345678", "de"),
            ("+0171 2345678", "de-DE"),
            ("+12345", "en-US"),
            ("+1234567890123456", "en-US"),
            ("+49171abc4567", "de-DE"),
            ("++491712345678", "de-DE"),
            ("+49 171 2345678 ext 5", "de-DE"),
            ("1-800-FLOWERS", "en-US"),
            ("+999 123456789", "en"),
        ] {
            let mut problems = Problems::default();
            mobile(&mut problems, "mobile", bad, locale);
            assert!(!problems.is_empty(), "{bad}");
        }
    }

    #[test]
    fn locales() {
        for (typed, stored) in
            [("EN", "en"), ("de-de", "de-DE"), ("pt_BR", "pt-BR"), ("zh-hANT-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("gsw", "gsw")]
        {
            assert_eq!(canonical_locale(typed).as_deref(), Some(stored));
        }
        for bad in ["", "e", "english", "de-", "de-D", "de-DEU", "de-DE-x", "../../x", "d1"] {
            assert_eq!(canonical_locale(bad), None, "{bad}");
        }
    }

    #[test]
    fn time_zones() {
        for good in ["Europe/Berlin", "UTC", "Asia/Kolkata"] {
            let mut problems = Problems::default();
            assert_eq!(time_zone(&mut problems, "timeZone", good), good);
            assert!(problems.is_empty());
        }
        for bad in ["", "Berlin", "+01:00", "Europe/Atlantis"] {
            let mut problems = Problems::default();
            time_zone(&mut problems, "timeZone", bad);
            assert!(!problems.is_empty(), "{bad}");
        }
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let input = ContactInput { name: " ".into(), email: Some("x".into()), mobile: Some("1".into()), ..ContactInput::default() };
        let mut problems = Problems::default();
        input.check(&mut problems);
        let paths: Vec<String> = problems.into_vec().into_iter().map(|p| p.path.join(".")).collect();
        assert_eq!(paths, ["name", "email", "mobile", "locale", "timeZone"]);
    }
}
