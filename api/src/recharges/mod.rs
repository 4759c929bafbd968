//! What is bought for prepaid accounts, in the API.

pub(crate) mod recharge;
