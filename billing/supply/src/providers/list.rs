//! Which providers there are.

use billow_entities::{ProviderId, ProviderStatus, UtilityType, provider};
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error, Result};
use sea_orm::sea_query::{Expr, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ProviderDefinition;
use super::Providers;

/// Characters that are searched for.
const MAX_SEARCH: usize = 200;

/// Which providers are wanted; what is unset does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderFilter {
    /// A part of the name or the code.
    pub search: Option<String>,
    /// What they supply.
    pub utility_type: Option<UtilityType>,
    /// For staff; everybody else finds active providers only.
    pub status: Option<ProviderStatus>,
}

impl ProviderDefinition {
    /// The definition of a row.
    ///
    /// # Errors
    /// When what is stored is not a definition.
    pub fn of(model: &provider::Model) -> Result<Self> {
        Ok(serde_json::from_value(model.definition.clone())?)
    }
}

impl Providers {
    /// Providers by name.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    #[tracing::instrument(name = "providers.list", skip_all)]
    pub async fn providers(&self, actor: &Actor, filter: ProviderFilter, page: PageRequest) -> Result<Page<provider::Model>> {
        use provider::Column;
        super::signed_in(actor)?;
        let limit = page.limit()?;
        let mut query = provider::Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Id).limit(limit + 1);
        let status = if actor.is_staff() { filter.status } else { Some(ProviderStatus::Active) };
        if let Some(status) = status {
            query = query.filter(Column::Status.eq(status));
        }
        if let Some(utility_type) = filter.utility_type {
            query = query.filter(Column::UtilityType.eq(utility_type));
        }
        if let Some(search) = filter.search.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            if search.chars().any(char::is_control) {
                return Err(Error::invalid("INVALID", "search", "Control characters are not allowed."));
            }
            if search.chars().count() > MAX_SEARCH {
                return Err(Error::invalid("TOO_LONG", "search", format!("At most {MAX_SEARCH} characters, please.")));
            }
            let lower = search.to_lowercase();
            // SQLite lowers only ASCII letters, so the name is compared as it was typed as well.
            query = query.filter(
                Condition::any()
                    .add(Expr::expr(Func::lower(Expr::col(Column::Name))).like(contains(&lower)))
                    .add(Expr::col(Column::Name).like(contains(search)))
                    .add(Expr::col(Column::Code).like(contains(&lower))),
            );
        }
        if let Some([name, id]) = page.after_key::<2>()? {
            let id: ProviderId = id.parse().map_err(|_| Error::bad_cursor())?;
            let same_name = Condition::all().add(Column::Name.eq(name.as_str())).add(Column::Id.gt(id));
            query = query.filter(Condition::any().add(Column::Name.gt(name.as_str())).add(same_name));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.name, &row.id.to_string()])))
    }

    /// One provider; also a paused one, because customers have accounts there.
    ///
    /// # Errors
    /// When nobody is signed in, or there is no such provider.
    pub async fn provider(&self, actor: &Actor, id: ProviderId) -> Result<provider::Model> {
        super::signed_in(actor)?;
        provider::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("provider"))
    }

    /// The names of a provider's secrets; the secrets themselves are never shown.
    ///
    /// # Errors
    /// For everybody but staff, and when the secrets do not open.
    pub fn provider_credential_names(&self, actor: &Actor, model: &provider::Model) -> Result<Vec<String>> {
        actor.staff()?;
        Ok(self.open_credentials(model)?.into_keys().collect())
    }
}

/// A pattern for what contains `text`; the text's own wild cards are taken literally.
fn contains(text: &str) -> LikeExpr {
    let mut out = String::from("%");
    for c in text.chars().take(100) {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    LikeExpr::new(out).escape('\\')
}

/// The provider an event tells of, as it is now. Never from a replica, which may not know of it yet.
impl Providers {
    /// The provider, if there still is one.
    ///
    /// # Errors
    /// For everybody but Billow itself.
    pub async fn told_provider(&self, actor: &Actor, id: ProviderId) -> Result<Option<provider::Model>> {
        actor.system()?;
        Ok(provider::Entity::find_by_id(id).one(self.store.primary()).await?)
    }
}

billow_kernel::by_id! {
    /// Providers by their ids.
    Providers.providers_by_id: ProviderId => provider;
}
