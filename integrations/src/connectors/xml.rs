//! XML in a form that programs can walk.
//!
//! An element becomes an object: attributes under `@name`, text under `#text`, children under their names without prefix,
//! repeated ones as arrays. An element with nothing but text becomes that text, an empty one null.

use std::borrow::Cow;

use billow_billing::reading::charset;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Elements of a document.
const MAX_ELEMENTS: usize = 500_000;

struct Open {
    name: String,
    fields: Map<String, Value>,
    text: String,
}

/// The text of a document: by the encoding that is set, or else the one that the document, then its transport declares.
pub(super) fn text<'a>(body: &'a [u8], encoding: Option<&str>, content_type: Option<&str>) -> Result<Cow<'a, str>, String> {
    if let Some(label) = encoding {
        return charset::decode(body, &[label]);
    }
    let own = charset::of_xml(body);
    let declared: Vec<&str> = own.as_deref().into_iter().chain(content_type.and_then(charset::of_content_type)).collect();
    charset::decode(body, &declared)
}

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<Value> = None;
    let mut elements = 0usize;
    loop {
        let event = reader.read_event().map_err(|e| format!("{e} (at byte {})", reader.error_position()))?;
        match event {
            Event::Start(start) | Event::Empty(start) if root.is_some() => {
                return Err(format!("there is a second root element '{}'", local_name(&start)));
            }
            Event::Start(start) => {
                elements += 1;
                if open.len() == MAX_DEPTH || elements > MAX_ELEMENTS {
                    return Err(format!("it is nested deeper than {MAX_DEPTH} levels or has more than {MAX_ELEMENTS} elements"));
                }
                open.push(begin(&start)?);
            }
            Event::Empty(start) => {
                elements += 1;
                close(begin(&start)?, &mut open, &mut root);
            }
            Event::End(_) => {
                // The reader checks that names match, so something is open.
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root);
                }
            }
            Event::Text(text) => push_text(&mut open, &text.xml10_content()),
            Event::CData(text) => push_text(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => push_text(&mut open, &resolve(&reference)?),
            Event::Eof if !open.is_empty() => return Err(format!("it ends inside '{}'", open.last().map_or("", |o| o.name.as_str()))),
            Event::Eof => return root.ok_or_else(|| "it has no root element".into()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The character a reference stands for. Entities a document defines itself are not expanded.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
        return Ok(c.into());
    }
    let name = reference.xml10_content();
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned).ok_or_else(|| format!("the entity '&{name};' is not known"))
}

pub(super) fn local_name(start: &BytesStart<'_>) -> String {
    start.local_name().as_ref().to_owned()
}

fn begin(start: &BytesStart<'_>) -> Result<Open, String> {
    let mut fields = Map::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("an attribute of '{}' cannot be read: {e}", local_name(start)))?;
        let name: &str = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") {
            continue;
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|e| format!("an attribute of '{}' cannot be read: {e}", local_name(start)))?;
        fields.insert(format!("@{}", attribute.key.local_name().as_ref()), Value::from(value.as_ref()));
    }
    Ok(Open { name: local_name(start), fields, text: String::new() })
}

fn push_text(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(element: Open, open: &mut [Open], root: &mut Option<Value>) {
    let Open { name, mut fields, text } = element;
    let text = text.trim();
    let value = match (fields.is_empty(), text.is_empty()) {
        (true, true) => Value::Null,
        (true, false) => Value::from(text),
        (false, true) => Value::Object(fields),
        (false, false) => {
            fields.insert("#text".into(), Value::from(text));
            Value::Object(fields)
        }
    };
    let Some(parent) = open.last_mut() else {
        *root = Some(Value::Object(Map::from_iter([(name, value)])));
        return;
    };
    match parent.fields.get_mut(&name) {
        None => drop(parent.fields.insert(name, value)),
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_objects_texts_and_arrays() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE x><!-- c --><n:bills xmlns:n="urn:x" count='2'>
            <n:bill id="1"><amount cur="INR">12.30</amount><note>a &amp; b &#65;<![CDATA[ <c>]]></note></n:bill>
            <bill id="2"/><empty/><one>1</one></n:bills>"#;
        let expected = json!({"bills": {
            "@count": "2",
            "bill": [{"@id": "1", "amount": {"@cur": "INR", "#text": "12.30"}, "note": "a & b A <c>"}, {"@id": "2"}],
            "empty": null,
            "one": "1",
        }});
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn what_is_not_a_document_says_why() {
        let deep = "<a>".repeat(100);
        for (text, words) in [
            ("", "no root element"),
            ("just text", "no root element"),
            ("<a><b>", "ends inside 'b'"),
            ("<a></b>", "at byte"),
            ("<a/><b/>", "second root element 'b'"),
            ("<!DOCTYPE a [<!ENTITY lol \"lol\">]><a>&lol;</a>", "the entity '&lol;' is not known"),
            (deep.as_str(), "nested deeper than 64"),
        ] {
            let problem = parse(text).expect_err(text);
            assert!(problem.contains(words), "{text}: {problem}");
        }
        assert_eq!(text(b"<a>\xff</a>", None, None), Err("is not UTF-8 at byte 3, and no other encoding is declared".into()));
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>";
        assert!(text(latin, None, Some("text/xml; charset=utf-8")).is_ok_and(|text| text.ends_with("<a>ü</a>")));
        assert!(text(b"<a>\xfc</a>", None, Some("text/xml; charset=latin1")).is_ok_and(|text| text == "<a>ü</a>"));
        assert!(text(b"<a>\xa4</a>", Some("ISO-8859-15"), None).is_ok_and(|text| text == "<a>€</a>"));
    }
}
