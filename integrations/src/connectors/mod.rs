//! jq first.
mod jq;
