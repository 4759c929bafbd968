//! What was fetched, and how it went.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("fetch_runs")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("status"))
            .col(uuid_null("provider_id"))
            .col(uuid_null("account_id"))
            .col(uuid_null("customer_id"))
            .col(text_null("requested_by"))
            .col(integer("total"))
            .col(integer("done"))
            .col(integer("failed"))
            .col(integer("bills_new"))
            .col(integer("bills_changed"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("fetch_attempts")
            .col(uuid("id"))
            .col(uuid("account_id"))
            .col(uuid("provider_id"))
            .col(uuid_null("run_id"))
            .col(timestamp_with_time_zone_null("slot"))
            .col(big_integer("fence"))
            .col(text("worker"))
            .col(timestamp_with_time_zone("started_at"))
            .col(big_integer("duration_ms"))
            .col(text("outcome"))
            .col(text_null("message"))
            .col(integer("bills_seen"))
            .col(integer("bills_new"))
            .col(integer("bills_changed"))
            .primary_key(Index::create().col("id"))
            .foreign_key(
                ForeignKey::create().from("fetch_attempts", "account_id").to("utility_accounts", "id").on_delete(ForeignKeyAction::Cascade),
            )
            .take(),
    ]
}

const INDEXES: &[&str] = &[
    "CREATE INDEX fetch_runs_created_idx ON fetch_runs (created_at)",
    "CREATE INDEX fetch_attempts_account_idx ON fetch_attempts (account_id, id)",
    "CREATE INDEX fetch_attempts_run_idx ON fetch_attempts (run_id)",
    "CREATE INDEX fetch_attempts_provider_idx ON fetch_attempts (provider_id, id)",
];
