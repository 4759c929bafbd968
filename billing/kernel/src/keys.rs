//! Compares the configured keys with those that this database's secrets were encrypted with, before anything is read or
//! written. The database keeps a value by which each key is recognised, made from the key and of no use to find it.
//!
//! The first process to start with a key notes it. Of several that start at once with different keys, one wins, and the
//! others find a value that is not theirs.

use std::collections::BTreeMap;

use billow_entities::{gateway, key_check, provider, utility_account};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use crate::cipher::{Cipher, Place};
use crate::identifiers::normalize_identifier;
use crate::store::Store;

const ENCRYPTION: &str = "encryption";
const INDEX: &str = "index";
/// Rows of each kind that are tried with keys that are not noted yet.
const SAMPLE: u64 = 3;

/// Why these keys cannot be used with this database. In words for an operator: what is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The number is known, and it is another key.
    #[error(
        "keys.encryption: key {0} is not the key {0} that this database was encrypted with; use the keys this database was set up with (a copy of its billow.toml)"
    )]
    OtherEncryption(i64),
    /// A key that rows need is not in the ring.
    #[error("keys.encryption lacks key {0}, which {1} is still encrypted with; add it again at the end of the list")]
    Lacks(i64, String),
    /// Blind indexes were made with another key.
    #[error(
        "keys.index is not the key that this database was indexed with; use the keys this database was set up with (a copy of its billow.toml)"
    )]
    OtherIndex,
    /// The database does not answer.
    #[error("the keys cannot be compared with the database's: {0}")]
    Database(#[from] DbErr),
}

/// Makes sure that `cipher` has the keys of this database, and notes the keys that are new to it.
///
/// # Errors
/// When a key is another one, or one that rows need is missing.
pub async fn verify(store: &Store, cipher: &Cipher, now: DateTime<Utc>) -> Result<(), KeyError> {
    // Never from a replica, which may not have them yet.
    let db = store.write_pool();
    let noted = compare(db, cipher).await?;
    missing(db, cipher, &noted).await?;
    let new = unnoted(cipher, &noted);
    if new.is_empty() {
        return Ok(());
    }
    if noted.is_empty() {
        // Data from before keys were noted.
        try_samples(db, cipher).await?;
    }
    let rows = new.into_iter().map(|(kind, number, value)| key_check::ActiveModel {
        kind: Set(kind.to_owned()),
        number: Set(number),
        value: Set(value),
        created_at: Set(now),
    });
    let mut once = OnConflict::columns([key_check::Column::Kind, key_check::Column::Number]);
    once.do_nothing();
    key_check::Entity::insert_many(rows).on_conflict(once).exec_without_returning(db).await?;
    // Another process may have been first, with other keys.
    compare(db, cipher).await.map(drop)
}

/// What is noted, where none of it contradicts the ring.
async fn compare(db: &impl ConnectionTrait, cipher: &Cipher) -> Result<Vec<key_check::Model>, KeyError> {
    let noted = key_check::Entity::find().order_by_asc(key_check::Column::Number).all(db).await?;
    for row in &noted {
        if row.kind == INDEX && row.value != cipher.index_mark() {
            return Err(KeyError::OtherIndex);
        }
        let ours = cipher.encryption_marks().iter().find(|(number, _)| row.kind == ENCRYPTION && i64::from(*number) == row.number);
        if ours.is_some_and(|(_, mark)| *mark != row.value) {
            return Err(KeyError::OtherEncryption(row.number));
        }
    }
    Ok(noted)
}

fn unnoted(cipher: &Cipher, noted: &[key_check::Model]) -> Vec<(&'static str, i64, String)> {
    let encryption = cipher.encryption_marks().iter().map(|(number, mark)| (ENCRYPTION, i64::from(*number), mark.clone()));
    encryption
        .chain([(INDEX, 0, cipher.index_mark())])
        .filter(|(kind, number, _)| !noted.iter().any(|row| row.kind == *kind && row.number == *number))
        .collect()
}

/// A key may leave the ring when nothing is encrypted with it any more.
async fn missing(db: &impl ConnectionTrait, cipher: &Cipher, noted: &[key_check::Model]) -> Result<(), KeyError> {
    let in_ring = |number: i64| cipher.encryption_marks().iter().any(|(ours, _)| i64::from(*ours) == number);
    let gone: Vec<i64> = noted.iter().filter(|row| row.kind == ENCRYPTION && !in_ring(row.number)).map(|row| row.number).collect();
    if gone.is_empty() {
        return Ok(());
    }
    for (table, column) in encrypted_columns(db).await? {
        for number in &gone {
            if uses(db, &table, &column, *number).await? {
                return Err(KeyError::Lacks(*number, format!("{table}.{column}")));
            }
        }
    }
    Ok(())
}

/// Every column that holds envelopes: their names end in `_enc`.
async fn encrypted_columns(db: &impl ConnectionTrait) -> Result<Vec<(String, String)>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            r"SELECT t.name AS in_table, c.name AS in_column FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND c.name LIKE '%\_enc' ESCAPE '\' ORDER BY 1, 2"
        }
        _ => {
            r"SELECT table_name::text AS in_table, column_name::text AS in_column FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'bytea' AND column_name LIKE '%\_enc' ORDER BY 1, 2"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| Ok((row.try_get("", "in_table")?, row.try_get("", "in_column")?))).collect()
}

/// Whether an envelope of the column names the key: its number are the four bytes after the first.
async fn uses(db: &impl ConnectionTrait, table: &str, column: &str, number: i64) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let bytes = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    // The names come from the schema itself.
    let sql = format!(r#"SELECT 1 AS found FROM "{table}" WHERE substr("{column}", 2, 4) = $1 LIMIT 1"#);
    Ok(db.query_one_raw(Statement::from_sql_and_values(backend, sql, [bytes.into()])).await?.is_some())
}

/// Opens a few envelopes with keys that are not noted yet.
async fn try_samples(db: &impl ConnectionTrait, cipher: &Cipher) -> Result<(), KeyError> {
    let providers = provider::Entity::find().filter(provider::Column::CredentialsEnc.is_not_null()).limit(SAMPLE).all(db).await?;
    for row in providers {
        opens(cipher, ("providers", "credentials_enc"), &row.id.to_string(), row.credentials_enc.as_deref())?;
    }
    let gateways = gateway::Entity::find().filter(gateway::Column::CredentialsEnc.is_not_null()).limit(SAMPLE).all(db).await?;
    for row in gateways {
        opens(cipher, ("gateways", "credentials_enc"), &row.id.to_string(), row.credentials_enc.as_deref())?;
    }
    for row in utility_account::Entity::find().limit(SAMPLE).all(db).await? {
        let plain = opens(cipher, ("utility_accounts", "params_enc"), &row.id.to_string(), Some(&row.params_enc))?;
        let params: BTreeMap<String, String> = plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default();
        let index = |value: &String| cipher.blind_index("identifier", &normalize_identifier(value));
        if !params.is_empty() && !params.values().any(|value| index(value) == row.identifier_index) {
            return Err(KeyError::OtherIndex);
        }
    }
    Ok(())
}

fn opens(cipher: &Cipher, (table, column): (&str, &str), row: &str, envelope: Option<&[u8]>) -> Result<Option<Vec<u8>>, KeyError> {
    let Some(envelope) = envelope else { return Ok(None) };
    let number = envelope.get(1..5).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes);
    if !cipher.encryption_marks().iter().any(|(ours, _)| *ours == number) {
        return Err(KeyError::Lacks(number.into(), format!("{table}.{column}")));
    }
    cipher.open(Place { table, row, column }, envelope).map(Some).map_err(|_| KeyError::OtherEncryption(number.into()))
}
