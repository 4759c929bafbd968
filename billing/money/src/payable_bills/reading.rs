//! What is said of bills that were paid.

use billow_entities::{Target, bill};
use billow_kernel::error::Result;
use billow_supply::bills::BillContent;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::payable::Description;

/// What is said of these bills; those that are not there are left out.
pub(super) async fn described(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<Vec<(Target, Description)>> {
    let rows = bill::Entity::find().filter(bill::Column::Id.is_in(ids)).all(db).await?;
    rows.iter().map(|row| Ok((Target::Bill(row.id), description(BillContent::of_row(row)?)))).collect()
}

fn description(content: BillContent) -> Description {
    Description {
        number: content.number,
        plan: None,
        period: content.period_start.zip(content.period_end),
        lines: content.lines,
        currency: content.currency,
    }
}
