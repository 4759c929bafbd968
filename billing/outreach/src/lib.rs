//! What people are told: messages, reminders, preferences and their delivery.

pub mod messages;
pub mod messaging;
