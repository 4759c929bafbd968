//! The event log: appended with the change it tells of, numbered by the relay, told live and kept as the archive.

mod catalogue;
mod consumer;
mod emit;
mod follow;
mod hub;
mod relay;
mod values;
mod whose;

pub use catalogue::*;
pub(crate) use consumer::digest_all;
pub use consumer::{Consumer, Digest};
pub use follow::{FollowFrom, Followed, Scope as FollowScope};
pub use hub::{LiveHub, LiveItem, LiveStream, Topic};
pub use relay::Relay;
pub use values::*;
