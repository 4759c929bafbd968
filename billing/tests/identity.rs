//! Signing up, in and out, keys and guessing.

mod common;
