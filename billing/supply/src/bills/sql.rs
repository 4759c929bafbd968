//! The few statements that are written as SQL, because they carry a list of rows into a join; both databases read them alike.

use std::collections::HashMap;
use std::fmt::Write as _;

use billow_entities::{UtilityAccountId, bill};
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Statement, Value};

/// Keys looked up in one statement, well under SQLite's 32,766 variables.
const KEYS: usize = 5_000;
/// Earlier bills that tell what is usual.
const EARLIER: usize = 13;

/// `($1,$2),($3,$4)…` for `rows` rows, counting on from `first`.
pub(crate) fn values_list(rows: usize, columns: usize, first: usize) -> String {
    let mut out = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        out.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            let separator = if column == 0 { "" } else { "," };
            // Writing to a string does not fail.
            let _ = write!(out, "{separator}${}", first + row * columns + column);
        }
        out.push(')');
    }
    out
}

/// The bills with these accounts and numbers, locked against other writers.
pub(crate) async fn bills_by_number(db: &impl ConnectionTrait, keys: &[(UtilityAccountId, &str)]) -> Result<Vec<bill::Model>, DbErr> {
    let backend = db.get_database_backend();
    let lock = if backend == DbBackend::Sqlite { "" } else { " FOR NO KEY UPDATE OF b" };
    let mut out = Vec::new();
    for keys in keys.chunks(KEYS) {
        let sql = format!(
            "WITH v(account_id, number) AS (VALUES {}) \
             SELECT b.* FROM v CROSS JOIN bills b WHERE b.account_id = v.account_id AND b.number = v.number{lock}",
            values_list(keys.len(), 2, 1)
        );
        let values = keys.iter().flat_map(|(account, number)| [Value::from(*account), Value::from(*number)]);
        out.extend(bill::Entity::find().from_raw_sql(Statement::from_sql_and_values(backend, sql, values)).all(db).await?);
    }
    Ok(out)
}

/// What is needed of an earlier bill to judge the next ones.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct EarlierBill {
    pub(crate) account_id: UtilityAccountId,
    pub(crate) number: String,
    pub(crate) amount_minor: i64,
    pub(crate) period_start: Option<NaiveDate>,
    pub(crate) period_end: Option<NaiveDate>,
}

/// The last bills of accounts.
pub(crate) type EarlierBills = HashMap<UtilityAccountId, Vec<EarlierBill>>;

/// The last bills of these accounts, withdrawn and replaced ones left out.
pub(crate) async fn earlier_bills(db: &impl ConnectionTrait, accounts: &[UtilityAccountId]) -> Result<EarlierBills, DbErr> {
    let mut out: HashMap<_, Vec<_>> = HashMap::new();
    for accounts in accounts.chunks(KEYS) {
        let sql = format!(
            "WITH v(account_id) AS (VALUES {}) SELECT account_id, number, amount_minor, period_start, period_end FROM ( \
             SELECT b.account_id, b.number, b.amount_minor, b.period_start, b.period_end, \
             ROW_NUMBER() OVER (PARTITION BY b.account_id ORDER BY b.issued_on DESC, b.id DESC) AS place \
             FROM v CROSS JOIN bills b WHERE b.account_id = v.account_id AND b.status NOT IN ('VOIDED', 'SUPERSEDED')) AS t \
             WHERE place <= {EARLIER}",
            values_list(accounts.len(), 1, 1)
        );
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, accounts.iter().map(|a| Value::from(*a)));
        for row in EarlierBill::find_by_statement(statement).all(db).await? {
            out.entry(row.account_id).or_default().push(row);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_are_numbered_on() {
        assert_eq!(super::values_list(2, 2, 3), "($3,$4),($5,$6)");
        assert_eq!(super::values_list(1, 1, 1), "($1)");
    }
}
