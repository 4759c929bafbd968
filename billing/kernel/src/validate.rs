//! Rules of input that more than one noun has.

/// The shape of short unique names, such as a provider's or a gateway's.
pub fn code(text: &str) -> Result<(), String> {
    let parts_are_words =
        text.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    let ok = text.len() >= 2 && text.starts_with(|c: char| c.is_ascii_lowercase()) && parts_are_words;
    if ok { Ok(()) } else { Err("must be 2 to 40 lower-case letters, digits and single dashes, beginning with a letter".into()) }
}

/// The shape of the names of parameters and credentials.
pub fn name(text: &str) -> Result<(), String> {
    let ok = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if ok && text.len() <= 40 {
        Ok(())
    } else {
        Err("must be 1 to 40 lower-case letters, digits and underscores, beginning with a letter".into())
    }
}
