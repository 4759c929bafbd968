//! Where documents are kept: a folder of this machine, or a bucket of anything that speaks S3.
//!
//! Keys are plain paths. They are made by us, and looked at again here, so that no key ever leads out of the folder.

mod folder;
mod guarded;
mod s3;
#[cfg(test)]
mod tests;

pub use folder::FolderObjects;
pub use s3::{S3Objects, S3Settings};

/// The longest key.
const MAX_KEY: usize = 512;

/// Whether `key` is a plain path: parts of letters, digits, dashes, underscores and dots, with slashes between them.
fn check(key: &str) -> Result<(), String> {
    let plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    if key.len() <= MAX_KEY && key.split('/').all(plain) {
        return Ok(());
    }
    Err(format!("'{}' is not a key of an object", key.escape_default()))
}
