//! Addresses that are confirmed, mailed links that work once, and invitations to a household.
//!
//! An address that nobody confirmed does not block another person: `users.email` is unique among confirmed ones only.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000008_way_in"
    }
}

/// People who sign in already keep their address. Whoever was onboarded and never signed in proves it by the invitation.
const EXISTING: [&str; 2] = [
    "UPDATE users SET email_verified_at = created_at",
    "UPDATE customers SET email_verified_at = updated_at
     WHERE email IS NOT NULL AND id IN (SELECT customer_id FROM users WHERE customer_id IS NOT NULL)",
];

const INDEXES: [&str; 8] = [
    "DROP INDEX users_email_key",
    "CREATE UNIQUE INDEX users_email_key ON users (email) WHERE email_verified_at IS NOT NULL",
    "CREATE INDEX users_email_idx ON users (email)",
    "CREATE UNIQUE INDEX one_time_links_token_hash_key ON one_time_links (token_hash)",
    "CREATE INDEX one_time_links_email_idx ON one_time_links (email)",
    "CREATE INDEX one_time_links_customer_idx ON one_time_links (customer_id)",
    "CREATE UNIQUE INDEX property_invitations_pending_key ON property_invitations (property_id, email) WHERE status = 'PENDING'",
    "CREATE INDEX property_invitations_email_idx ON property_invitations (email)",
];

const BACK: [&str; 3] =
    ["DROP INDEX users_email_idx", "DROP INDEX users_email_key", "CREATE UNIQUE INDEX users_email_key ON users (email)"];

fn column(table: &'static str, column: ColumnDef) -> TableAlterStatement {
    Table::alter().table(table).add_column(column).take()
}

fn no_column(table: &'static str, name: &'static str) -> TableAlterStatement {
    Table::alter().table(table).drop_column(name).take()
}

fn links() -> TableCreateStatement {
    Table::create()
        .table("one_time_links")
        .col(uuid("id"))
        .col(text("purpose"))
        .col(text("email"))
        .col(uuid_null("user_id"))
        .col(uuid_null("customer_id"))
        .col(text("token_hash"))
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from("one_time_links", "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade))
        .foreign_key(ForeignKey::create().from("one_time_links", "customer_id").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
        .take()
}

fn invitations() -> TableCreateStatement {
    let table = "property_invitations";
    Table::create()
        .table(table)
        .col(uuid("id"))
        .col(uuid("property_id"))
        .col(text("email"))
        .col(text("role"))
        .col(text("status"))
        .col(uuid_null("invited_by"))
        .col(uuid_null("created_by"))
        .col(uuid_null("accepted_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("sent_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .primary_key(Index::create().col("id"))
        .foreign_key(ForeignKey::create().from(table, "property_id").to("properties", "id").on_delete(ForeignKeyAction::Cascade))
        .foreign_key(ForeignKey::create().from(table, "invited_by").to("customers", "id").on_delete(ForeignKeyAction::Cascade))
        .take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(column("customers", timestamp_with_time_zone_null("email_verified_at").take())).await?;
        manager.alter_table(column("customers", text_null("email_pending").take())).await?;
        manager.alter_table(column("users", timestamp_with_time_zone_null("email_verified_at").take())).await?;
        manager.create_table(links()).await?;
        manager.create_table(invitations()).await?;
        for statement in EXISTING.iter().chain(&INDEXES) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["property_invitations", "one_time_links"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for statement in BACK {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.alter_table(no_column("users", "email_verified_at")).await?;
        manager.alter_table(no_column("customers", "email_pending")).await?;
        manager.alter_table(no_column("customers", "email_verified_at")).await?;
        Ok(())
    }
}
