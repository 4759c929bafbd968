//! Changing an account: its label, its home, and what the customer told about it.

use std::collections::BTreeMap;

use billow_entities::{AccountStatus, PropertyId, UtilityAccountId, bill, recharge, utility_account};
use billow_kernel::error::{Problems, violates};
use billow_kernel::events::AccountChange;
use billow_kernel::identifiers::identifier_hint;
use billow_kernel::store::WriteTx;
use billow_kernel::wake::Wakeup;
use billow_kernel::{Actor, Error, Result};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::Accounts;
use super::add::{IDENTIFIER_COLUMNS, IDENTIFIER_KEY, MAX_LABEL, identifier};
use super::start::{StartedAccount, locked};
use crate::providers::validate_params;

/// A change of an account; what is unset stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateAccount {
    /// What to call it.
    pub label: Option<String>,
    /// The home it belongs to; `Some(None)` takes it out of its home.
    pub property_id: Option<Option<PropertyId>>,
    /// What the provider asks for, whole. Asks for a fetch.
    pub params: Option<BTreeMap<String, String>>,
}

impl Accounts {
    /// Changes an account. New parameters mend an account that needs attention: it is fetched again at once.
    ///
    /// # Errors
    /// As [`Self::add_utility_account`]; `CLOSED` for a closed account, and `HAS_BILLS` when new parameters name another
    /// account at the provider while there are bills of this one.
    #[tracing::instrument(name = "accounts.update", skip_all)]
    pub async fn update_utility_account(&self, actor: &Actor, id: UtilityAccountId, change: UpdateAccount) -> Result<StartedAccount> {
        let before = self.manageable(actor, id).await?;
        let provider = self.providers.load_provider(before.provider_id).await?;
        let mut problems = Problems::default();
        let label = change.label.as_deref().map(|label| problems.text("label", label, MAX_LABEL));
        let params = change.params.as_ref().map(|params| validate_params(&provider.definition, "params", params));
        let mut all = problems.into_vec();
        if let Some(home) = change.property_id.filter(|home| *home != before.property_id) {
            if !actor.is_staff() && actor.customer()? != before.customer_id {
                return Err(Error::invalid("NOT_ALLOWED", "propertyId", "Only whoever added the account can move it."));
            }
            if let Some(home) = home {
                match self.check_home(actor, before.customer_id, home).await {
                    Err(Error::Invalid(found)) => all.extend(found),
                    other => other?,
                }
            }
        }
        let params = match params.transpose() {
            Ok(params) => params,
            Err(found) => {
                all.extend(found);
                None
            }
        };
        if !all.is_empty() {
            return Err(Error::Invalid(all));
        }

        let mut tx = self.store.write_tx().await?;
        let before = locked(&tx, id).await?;
        if before.status == AccountStatus::Closed {
            return Err(Error::invalid("CLOSED", "", "This account is closed; add it again to use it."));
        }
        let mut row = before.clone().into_active_model();
        row.updated_at = Set(self.clock.now());
        let mut run = None;
        let mut changed = Vec::new();
        if let Some(label) = label.filter(|label| *label != before.label) {
            row.label = Set(label);
            changed.push("label");
        }
        if let Some(home) = change.property_id.filter(|home| *home != before.property_id) {
            row.property_id = Set(home);
            changed.push("property");
        }
        let mut index = before.identifier_index.clone();
        if let Some(params) = params {
            let told = identifier(&provider, &params)?;
            index = self.cipher.identifier_index(&told);
            if index != before.identifier_index
                && let Some(what) = history_of(&tx, id).await?
            {
                let path = format!("params.{}", provider.definition.params.first().map_or("", |p| p.name.as_str()));
                let message = format!("There are {what} of this account; add the other account as a new one.");
                return Err(Error::invalid("HAS_BILLS", &path, message));
            }
            row.params_enc = Set(self.seal_params(id, &params)?);
            row.identifier_hint = Set(identifier_hint(&told));
            row.identifier_index = Set(index.clone());
            row.fence = Set(before.fence + 1);
            self.runs.leave_run(&mut tx, &before).await?;
            run = self.start_account(&mut tx, actor, &provider, &mut row, (id, before.customer_id)).await?;
            changed.push("params");
        }
        if changed.is_empty() {
            return Ok(tx.leave(StartedAccount { account: before, run: None }).await);
        }
        let account = match row.update(&*tx).await {
            Ok(account) => account,
            Err(error) if violates(&error, IDENTIFIER_KEY, IDENTIFIER_COLUMNS) => {
                drop(tx);
                return Err(self.taken(actor, before.customer_id, &provider, &index).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let told_as = if changed.contains(&"params") { AccountChange::Mended } else { AccountChange::Changed };
        if account.property_id != before.property_id {
            self.move_bills(&tx, &account).await?;
            // The household it left is told too, and the event of the account goes to the one it joined.
            if before.property_id.is_some() {
                tx.emit(self.events.account(&before, AccountChange::Moved, None)?);
            }
        }
        tx.emit(self.events.account(&account, told_as, Some(before.status))?);
        let data = json!({"changed": changed, "hint": account.identifier_hint, "property_id": account.property_id});
        self.audit.record(&tx, actor, "account.update", id, Some(account.customer_id), None, data).await?;
        tx.commit().await?;
        if run.is_some() {
            self.waker.wake(Wakeup::Fetch).await;
        }
        Ok(StartedAccount { account, run })
    }

    /// The account, for whoever may change it.
    pub(super) async fn manageable(&self, actor: &Actor, id: UtilityAccountId) -> Result<utility_account::Model> {
        actor.customer_or_staff()?;
        let account = utility_account::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        self.homes.can_manage_account(actor, &account).await?;
        Ok(account)
    }

    /// Bills follow their account into its home.
    pub(super) async fn move_bills(&self, tx: &WriteTx, account: &utility_account::Model) -> Result<()> {
        bill::Entity::update_many()
            .col_expr(bill::Column::PropertyId, Expr::value(account.property_id))
            .filter(bill::Column::AccountId.eq(account.id))
            .exec(&**tx)
            .await?;
        Ok(())
    }
}

/// What an account has that belongs to its number.
async fn history_of(tx: &WriteTx, id: UtilityAccountId) -> Result<Option<&'static str>> {
    let bills = bill::Entity::find().filter(bill::Column::AccountId.eq(id)).limit(1);
    if bills.count(&**tx).await? > 0 {
        return Ok(Some("bills"));
    }
    let recharges = recharge::Entity::find().filter(recharge::Column::AccountId.eq(id)).limit(1);
    Ok((recharges.count(&**tx).await? > 0).then_some("recharges"))
}
