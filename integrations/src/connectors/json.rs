//! JSON as providers write it: numbers keep their digits, and half a character is no reason to refuse an answer.

use std::borrow::Cow;

use serde_json::Value;

/// Digits of a decimal that a double keeps.
const EXACT_DIGITS: usize = 15;

/// Reads a document. A number that would lose digits (a whole one beyond 64 bits, a decimal of more than fifteen digits)
/// becomes the text of its digits.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let kept = keep_digits(text);
    match serde_json::from_str(&kept) {
        Ok(value) => Ok(value),
        Err(error) if error.to_string().contains("surrogate") || error.to_string().contains("hex escape") => {
            serde_json::from_str(&whole_characters(&kept)).map_err(|error| words(&error))
        }
        Err(error) => Err(words(&error)),
    }
}

fn words(error: &serde_json::Error) -> String {
    if error.is_eof() { format!("is cut off: {error}") } else { format!("is not JSON: {error}") }
}

/// Puts numbers that would lose digits into quotes.
fn keep_digits(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..]
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
                    .map_or(bytes.len(), |n| at + n);
                let number = &text[at..end];
                if loses_digits(number) {
                    let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 16));
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(number);
                    out.push('"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

/// Where a string that begins at `at` is over.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn loses_digits(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    // What is no plain number is left to the parser.
    if digits.is_empty() || digits.bytes().any(|b| !b.is_ascii_digit() && b != b'.') || digits.matches('.').count() > 1 {
        return false;
    }
    match digits.split_once('.') {
        None => number.parse::<i64>().is_err() && (digits.len() == 1 || !digits.starts_with('0')),
        Some((whole, part)) => {
            let significant = whole.trim_start_matches('0').len() + part.trim_end_matches('0').len();
            !whole.is_empty() && !part.is_empty() && significant > EXACT_DIGITS
        }
    }
}

/// The text with U+FFFD for every escape of half a character (a surrogate without its other half).
fn whole_characters(text: &str) -> String {
    let unit = |at: usize| {
        let hex = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    while rest < text.len() {
        let Some(next) = text[rest..].find('\\').map(|at| rest + at) else { break };
        out.push_str(&text[rest..next]);
        let length = match (unit(next), unit(next + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = next + 6;
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => text[next..].chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&text[next..next + length]);
        rest = next + length;
    }
    out.push_str(&text[rest..]);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_numbers_keep_their_digits() {
        for (text, value) in [
            (
                r#"[{"no":1234567890123456789012345},{"no":1234567890123456789012346}]"#,
                json!([{"no": "1234567890123456789012345"}, {"no": "1234567890123456789012346"}]),
            ),
            ("9223372036854775807", json!(i64::MAX)),
            ("9223372036854775808", json!("9223372036854775808")),
            ("[-9223372036854775809,12.30,1e3]", json!(["-9223372036854775809", 12.3, 1e3])),
            ("[12345678901234567.89, 0.1]", json!(["12345678901234567.89", 0.1])),
            (r#"{"a\"1":"1234567890123456789012345\\","b":1}"#, json!({"a\"1": "1234567890123456789012345\\", "b": 1})),
        ] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn half_a_character_is_replaced() {
        assert_eq!(
            read(r#"["\ud83d", "\ud83d\ude00", "\ude00x\\\ud83d\n", "ü\u00fc"]"#),
            Ok(json!(["\u{fffd}", "😀", "\u{fffd}x\\\u{fffd}\n", "üü"]))
        );
    }

    #[test]
    fn what_is_no_json_says_why() {
        for (text, words) in [
            ("{", "is cut off: "),
            ("<html>", "is not JSON: "),
            ("[1 2]", "is not JSON: "),
            ("[012345678901234567890123]", "is not JSON: "),
            ("[\"\\ud83d]", "is cut off: "),
        ] {
            assert!(read(text).is_err_and(|problem| problem.starts_with(words)), "{text}: {:?}", read(text));
        }
    }
}
