//! Second factors, the challenges they answer, and what a session knows about how it started.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261129_000010_second_factor"
    }
}

const INDEXES: [&str; 4] = [
    "CREATE INDEX passkeys_user_idx ON passkeys (user_id)",
    "CREATE UNIQUE INDEX passkeys_credential_key ON passkeys (credential_id)",
    "CREATE INDEX recovery_codes_user_idx ON recovery_codes (user_id)",
    "CREATE INDEX identity_challenges_expiry_idx ON identity_challenges (expires_at)",
];

fn of_user(table: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table.to_owned(), "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade).take()
}

fn tables() -> Vec<TableCreateStatement> {
    vec![
        Table::create()
            .table("totp_factors")
            .col(uuid("user_id"))
            .col(binary("secret_enc"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("confirmed_at"))
            .col(big_integer_null("last_step"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .primary_key(Index::create().col("user_id"))
            .foreign_key(&mut of_user("totp_factors"))
            .take(),
        Table::create()
            .table("passkeys")
            .col(uuid("id"))
            .col(uuid("user_id"))
            .col(text("name"))
            .col(text("credential_id"))
            .col(json_binary("credential"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .primary_key(Index::create().col("id"))
            .foreign_key(&mut of_user("passkeys"))
            .take(),
        Table::create()
            .table("recovery_codes")
            .col(text("code_hash"))
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("used_at"))
            .primary_key(Index::create().col("code_hash"))
            .foreign_key(&mut of_user("recovery_codes"))
            .take(),
        Table::create()
            .table("identity_challenges")
            .col(text("token_hash"))
            .col(text("purpose"))
            .col(uuid_null("user_id"))
            .col(uuid_null("session_id"))
            .col(text_null("kind"))
            .col(text("agent_hash"))
            .col(binary_null("state_enc"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .primary_key(Index::create().col("token_hash"))
            .foreign_key(&mut of_user("identity_challenges"))
            .take(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for sql in INDEXES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        // One column at a time: SQLite adds no more at once.
        let mut signed_in_with = text("signed_in_with");
        signed_in_with.default("PASSWORD");
        for column in [timestamp_with_time_zone_null("confirmed_at"), signed_in_with, text_null("address")] {
            manager.alter_table(Table::alter().table("sessions").add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["address", "signed_in_with", "confirmed_at"] {
            manager.alter_table(Table::alter().table("sessions").drop_column(column).take()).await?;
        }
        for table in ["identity_challenges", "recovery_codes", "passkeys", "totp_factors"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}
