//! What was told about an account, in clear: for its customer and for staff, and never unseen.

use billow_entities::{UtilityAccountId, utility_account};
use billow_kernel::{Actor, Error, Result};
use sea_orm::EntityTrait;
use serde_json::json;

use super::Accounts;

/// A parameter in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealedParam {
    /// Its name.
    pub name: String,
    /// For people.
    pub label: String,
    /// What was told; none where it is a secret and staff asks.
    pub value: Option<String>,
    /// Whether it is a secret.
    pub secret: bool,
}

impl Accounts {
    /// Shows what was told about an account; the audit trail tells who looked. Staff sees no secrets.
    ///
    /// # Errors
    /// `NotFound` for everybody but staff and the customer who added it.
    #[tracing::instrument(name = "accounts.reveal", skip_all)]
    pub async fn reveal_account_params(&self, actor: &Actor, id: UtilityAccountId) -> Result<Vec<RevealedParam>> {
        actor.customer_or_staff()?;
        self.identity.confirmed(actor).await?;
        let account = utility_account::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("account"))?;
        let staff = actor.is_staff();
        if !staff && actor.customer()? != account.customer_id {
            return Err(Error::NotFound("account"));
        }
        let provider = self.providers.load_provider(account.provider_id).await?;
        let mut params = self.open_params(&account)?;
        let tx = self.store.write_tx().await?;
        self.audit.record(&tx, actor, "account.reveal", id, Some(account.customer_id), None, json!({})).await?;
        tx.commit().await?;
        let revealed = provider.definition.params.iter().filter_map(|param| {
            let value = params.remove(&param.name)?;
            let value = (!(staff && param.secret)).then_some(value);
            Some(RevealedParam { name: param.name.clone(), label: param.label.clone(), value, secret: param.secret })
        });
        Ok(revealed.collect())
    }
}
