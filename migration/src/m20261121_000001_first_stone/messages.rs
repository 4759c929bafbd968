//! What people are told, when and over which channel.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("notifications")
            .col(uuid("id"))
            .col(uuid_null("customer_id"))
            .col(uuid_null("user_id"))
            .col(text("kind"))
            .col(text("dedupe_key"))
            .col(text("title"))
            .col(text("body"))
            .col(text_null("link"))
            .col(uuid_null("bill_id"))
            .col(uuid_null("account_id"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("read_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("notifications", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(ForeignKey::create().from("notifications", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(ForeignKey::create().from("notifications", "bill_id").to("bills", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("deliveries")
            .col(uuid("id"))
            .col(uuid("notification_id"))
            .col(text("channel"))
            .col(text("target"))
            .col(text("status"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("deliveries", "notification_id").to("notifications", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("push_subscriptions")
            .col(uuid("id"))
            .col(uuid("user_id"))
            .col(uuid_null("customer_id"))
            .col(binary("endpoint_enc"))
            .col(text("endpoint_index"))
            .col(text("p256dh"))
            .col(binary("auth_enc"))
            .col(text("label"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_ok_at"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(text_null("disabled_reason"))
            .primary_key(Index::create().col("id"))
            .foreign_key(ForeignKey::create().from("push_subscriptions", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
            .foreign_key(
                ForeignKey::create().from("push_subscriptions", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
        Table::create()
            .table("preferences")
            .col(uuid("customer_id"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("customer_id"))
            .foreign_key(ForeignKey::create().from("preferences", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
        Table::create()
            .table("reminders")
            .col(uuid("customer_id"))
            .col(text("subject_kind"))
            .col(uuid("subject_id"))
            .col(date("anchor"))
            .col(integer("step_days"))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("customer_id").col("subject_kind").col("subject_id"))
            .foreign_key(ForeignKey::create().from("reminders", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX notifications_dedupe_key ON notifications (dedupe_key)",
    "CREATE INDEX notifications_customer_idx ON notifications (customer_id, id)",
    "CREATE INDEX notifications_user_idx ON notifications (user_id, id)",
    "CREATE UNIQUE INDEX deliveries_target_key ON deliveries (notification_id, channel, target)",
    "CREATE INDEX deliveries_due_idx ON deliveries (due_at) WHERE status = 'QUEUED'",
    "CREATE INDEX deliveries_sending_idx ON deliveries (lease_until) WHERE status = 'SENDING'",
    "CREATE UNIQUE INDEX push_subscriptions_endpoint_key ON push_subscriptions (endpoint_index)",
    "CREATE INDEX push_subscriptions_customer_idx ON push_subscriptions (customer_id)",
    "CREATE INDEX reminders_due_idx ON reminders (due_at)",
    "CREATE INDEX reminders_subject_idx ON reminders (subject_id)",
];
