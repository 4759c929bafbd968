//! Pages of a list by keyset: opaque cursors that stay right while rows come and go.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Error, Result};

/// Which part of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many, 1 to 100; 20 where absent.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
}

/// The most that may be asked for.
pub const MAX_PAGE: u64 = 100;
/// What is given where nothing is asked for.
pub const DEFAULT_PAGE: u64 = 20;

impl PageRequest {
    /// How many.
    ///
    /// # Errors
    /// When it is less than 1 or more than 100.
    pub fn limit(&self) -> Result<u64> {
        match self.first {
            None => Ok(DEFAULT_PAGE),
            Some(n) => match u64::try_from(n) {
                Ok(n @ 1..=MAX_PAGE) => Ok(n),
                _ => Err(Error::invalid("INVALID", "first", format!("`first` must be from 1 to {MAX_PAGE}."))),
            },
        }
    }

    /// The key after which to begin; its parts are as [`cursor`] wrote them.
    ///
    /// # Errors
    /// When the cursor is not one of ours.
    pub fn after_key<const N: usize>(&self) -> Result<Option<[String; N]>> {
        self.after.as_deref().map(parse_cursor).transpose()
    }

    /// The id after which to begin, in a list whose cursors are ids.
    ///
    /// # Errors
    /// When the cursor is not one of ours.
    pub fn after_id<T: std::str::FromStr>(&self) -> Result<Option<T>> {
        let Some([id]) = self.after_key::<1>()? else { return Ok(None) };
        id.parse().map(Some).map_err(|_| Error::bad_cursor())
    }
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows with their cursors.
    pub items: Vec<(String, T)>,
    /// Whether more follow.
    pub has_next: bool,
    /// Whether something comes before.
    pub has_previous: bool,
    /// Where to go on from, where that is not the last row of the page.
    pub end: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `rows`, of which one more than `limit` was read.
    pub fn of(mut rows: Vec<T>, limit: u64, request: &PageRequest, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_next = rows.len() > limit;
        rows.truncate(limit);
        let items = rows.into_iter().map(|row| (key(&row), row)).collect();
        Self { items, has_next, has_previous: request.after.is_some(), end: None }
    }

    /// More may follow after `cursor`: not all of the list was looked at.
    pub fn go_on_after(&mut self, cursor: String) {
        self.has_next = true;
        self.end = Some(cursor);
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl Fn(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(|(c, t)| (c, f(t))).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            end: self.end,
        }
    }
}

/// Writes a cursor from the parts of a key.
#[must_use]
pub fn cursor(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(parts.join("\u{1f}"))
}

/// Reads a cursor of `N` parts.
///
/// # Errors
/// When it is not one of ours.
pub fn parse_cursor<const N: usize>(text: &str) -> Result<[String; N]> {
    let bad = Error::bad_cursor;
    if text.len() > 512 {
        return Err(bad());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    text.split('\u{1f}').map(str::to_owned).collect::<Vec<_>>().try_into().map_err(|_| bad())
}

/// Counts as the database answers them, as numbers that are never negative.
pub fn counted<T>(rows: Vec<(T, i64)>) -> Vec<(T, u64)> {
    rows.into_iter().map(|(key, n)| (key, u64::try_from(n).unwrap_or(0))).collect()
}
