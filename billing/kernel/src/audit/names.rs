//! Names for those whom the audit trail keeps by id.

use std::collections::HashMap;

use billow_entities::{ApiClientId, UserId, api_client, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Audit;
use crate::error::Result;
use crate::{Actor, Error};

impl Audit {
    /// Names of actors, by how the audit trail labels them: the e-mail address of a user, the name of an API client.
    /// `system` is Billow itself; who is not known any more is missing.
    ///
    /// # Errors
    /// For everybody but Billow itself, on behalf of staff.
    pub async fn names_of_actors(&self, actor: &Actor, labels: &[String]) -> Result<HashMap<String, String>> {
        if *actor != Actor::System {
            return Err(Error::Forbidden);
        }
        let users: Vec<UserId> = labels.iter().filter_map(|label| label.parse().ok()).collect();
        let clients: Vec<ApiClientId> = labels.iter().filter_map(|label| label.parse().ok()).collect();
        let mut names = HashMap::with_capacity(labels.len());
        if labels.iter().any(|label| label == "system") {
            names.insert("system".to_owned(), "Billow".to_owned());
        }
        if !users.is_empty() {
            let rows = user::Entity::find().filter(user::Column::Id.is_in(users)).all(self.store.read()).await?;
            names.extend(rows.into_iter().map(|row| (row.id.to_string(), row.email)));
        }
        if !clients.is_empty() {
            let rows = api_client::Entity::find().filter(api_client::Column::Id.is_in(clients)).all(self.store.read()).await?;
            names.extend(rows.into_iter().map(|row| (row.id.to_string(), row.name)));
        }
        Ok(names)
    }
}
