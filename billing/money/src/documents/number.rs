//! Numbers of documents: one series for each kind and year, without gaps.

use std::collections::BTreeMap;

use billow_entities::{DocumentKind, document, document_number};
use billow_kernel::error::Result;
use billow_kernel::store::WriteTx;
use chrono::{DateTime, Datelike, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, QueryFilter};

/// The series a document of this kind asked for at this instant belongs to.
fn series(kind: DocumentKind, at: DateTime<Utc>) -> String {
    let letter = match kind {
        DocumentKind::Invoice => 'I',
        DocumentKind::Receipt => 'R',
    };
    format!("{letter}-{}", at.year())
}

/// Gives a number to each document that has none yet, in the order in which they come.
///
/// The caller holds the documents' rows. A series stays locked until the transaction ends, so it should be a short one;
/// everybody takes the series in the order of their names.
pub(super) async fn give(tx: &WriteTx, documents: &mut [document::Model]) -> Result<()> {
    let mut new: BTreeMap<String, Vec<&mut document::Model>> = BTreeMap::new();
    for document in documents.iter_mut().filter(|d| d.number.is_none()) {
        new.entry(series(document.kind, document.created_at)).or_default().push(document);
    }
    for (series, documents) in new {
        let count = i64::try_from(documents.len()).unwrap_or(i64::MAX);
        let before = take(tx, &series, count).await? - count;
        for (number, document) in (before + 1..).zip(documents) {
            let number = format!("{series}-{number:06}");
            document::Entity::update_many()
                .col_expr(document::Column::Number, Expr::value(number.as_str()))
                .filter(document::Column::Id.eq(document.id))
                .exec(&**tx)
                .await?;
            document.number = Some(number);
        }
    }
    Ok(())
}

/// Takes so many numbers of a series; answers the last of them.
async fn take(tx: &WriteTx, series: &str, count: i64) -> Result<i64> {
    use document_number::{Column as C, Entity};
    let row = document_number::ActiveModel { series: Set(series.to_owned()), last: Set(count) };
    let count_on = OnConflict::column(C::Series).value(C::Last, Expr::col((Entity, C::Last)).add(count)).to_owned();
    Ok(Entity::insert(row).on_conflict(count_on).exec_with_returning(&**tx).await?.last)
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
