//! What may be in a line of text that a person or a provider gave: the one rule for names, labels, numbers and notes.
//!
//! Characters that cannot be seen are removed, because with them one text looks like another, or is written backwards.
//! What is left must have something to see.

/// Whether a character has no width, or only changes how others are drawn.
///
/// From the Unicode properties `Bidi_Control`, `Default_Ignorable_Code_Point` and `General_Category=Zl, Zp`
/// (<https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>), and two blanks that are letters or symbols.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a character joins its neighbours (in Persian and Indic words, and in emoji) or chooses how one is drawn.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// Whether a character is drawn. Marks and joiners alone are not.
fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_invisible(c) && !is_joiner(c) && !unicode_normalization::char::is_combining_mark(c)
}

/// `text` without what cannot be seen, trimmed; empty where nothing is left to see. Control characters stay: they are refused.
#[must_use]
pub fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        // A joiner needs something before it.
        if !is_joiner(c) || out.chars().next_back().is_some_and(|before| !before.is_whitespace() && !is_joiner(before)) {
            out.push(c);
        }
    }
    let kept = out.trim();
    if kept.chars().any(is_visible) || kept.chars().any(char::is_control) { kept.to_owned() } else { String::new() }
}

/// A person's text as it may be quoted in a message to somebody else: short, on one line, and nothing in it becomes a link.
#[must_use]
pub fn quotable(text: &str) -> String {
    let plain: String = cleaned(text)
        .chars()
        .map(|c| if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) || " '’-,#&()".contains(c) { c } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().filter(|word| !looks_like_a_link(word)).collect();
    words.join(" ").chars().take(MAX_QUOTED).collect::<String>().trim().to_owned()
}

/// Characters of a quoted text.
const MAX_QUOTED: usize = 40;

fn looks_like_a_link(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "http" | "https" | "www" | "mailto" | "tel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_removed_and_nothing_else() {
        for (typed, kept) in [
            ("\u{202E}evil\u{202C}", "evil"),
            ("\u{200B}", ""),
            ("\u{2028}\u{2029}", ""),
            ("\u{FEFF} A\u{AD}da ", "Ada"),
            ("\u{2800}\u{3164}", ""),
            ("\u{200D}\u{FE0F}", ""),
            ("\u{301}", ""),
            ("VT\u{2066}123\u{2069}", "VT123"),
            ("👨\u{200D}👩\u{200D}👧 home", "👨\u{200D}👩\u{200D}👧 home"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("Zoe\u{308}", "Zoe\u{308}"),
            ("❤\u{FE0F}", "❤\u{FE0F}"),
            ("E\u{E0067}\u{E007F}", "E"),
        ] {
            assert_eq!(cleaned(typed), kept, "{typed:?}");
        }
    }

    #[test]
    fn what_is_quoted_is_short_and_holds_no_link() {
        for (typed, quoted) in [
            ("Mr. Smith's flat", "Mr Smith's flat"),
            ("https://evil.example/pay", "evil example pay"),
            ("Visit www.evil.example now", "Visit evil example now"),
            ("a@b.example", "a b example"),
            ("Line\nbreak", "Line break"),
            ("Größe 2, Straße #3", "Größe 2, Straße #3"),
        ] {
            assert_eq!(quotable(typed), quoted);
        }
        assert_eq!(quotable(&"word ".repeat(50)).chars().count(), 39);
    }
}
