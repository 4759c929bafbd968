//! The log of events: who reads it, how far, and who leads.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("events")
            .col(big_integer("seq").auto_increment().primary_key())
            .col(uuid("id"))
            .col(big_integer_null("position"))
            .col(text("kind"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(uuid_null("customer_id"))
            .col(uuid_null("property_id"))
            .col(text("subject"))
            .col(json_binary("data"))
            .col(text_null("trace_id"))
            .take(),
        Table::create().table("relay_state").col(integer("id")).col(big_integer("position")).primary_key(Index::create().col("id")).take(),
        Table::create()
            .table("leases")
            .col(text("name"))
            .col(text("holder"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("until"))
            .primary_key(Index::create().col("name"))
            .take(),
        Table::create()
            .table("consumers")
            .col(text("name"))
            .col(big_integer("position"))
            .col(integer("failures"))
            .col(timestamp_with_time_zone_null("next_try_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("name"))
            .take(),
        Table::create()
            .table("dead_letters")
            .col(uuid("id"))
            .col(text("consumer"))
            .col(uuid("event_id"))
            .col(big_integer("position"))
            .col(text("error"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("resolved_at"))
            .col(text_null("resolved_by"))
            .col(text_null("resolution"))
            .primary_key(Index::create().col("id"))
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX events_id_key ON events (id)",
    "CREATE UNIQUE INDEX events_position_key ON events (position)",
    "CREATE INDEX events_unnumbered_idx ON events (seq) WHERE position IS NULL",
    "CREATE INDEX events_customer_idx ON events (customer_id, position)",
    "CREATE INDEX events_property_idx ON events (property_id, position)",
    "CREATE INDEX events_subject_idx ON events (subject)",
    "CREATE UNIQUE INDEX dead_letters_event_key ON dead_letters (consumer, event_id)",
];
