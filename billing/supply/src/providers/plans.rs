//! What prepaid providers sell: from their definition, or as they list it themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use billow_entities::{Currency, ProviderId, RechargePlanId, recharge_plan};
use billow_kernel::amounts::minor_units;
use billow_kernel::store::WriteTx;
use billow_kernel::{Actor, Result};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Providers;
use super::shape::MAX_MINOR;
use crate::definition::PlanOffer;

/// Plans one provider may sell.
pub const MAX_PLANS: usize = 200;

/// The price of an offer in minor units.
pub(super) fn price(offer: &PlanOffer, currency: Currency) -> Result<i64, String> {
    let minor = minor_units(&offer.price, currency).map_err(|(_, problem)| problem)?;
    if (1..=MAX_MINOR).contains(&minor) { Ok(minor) } else { Err("must be more than nothing, and within reason".into()) }
}

/// An offer with everything in it checked, as a row without an id.
fn read_offer(offer: &PlanOffer, currency: Currency) -> Result<Offer, String> {
    let bounded = |what: &str, value: &str, max: usize| {
        let value = billow_kernel::text::cleaned(value);
        let fits = value.chars().count() <= max && !value.chars().any(char::is_control);
        if fits { Ok(value) } else { Err(format!("{what} must have at most {max} characters, and no control characters")) }
    };
    let needed = |what: &str, value: &str, max| match bounded(what, value, max) {
        Ok(value) if value.is_empty() => Err(format!("{what} is missing")),
        other => other,
    };
    if !(1..=3660).contains(&offer.validity_days) {
        return Err(format!("validity_days must be from 1 to 3660, not {}", offer.validity_days));
    }
    if offer.benefits.len() > 20 {
        return Err("there may be at most 20 benefits".into());
    }
    let benefits = offer.benefits.iter().map(|b| needed("a benefit", b, 120)).collect::<Result<Vec<_>, _>>()?;
    Ok(Offer {
        code: needed("code", &offer.code, 64)?,
        name: needed("name", &offer.name, 100)?,
        description: offer.description.as_deref().map(|d| bounded("description", d, 500)).transpose()?.filter(|d| !d.is_empty()),
        amount_minor: price(offer, currency).map_err(|problem| format!("price {problem}"))?,
        validity_days: offer.validity_days,
        benefits: benefits.into(),
    })
}

struct Offer {
    code: String,
    name: String,
    description: Option<String>,
    amount_minor: i64,
    validity_days: i32,
    benefits: serde_json::Value,
}

impl Offer {
    fn is(&self, row: &recharge_plan::Model, currency: Currency) -> bool {
        row.active
            && row.name == self.name
            && row.description == self.description
            && row.amount_minor == self.amount_minor
            && row.currency == currency.code()
            && row.validity_days == self.validity_days
            && row.benefits == self.benefits
    }
}

impl Providers {
    /// Makes `offers` the plans a provider sells: new ones are added, changed ones changed, missing ones no longer active.
    /// Writes only what differs. Offers that cannot be taken are left out and named, each with what is wrong.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn upsert_plans(&self, tx: &WriteTx, provider: ProviderId, currency: Currency, offers: &[PlanOffer]) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let mut wanted = BTreeMap::new();
        for offer in offers.iter().take(MAX_PLANS) {
            match read_offer(offer, currency) {
                Ok(offer) => {
                    wanted.insert(offer.code.clone(), offer);
                }
                Err(problem) => problems.push(format!("plan {:?}: {problem}", offer.code.chars().take(64).collect::<String>())),
            }
        }
        if offers.len() > MAX_PLANS {
            problems.push(format!("{} plans are too many; the first {MAX_PLANS} were taken", offers.len()));
        }
        let known = recharge_plan::Entity::find().filter(recharge_plan::Column::ProviderId.eq(provider)).all(&**tx).await?;
        // A provider that only named offers nobody can read has not stopped selling.
        let gone: Vec<RechargePlanId> =
            known.iter().filter(|row| row.active && problems.is_empty() && !wanted.contains_key(&row.code)).map(|row| row.id).collect();
        let same: BTreeSet<String> =
            known.iter().filter(|row| wanted.get(&row.code).is_some_and(|o| o.is(row, currency))).map(|row| row.code.clone()).collect();
        let now = self.clock.now();
        if !gone.is_empty() {
            recharge_plan::Entity::update_many()
                .col_expr(recharge_plan::Column::Active, Expr::value(false))
                .col_expr(recharge_plan::Column::UpdatedAt, Expr::value(now))
                .filter(recharge_plan::Column::Id.is_in(gone))
                .exec(&**tx)
                .await?;
        }
        let rows: Vec<_> = wanted
            .into_values()
            .filter(|offer| !same.contains(&offer.code))
            .map(|offer| recharge_plan::ActiveModel {
                id: Set(RechargePlanId(self.ids.next())),
                provider_id: Set(provider),
                code: Set(offer.code),
                name: Set(offer.name),
                description: Set(offer.description),
                amount_minor: Set(offer.amount_minor),
                currency: Set(currency.code().to_owned()),
                validity_days: Set(offer.validity_days),
                benefits: Set(offer.benefits),
                active: Set(true),
                updated_at: Set(now),
            })
            .collect();
        if !rows.is_empty() {
            let changed = [
                recharge_plan::Column::Name,
                recharge_plan::Column::Description,
                recharge_plan::Column::AmountMinor,
                recharge_plan::Column::Currency,
                recharge_plan::Column::ValidityDays,
                recharge_plan::Column::Benefits,
                recharge_plan::Column::Active,
                recharge_plan::Column::UpdatedAt,
            ];
            let key = [recharge_plan::Column::ProviderId, recharge_plan::Column::Code];
            recharge_plan::Entity::insert_many(rows)
                .on_conflict(OnConflict::columns(key).update_columns(changed).to_owned())
                .exec_without_returning(&**tx)
                .await?;
        }
        Ok(problems)
    }

    /// The plans a provider sells, cheapest first.
    ///
    /// # Errors
    /// When nobody is signed in, or there is no such provider.
    pub async fn recharge_plans(&self, actor: &Actor, provider: ProviderId) -> Result<Vec<recharge_plan::Model>> {
        self.provider(actor, provider).await?;
        Ok(self.recharge_plans_of(actor, &[provider]).await?.remove(&provider).unwrap_or_default())
    }

    /// The plans many providers sell, cheapest first; providers that sell none are missing from the answer.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn recharge_plans_of(&self, actor: &Actor, ids: &[ProviderId]) -> Result<HashMap<ProviderId, Vec<recharge_plan::Model>>> {
        super::signed_in(actor)?;
        let rows = recharge_plan::Entity::find()
            .filter(recharge_plan::Column::ProviderId.is_in(ids.iter().copied()))
            .filter(recharge_plan::Column::Active.eq(true))
            .order_by_asc(recharge_plan::Column::AmountMinor)
            .order_by_asc(recharge_plan::Column::Code)
            .all(self.store.read())
            .await?;
        let mut out: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            out.entry(row.provider_id).or_default().push(row);
        }
        Ok(out)
    }
}

billow_kernel::by_id! {
    /// Recharge plans by their ids.
    Providers.recharge_plans_by_id: RechargePlanId => recharge_plan;
}
