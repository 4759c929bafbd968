//! Programs with keys. A key is shown once; what is kept is its hash, and its end to tell it by.

use billow_entities::{ApiClientId, ProviderId, api_client, provider};
use billow_kernel::error::{Problems, Result};
use billow_kernel::events::{ClientRevokedData, Event};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error, Scope, sha256_hex};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::Identity;

/// What every key begins with, so that a key in the wrong place is found by those who look for keys.
pub(super) const KEY_PREFIX: &str = "bk_";
/// Characters of a key.
pub(super) const KEY_LENGTH: usize = KEY_PREFIX.len() + 43;

/// A program that is to have a key.
#[derive(Clone, Debug)]
pub struct NewApiClient {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// For `bills:push`: the one provider whose bills it may post.
    pub provider_id: Option<ProviderId>,
}

impl Identity {
    /// Makes a key; it is answered this once.
    ///
    /// # Errors
    /// When somebody other than an administrator asks; what is wrong with the fields.
    #[tracing::instrument(name = "identity.create_api_client", skip_all)]
    pub async fn create_api_client(&self, actor: &Actor, input: NewApiClient) -> Result<(api_client::Model, SecretString)> {
        actor.admin()?;
        self.confirmed(actor).await?;
        let (name, scopes) = check(&input)?;
        let tx = self.store.write_tx().await?;
        if let Some(id) = input.provider_id
            && provider::Entity::find_by_id(id).one(&*tx).await?.is_none()
        {
            return Err(Error::invalid("UNKNOWN_PROVIDER", "providerId", "There is no such provider."));
        }
        let key = format!("{KEY_PREFIX}{}", self.ids.token());
        let row = api_client::ActiveModel {
            id: Set(ApiClientId(self.ids.next())),
            name: Set(name),
            key_hash: Set(sha256_hex(&key)),
            key_hint: Set(key[key.len() - 4..].to_owned()),
            scopes: Set(serde_json::to_value(&scopes)?),
            provider_id: Set(input.provider_id),
            created_by: Set(actor.user().ok()),
            created_at: Set(self.clock.now()),
            last_used_at: Set(None),
            revoked_at: Set(None),
        };
        let client = row.insert(&*tx).await?;
        self.audit
            .record(&tx, actor, "api_client.create", client.id, None, None, json!({"name": client.name, "scopes": client.scopes}))
            .await?;
        tx.commit().await?;
        Ok((client, key.into()))
    }

    /// Makes a key worthless at once; one that is so already stays so.
    ///
    /// # Errors
    /// When somebody other than an administrator asks, or there is no such program.
    pub async fn revoke_api_client(&self, actor: &Actor, id: ApiClientId) -> Result<api_client::Model> {
        actor.admin()?;
        let mut tx = self.store.write_tx().await?;
        let client = api_client::Entity::find_by_id(id).lock_exclusive().one(&*tx).await?.ok_or(Error::NotFound("API client"))?;
        if client.revoked_at.is_some() {
            return Ok(tx.leave(client).await);
        }
        let mut row = client.into_active_model();
        row.revoked_at = Set(Some(self.clock.now()));
        let client = row.update(&*tx).await?;
        self.audit.record(&tx, actor, "api_client.revoke", id, None, None, json!({"name": client.name})).await?;
        tx.emit(self.events.about(id, &Event::ClientRevoked(ClientRevokedData { client_id: id }))?);
        tx.commit().await?;
        Ok(client)
    }

    /// The programs, the newest first, revoked ones included.
    ///
    /// # Errors
    /// When somebody other than an administrator asks, or the page is not a page.
    pub async fn api_clients(&self, actor: &Actor, page: PageRequest) -> Result<Page<api_client::Model>> {
        actor.admin()?;
        let limit = page.limit()?;
        let mut query = api_client::Entity::find().order_by_desc(api_client::Column::Id).limit(limit + 1);
        if let Some(id) = page.after_id::<ApiClientId>()? {
            query = query.filter(api_client::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }
}

/// What a stored program may do.
#[must_use]
pub fn scopes_of(client: &api_client::Model) -> Vec<Scope> {
    scopes_in(&client.scopes)
}

/// A scope this version does not know gives nothing.
pub(super) fn scopes_in(stored: &Value) -> Vec<Scope> {
    let texts = stored.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.filter_map(|text| Scope::ALL.into_iter().find(|scope| scope.as_str() == text)).collect()
}

fn check(input: &NewApiClient) -> Result<(String, Vec<Scope>)> {
    let mut problems = Problems::default();
    let name = problems.text("name", &input.name, 100);
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| input.scopes.contains(scope)).collect();
    if scopes.is_empty() {
        problems.add("REQUIRED", "scopes", "Name at least one scope.");
    }
    match (scopes.contains(&Scope::BillsPush), input.provider_id) {
        (true, None) => problems.add("REQUIRED", "providerId", "Whoever posts bills does so for one provider; name it."),
        (false, Some(_)) => problems.add("INVALID", "providerId", "A provider is named only with the scope bills:push."),
        _ => {}
    }
    problems.finish()?;
    Ok((name, scopes))
}

impl Identity {
    /// One program, for administrators.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn api_client(&self, actor: &Actor, id: ApiClientId) -> Result<api_client::Model> {
        actor.admin()?;
        api_client::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("API client"))
    }

    /// The program that asks.
    ///
    /// # Errors
    /// When no program does.
    pub async fn own_api_client(&self, actor: &Actor) -> Result<api_client::Model> {
        let Actor::Client { client_id, .. } = actor else { return Err(Error::Forbidden) };
        api_client::Entity::find_by_id(*client_id).one(self.store.read()).await?.ok_or(Error::Unauthenticated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(name: &str, scopes: &[Scope], provider: bool) -> NewApiClient {
        let provider_id = provider.then(|| ProviderId(uuid::Uuid::from_u128(1)));
        NewApiClient { name: name.into(), scopes: scopes.to_vec(), provider_id }
    }

    #[test]
    fn a_key_has_a_name_scopes_and_a_provider_exactly_where_it_posts_bills() {
        use Scope::{BillsPush, BillsRead, EventsRead};
        for (name, scopes, provider, wrong) in [
            ("CRM", &[EventsRead, BillsRead][..], false, &[][..]),
            ("Voltara", &[BillsPush], true, &[]),
            (" ", &[], false, &["name", "scopes"]),
            ("Voltara", &[BillsPush], false, &["providerId"]),
            ("CRM", &[BillsRead], true, &["providerId"]),
        ] {
            let found: Vec<String> = match check(&input(name, scopes, provider)) {
                Ok(_) => Vec::new(),
                Err(Error::Invalid(errors)) => errors.into_iter().map(|e| e.path.join(".")).collect(),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(found, wrong, "{name} {scopes:?} {provider}");
        }
    }

    #[test]
    fn scopes_come_back_as_they_were_stored_and_unknown_ones_give_nothing() {
        let stored = serde_json::to_value([Scope::BillsRead, Scope::EventsRead]).expect("JSON");
        assert_eq!(scopes_in(&stored), [Scope::BillsRead, Scope::EventsRead]);
        assert_eq!(scopes_in(&json!(["everything", 1, "bills:read"])), [Scope::BillsRead]);
        assert_eq!(scopes_in(&json!("bills:read")), []);
    }
}
