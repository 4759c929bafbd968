//! Numbers of documents: one series for each kind and year, without gaps.

use billow_entities::{DocumentKind, document_number};
use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait, ExprTrait};

use crate::error::Result;
use crate::store::WriteTx;

/// The series a document of this kind made at this instant belongs to.
fn series(kind: DocumentKind, at: DateTime<Utc>) -> String {
    let letter = match kind {
        DocumentKind::Invoice => 'I',
        DocumentKind::Receipt => 'R',
    };
    format!("{letter}-{}", at.year())
}

/// The number that follows the last one of its series. The series stays locked until the transaction ends.
pub(super) async fn next(tx: &WriteTx, kind: DocumentKind, at: DateTime<Utc>) -> Result<String> {
    let series = series(kind, at);
    let row = document_number::ActiveModel { series: Set(series.clone()), last: Set(1) };
    let count_on = OnConflict::column(document_number::Column::Series)
        .value(document_number::Column::Last, Expr::col((document_number::Entity, document_number::Column::Last)).add(1))
        .to_owned();
    let row = document_number::Entity::insert(row).on_conflict(count_on).exec_with_returning(&**tx).await?;
    Ok(format!("{series}-{:06}", row.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_year_has_a_series_of_its_own() {
        let at = |text: &str| text.parse().expect("an instant");
        assert_eq!(series(DocumentKind::Receipt, at("2026-12-31T23:59:59Z")), "R-2026");
        assert_eq!(series(DocumentKind::Receipt, at("2027-01-01T00:00:00Z")), "R-2027");
        assert_eq!(series(DocumentKind::Invoice, at("2026-12-31T23:59:59Z")), "I-2026");
    }
}
