//! What staff did, and what it imported.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use super::Topic;

pub(super) const TOPIC: Topic = Topic { tables, indexes: INDEXES };

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("audit_entries")
            .col(uuid("id"))
            .col(text("actor"))
            .col(text("action"))
            .col(text("subject"))
            .col(uuid_null("customer_id"))
            .col(text_null("reason"))
            .col(json_binary("data"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("import_runs")
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("status"))
            .col(boolean("dry_run"))
            .col(text_null("file_name"))
            .col(integer("total"))
            .col(integer("done"))
            .col(integer("failed"))
            .col(uuid_null("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(big_integer("fence"))
            .primary_key(Index::create().col("id"))
            .take(),
        Table::create()
            .table("import_rows")
            .col(uuid("run_id"))
            .col(integer("row"))
            .col(json_binary("data"))
            .col(text("status"))
            .col(json_binary("errors"))
            .col(text_null("result"))
            .primary_key(Index::create().col("run_id").col("row"))
            .foreign_key(ForeignKey::create().from("import_rows", "run_id").to("import_runs", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    ]
}

const INDEXES: &[&str] = &["CREATE INDEX audit_entries_subject_idx ON audit_entries (subject, id)"];
