//! Finding customers.

use std::collections::HashMap;

use billow_entities::{CustomerId, customer, utility_account};
use billow_kernel::error::Result;
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error};
use sea_orm::sea_query::{Expr, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::Customers;

/// Which customers are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// The beginning of a name, of a part of a name, of an e-mail address or of a mobile number; or the whole of a consumer
    /// number or of another system's number.
    pub search: Option<String>,
}

/// Characters that are searched for.
const MAX_SEARCH: usize = 200;

impl Customers {
    /// The customers, the newest first, for staff.
    ///
    /// # Errors
    /// When somebody other than staff asks, or the page is not a page.
    #[tracing::instrument(name = "customers.find", skip_all)]
    pub async fn customers(&self, actor: &Actor, filter: CustomerFilter, page: PageRequest) -> Result<Page<customer::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = customer::Entity::find().order_by_desc(customer::Column::Id).limit(limit + 1);
        if let Some(search) = filter.search.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            if search.chars().any(char::is_control) {
                return Err(Error::invalid("INVALID", "search", "Control characters are not allowed."));
            }
            if search.chars().count() > MAX_SEARCH {
                return Err(Error::invalid("TOO_LONG", "search", format!("At most {MAX_SEARCH} characters, please.")));
            }
            query = query.filter(self.search_condition(search));
        }
        if let Some(id) = page.after_id::<CustomerId>()? {
            query = query.filter(customer::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// A customer: oneself, or for staff anybody.
    ///
    /// # Errors
    /// `NotFound` for somebody else.
    pub async fn customer(&self, actor: &Actor, id: CustomerId) -> Result<customer::Model> {
        if !actor.is_staff() && actor.customer()? != id {
            return Err(Error::NotFound("customer"));
        }
        customer::Entity::find_by_id(id).one(self.store.primary()).await?.ok_or(Error::NotFound("customer"))
    }

    /// Many customers at once; those who are not visible are missing from the answer.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn customers_by_id(&self, actor: &Actor, ids: &[CustomerId]) -> Result<HashMap<CustomerId, customer::Model>> {
        let mut ids = ids.to_vec();
        if !actor.is_staff() {
            let own = actor.customer()?;
            ids.retain(|id| *id == own);
        }
        let rows = customer::Entity::find().filter(customer::Column::Id.is_in(ids)).all(self.store.read()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    fn search_condition(&self, search: &str) -> Condition {
        let lower = search.to_lowercase();
        let by_number = utility_account::Entity::find()
            .select_only()
            .column(utility_account::Column::CustomerId)
            .filter(utility_account::Column::IdentifierIndex.eq(self.cipher.identifier_index(search)))
            .into_query();
        let mut any = Condition::any()
            .add(customer::Column::ExternalRef.eq(search))
            .add(customer::Column::Id.in_subquery(by_number))
            .add(customer::Column::Email.like(prefix("", &lower)));
        let digits: String = search.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 3 && search.chars().all(|c| c.is_ascii_digit() || "+ -()./".contains(c)) {
            any = any.add(customer::Column::Mobile.like(prefix("+", &digits)));
        } else if !search.contains('@') {
            // SQLite lowers only ASCII letters, so the name is compared as it was typed, and as names are written, as well.
            let written = as_written(search);
            let lowered = || Expr::from(Func::lower(Expr::col(customer::Column::Name)));
            any = any
                .add(lowered().like(prefix("", &lower)))
                .add(lowered().like(prefix("% ", &lower)))
                .add(customer::Column::Name.like(prefix("", search)))
                .add(customer::Column::Name.like(prefix("% ", search)))
                .add(customer::Column::Name.like(prefix("", &written)))
                .add(customer::Column::Name.like(prefix("% ", &written)));
        }
        any
    }
}

/// Each word with a capital letter in front.
fn as_written(search: &str) -> String {
    let mut out = String::with_capacity(search.len());
    let mut begins = true;
    for c in search.chars() {
        if begins {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        begins = !c.is_alphanumeric();
    }
    out
}

/// A pattern for what begins with `text` after `before`; the text's own wild cards are taken literally.
fn prefix(before: &str, text: &str) -> LikeExpr {
    let mut pattern = String::from(before);
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}
