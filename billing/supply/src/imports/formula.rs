//! Texts that a spreadsheet would run as formulas: marked with an apostrophe when a file is written, and read without it.

/// Whether a spreadsheet takes this text for a formula.
fn is_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// The text as it is written into a column of texts.
pub(super) fn defused(text: String) -> String {
    if is_formula(&text) { format!("'{text}") } else { text }
}

/// The text as it was before [`defused`] marked it: a reject file can be imported again.
pub(super) fn undefused(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_marked_and_read_back_as_it_was() {
        for text in
            ["=HYPERLINK(\"http://x\")", "@SUM(1)", "=cmd|'/C calc'!A0", "+1", "-1+1", "+49 171 2345678", "\t=1", "  =1", "\r=1", "＝1+1"]
        {
            let written = defused(text.to_owned());
            assert_eq!(written, format!("'{text}"));
            assert_eq!(undefused(&written), text);
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in ["", "Anna", "a=1", "1-1", "O'Neill", "'tis", "anna@example.com"] {
            assert_eq!(defused(text.to_owned()), text);
            assert_eq!(undefused(text), text);
        }
    }
}
