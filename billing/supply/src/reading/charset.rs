//! From bytes to text, by the encoding that the document, its transport or a setting declares.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes in which an XML declaration is looked for.
const DECLARATION: usize = 256;

/// Whether a name is one of an encoding that can be read, such as `ISO-8859-1`.
#[must_use]
pub fn is_known(label: &str) -> bool {
    Encoding::for_label(label.as_bytes()).is_some()
}

/// The text. A byte order mark decides; then the first of `declared` that fits the bytes; without any, it must be UTF-8.
/// ISO-8859-1 is read as Windows-1252, of which it is a part, as browsers do.
///
/// # Errors
/// In words that follow the document's name: "is not UTF-8 at byte 7, and …".
pub fn decode<'a>(body: &'a [u8], declared: &[&str]) -> Result<Cow<'a, str>, String> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return exact(&body[length..], encoding);
    }
    if let Some(encoding) = wide(body) {
        return exact(body, encoding);
    }
    let mut problem = None;
    for label in declared {
        let Some(encoding) = Encoding::for_label(label.as_bytes()) else {
            let shown: String = label.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(format!("has the encoding '{shown}', which is not known"));
        };
        // Without a mark and without zeros it is not UTF-16, whatever is declared.
        let encoding = if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding };
        match exact(body, encoding) {
            Ok(text) => return Ok(text),
            Err(message) => problem = problem.or(Some(message)),
        }
    }
    match (std::str::from_utf8(body), problem) {
        (Ok(text), _) => Ok(Cow::Borrowed(text)),
        (Err(_), Some(problem)) => Err(problem),
        (Err(error), None) => Err(format!("is not UTF-8 at byte {}, and no other encoding is declared", error.valid_up_to())),
    }
}

/// The encoding that an XML document declares in its first line.
#[must_use]
pub fn of_xml(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(DECLARATION)]);
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?.to_owned();
    let value = declaration.split("encoding").nth(1)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next().map(str::to_owned).filter(|label| !label.is_empty())
}

/// The `charset` of a `Content-Type`.
#[must_use]
pub fn of_content_type(value: &str) -> Option<&str> {
    value.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"')).filter(|label| !label.is_empty())
    })
}

/// UTF-16 without a mark: every second of the first bytes is zero.
fn wide(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn exact<'a>(body: &'a [u8], encoding: &'static Encoding) -> Result<Cow<'a, str>, String> {
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => Ok(text),
        None if encoding == UTF_8 => {
            let at = std::str::from_utf8(body).err().map_or(0, |error| error.valid_up_to());
            Err(format!("is not UTF-8 at byte {at}"))
        }
        None => Err(format!("is not {}, as which it is declared", encoding.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_encodings_are_read() {
        let wide = |big: bool, mark: bool| {
            let text = if mark { "\u{feff}Gebühr €" } else { "Gebühr €" };
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect::<Vec<u8>>()
        };
        for (body, declared, text) in [
            ("Gebühr".as_bytes().to_vec(), vec![], "Gebühr"),
            (b"\xef\xbb\xbfGeb\xc3\xbchr".to_vec(), vec!["windows-1252"], "Gebühr"),
            (b"Geb\xfchr \x80".to_vec(), vec!["ISO-8859-1"], "Gebühr €"),
            (b"Geb\xfchr".to_vec(), vec!["utf-8", "windows-1252"], "Gebühr"),
            (b"\xcf\xf0\xe8".to_vec(), vec!["windows-1251"], "При"),
            (wide(false, true), vec![], "Gebühr €"),
            (wide(true, true), vec!["utf-8"], "Gebühr €"),
            (wide(false, false), vec!["utf-16"], "Gebühr €"),
            (wide(true, false), vec![], "Gebühr €"),
            (b"plain".to_vec(), vec!["UTF-16"], "plain"),
        ] {
            assert_eq!(decode(&body, &declared).as_deref(), Ok(text), "{body:?} as {declared:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (body, declared, words) in [
            (&b"Geb\xfchr"[..], vec![], "is not UTF-8 at byte 3, and no other encoding is declared"),
            (b"Geb\xfchr", vec!["utf-8"], "is not UTF-8 at byte 3"),
            (b"x", vec!["klingon"], "has the encoding 'klingon', which is not known"),
            (b"\xff\xfe\x00\xd8", vec![], "is not UTF-16LE, as which it is declared"),
        ] {
            assert_eq!(decode(body, &declared), Err(words.to_owned()));
        }
    }

    #[test]
    fn declarations_are_found() {
        assert_eq!(of_xml(b"<?xml version='1.0' encoding = 'ISO-8859-1' ?><a/>").as_deref(), Some("ISO-8859-1"));
        assert_eq!(of_xml(b"\n<?xml version=\"1.0\" encoding=\"utf-8\"?>").as_deref(), Some("utf-8"));
        for body in [&b"<a encoding=\"x\"/>"[..], b"<?xml version=\"1.0\"?><a encoding=\"x\"/>", b"<?xml encoding=?>", b""] {
            assert_eq!(of_xml(body), None);
        }
        assert_eq!(of_content_type("text/csv; header=present; Charset=\"latin1\""), Some("latin1"));
        assert_eq!(of_content_type("text/csv; charset="), None);
        assert!(is_known("windows-1252") && !is_known("x"));
    }
}
