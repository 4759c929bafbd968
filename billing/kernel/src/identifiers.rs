//! The number by which a provider knows an account: one spelling, its keyed index, and what of it is shown.

use crate::cipher::Cipher;

impl Cipher {
    /// The keyed index by which an account is found at its provider.
    #[must_use]
    pub fn identifier_index(&self, identifier: &str) -> String {
        self.blind_index("identifier", &normalize_identifier(identifier))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_account_are_one_and_hints_give_little_away() {
        assert_eq!(normalize_identifier(" vt-1000 0001/ä"), "VT10000001Ä");
        for (identifier, hint) in
            [("VT10001234", "••••1234"), ("+33 6 39 98 00 01", "••••0001"), ("123", "••••3"), ("1", "••••"), ("", "••••")]
        {
            assert_eq!(identifier_hint(identifier), hint);
        }
    }
}
