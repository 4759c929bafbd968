//! A page of bills with what they belong to, in one statement: the page that is read most often.
//!
//! Whoever asks says what they will show; only those columns are read, and a bill's lines, which are most of it, only when
//! they are wanted.

use billow_entities::{
    AccountStatus, BillId, BillMarker, BillSource, BillStatus, CustomerId, PropertyId, ProviderId, ProviderStatus, UtilityAccountId,
    UtilityType, bill, property, property_member, provider, utility_account,
};
use billow_kernel::Actor;
use billow_kernel::error::Result;
use billow_kernel::page::{Page, PageRequest};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait as _, IntoCondition as _, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, RelationDef, Select, TryGetable,
};
use serde_json::Value;

use super::Bills;
use super::owed;
use super::query::{BillFilter, BillListState, BillSort};

/// What is read with a bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BillJoins {
    /// Its provider.
    pub provider: bool,
    /// Its account.
    pub account: bool,
    /// Its home.
    pub property: bool,
    /// Its lines.
    pub lines: bool,
    /// What a payment under way covers of it.
    pub being_paid: bool,
}

/// A bill without its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillHead {
    /// Its id.
    pub id: BillId,
    /// Of which account.
    pub account_id: UtilityAccountId,
    /// Whose.
    pub customer_id: CustomerId,
    /// In which home.
    pub property_id: Option<PropertyId>,
    /// Of which provider.
    pub provider_id: ProviderId,
    /// What was supplied.
    pub utility_type: UtilityType,
    /// The provider's number for it.
    pub number: String,
    /// Counts corrections, from 1.
    pub version: i32,
    /// Where it stands.
    pub status: BillStatus,
    /// Why, in words.
    pub status_reason: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// What is to be paid.
    pub amount_minor: i64,
    /// Paid of it through Billow.
    pub paid_minor: i64,
    /// The least that may be paid.
    pub min_amount_minor: Option<i64>,
    /// The most that may be paid.
    pub max_amount_minor: Option<i64>,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// When it is due.
    pub due_on: Option<NaiveDate>,
    /// First day billed for.
    pub period_start: Option<NaiveDate>,
    /// Last day billed for.
    pub period_end: Option<NaiveDate>,
    /// How much was used, a decimal.
    pub usage_value: Option<String>,
    /// Of what.
    pub usage_unit: Option<String>,
    /// How it came to us.
    pub source: BillSource,
    /// What replaces it.
    pub superseded_by: Option<BillId>,
    /// Who marked it as paid elsewhere, where a person did.
    pub marked_by: Option<BillMarker>,
    /// What the account's bills usually come to, where this one is far from it.
    pub usual_minor: Option<i64>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A provider's name and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderHead {
    /// Its id.
    pub id: ProviderId,
    /// Its short name.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it supplies.
    pub utility_type: UtilityType,
    /// ISO 4217.
    pub currency: String,
    /// Whether it is fetched.
    pub status: ProviderStatus,
}

/// An account's label and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHead {
    /// Its id.
    pub id: UtilityAccountId,
    /// What it is called.
    pub label: String,
    /// The end of its identifier.
    pub identifier_hint: String,
    /// What is supplied.
    pub utility_type: UtilityType,
    /// Where it stands.
    pub status: AccountStatus,
    /// Whose.
    pub customer_id: CustomerId,
    /// In which home.
    pub property_id: Option<PropertyId>,
    /// At which provider.
    pub provider_id: ProviderId,
}

/// A home's name and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyHead {
    /// Its id.
    pub id: PropertyId,
    /// What it is called.
    pub name: String,
    /// The town.
    pub city: Option<String>,
}

/// A bill with what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinedBill {
    /// The bill.
    pub bill: BillHead,
    /// Its lines as they are stored.
    pub lines: Option<Value>,
    /// What a payment under way covers of it, in minor units.
    pub being_paid_minor: Option<i64>,
    /// Its provider.
    pub provider: Option<ProviderHead>,
    /// Its account.
    pub account: Option<AccountHead>,
    /// Its home.
    pub property: Option<PropertyHead>,
}

impl From<bill::Model> for JoinedBill {
    fn from(row: bill::Model) -> Self {
        let bill = BillHead {
            id: row.id,
            account_id: row.account_id,
            customer_id: row.customer_id,
            property_id: row.property_id,
            provider_id: row.provider_id,
            utility_type: row.utility_type,
            number: row.number,
            version: row.version,
            status: row.status,
            status_reason: row.status_reason,
            currency: row.currency,
            amount_minor: row.amount_minor,
            paid_minor: row.paid_minor,
            min_amount_minor: row.min_amount_minor,
            max_amount_minor: row.max_amount_minor,
            issued_on: row.issued_on,
            due_on: row.due_on,
            period_start: row.period_start,
            period_end: row.period_end,
            usage_value: row.usage_value,
            usage_unit: row.usage_unit,
            source: row.source,
            superseded_by: row.superseded_by,
            marked_by: row.marked_by,
            usual_minor: row.usual_minor,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Self { bill, lines: Some(row.lines), being_paid_minor: None, provider: None, account: None, property: None }
    }
}

impl From<&provider::Model> for ProviderHead {
    fn from(row: &provider::Model) -> Self {
        Self {
            id: row.id,
            code: row.code.clone(),
            name: row.name.clone(),
            utility_type: row.utility_type,
            currency: row.currency.clone(),
            status: row.status,
        }
    }
}

impl From<&utility_account::Model> for AccountHead {
    fn from(row: &utility_account::Model) -> Self {
        Self {
            id: row.id,
            label: row.label.clone(),
            identifier_hint: row.identifier_hint.clone(),
            utility_type: row.utility_type,
            status: row.status,
            customer_id: row.customer_id,
            property_id: row.property_id,
            provider_id: row.provider_id,
        }
    }
}

impl From<&property::Model> for PropertyHead {
    fn from(row: &property::Model) -> Self {
        Self { id: row.id, name: row.name.clone(), city: row.city.clone() }
    }
}

/// In the order in which [`read`] takes them.
const BILL: [bill::Column; 27] = {
    use bill::Column as C;
    [
        C::Id,
        C::AccountId,
        C::CustomerId,
        C::PropertyId,
        C::ProviderId,
        C::UtilityType,
        C::Number,
        C::Version,
        C::Status,
        C::StatusReason,
        C::Currency,
        C::AmountMinor,
        C::PaidMinor,
        C::MinAmountMinor,
        C::MaxAmountMinor,
        C::IssuedOn,
        C::DueOn,
        C::PeriodStart,
        C::PeriodEnd,
        C::UsageValue,
        C::UsageUnit,
        C::Source,
        C::SupersededBy,
        C::MarkedBy,
        C::UsualMinor,
        C::CreatedAt,
        C::UpdatedAt,
    ]
};
const PROVIDER: [provider::Column; 4] =
    [provider::Column::Code, provider::Column::Name, provider::Column::UtilityType, provider::Column::Status];
const ACCOUNT: [utility_account::Column; 4] = [
    utility_account::Column::Label,
    utility_account::Column::IdentifierHint,
    utility_account::Column::UtilityType,
    utility_account::Column::Status,
];
const PROPERTY: [property::Column; 2] = [property::Column::Name, property::Column::City];

impl Bills {
    /// Bills, as far as `actor` sees them, each with what is asked for.
    ///
    /// # Errors
    /// When nobody is signed in, or the page is not a page.
    pub async fn bills_joined(
        &self,
        actor: &Actor,
        filter: BillFilter,
        sort: BillSort,
        page: PageRequest,
        with: BillJoins,
    ) -> Result<Page<JoinedBill>> {
        let limit = page.limit()?;
        let today = if filter.state == BillListState::Overdue { self.today_of(actor, filter.customer_id).await? } else { NaiveDate::MIN };
        let after = sort.after(&page)?;
        let narrowed = |whose: Condition| {
            let query = sorted(heads(with), sort).filter(whose).filter(filter.condition(today)).limit(limit + 1);
            after.iter().fold(query, |query, after| query.filter(after.clone()))
        };
        let mut query = match self.homes.reads_as(actor)?.filter(|_| !self.store.is_sqlite() && sort.has_index()) {
            None => narrowed(self.homes.visible_condition(actor, bill::Column::CustomerId, bill::Column::PropertyId)?),
            Some(customer) => {
                let own = narrowed(bill::Column::CustomerId.eq(customer).into_condition());
                let of_home = Expr::col((bill::Entity, bill::Column::PropertyId))
                    .equals((property_member::Entity, property_member::Column::PropertyId));
                let others = narrowed(Condition::all().add(of_home).add(bill::Column::CustomerId.ne(customer)));
                let mut query = sorted(heads(with), sort).limit(limit + 1);
                let both = merged(own.into_query(), others.into_query(), customer, sort, limit + 1);
                QuerySelect::query(&mut query).from_clear().from_subquery(both, bill::Entity);
                query
            }
        };
        if with.being_paid {
            query = query.expr(owed::being_paid());
        }
        if with.provider {
            query = query.join(JoinType::InnerJoin, of_provider()).columns(PROVIDER);
        }
        if with.account {
            query = query.join(JoinType::InnerJoin, of_account()).columns(ACCOUNT);
        }
        if with.property {
            query = query.join(JoinType::LeftJoin, of_property()).columns(PROPERTY);
        }
        let db = self.store.read();
        let rows = db.query_all_raw(query.build(self.store.backend())).await?;
        let rows = rows.iter().map(|row| read(row, with)).collect::<Result<Vec<_>, DbErr>>()?;
        Ok(Page::of(rows, limit, &page, |row| sort.cursor_of(row.bill.id, row.bill.issued_on, row.bill.due_on)))
    }
}

/// Columns by their places, which is quicker than by their names and does not mind that two tables have the same ones.
struct Places<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl Places<'_> {
    fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        self.next += 1;
        self.row.try_get_by_index(self.next - 1)
    }
}

fn read(row: &QueryResult, with: BillJoins) -> Result<JoinedBill, DbErr> {
    let mut at = Places { row, next: 0 };
    let bill = BillHead {
        id: at.take()?,
        account_id: at.take()?,
        customer_id: at.take()?,
        property_id: at.take()?,
        provider_id: at.take()?,
        utility_type: at.take()?,
        number: at.take()?,
        version: at.take()?,
        status: at.take()?,
        status_reason: at.take()?,
        currency: at.take()?,
        amount_minor: at.take()?,
        paid_minor: at.take()?,
        min_amount_minor: at.take()?,
        max_amount_minor: at.take()?,
        issued_on: at.take()?,
        due_on: at.take()?,
        period_start: at.take()?,
        period_end: at.take()?,
        usage_value: at.take()?,
        usage_unit: at.take()?,
        source: at.take()?,
        superseded_by: at.take()?,
        marked_by: at.take()?,
        usual_minor: at.take()?,
        created_at: at.take()?,
        updated_at: at.take()?,
    };
    let lines = if with.lines { Some(at.take()?) } else { None };
    let being_paid_minor = if with.being_paid { Some(at.take()?) } else { None };
    let provider = match with.provider {
        true => Some(ProviderHead {
            id: bill.provider_id,
            code: at.take()?,
            name: at.take()?,
            utility_type: at.take()?,
            status: at.take()?,
            // A bill in another currency than its provider's is refused when it comes.
            currency: bill.currency.clone(),
        }),
        false => None,
    };
    let account = match with.account {
        true => Some(AccountHead {
            id: bill.account_id,
            label: at.take()?,
            identifier_hint: at.take()?,
            utility_type: at.take()?,
            status: at.take()?,
            customer_id: bill.customer_id,
            property_id: bill.property_id,
            provider_id: bill.provider_id,
        }),
        false => None,
    };
    let property = match with.property {
        true => {
            let (name, city): (Option<String>, Option<String>) = (at.take()?, at.take()?);
            bill.property_id.zip(name).map(|(id, name)| PropertyHead { id, name, city })
        }
        false => None,
    };
    Ok(JoinedBill { bill, lines, being_paid_minor, provider, account, property })
}

/// Bills with the columns that [`read`] takes first.
fn heads(with: BillJoins) -> Select<bill::Entity> {
    let query = bill::Entity::find().select_only().columns(BILL);
    if with.lines { query.column(bill::Column::Lines) } else { query }
}

fn sorted(query: Select<bill::Entity>, sort: BillSort) -> Select<bill::Entity> {
    let (key, order) = sort.key();
    let query = key.into_iter().fold(query, |query, key| query.order_by(key, order.clone()));
    query.order_by(bill::Column::Id, order)
}

/// The first of a customer's own bills and of those of others in each of their homes, for PostgreSQL: each of these lists is
/// read from an index in its order and ends after a page. Asked for with an `OR`, all bills of the customer and the homes
/// would be read and sorted first.
fn merged(own: SelectStatement, others: SelectStatement, customer: CustomerId, sort: BillSort, limit: u64) -> SelectStatement {
    let (own_alias, others_alias) = (Alias::new("own"), Alias::new("others"));
    let others = Query::select()
        .column((others_alias.clone(), Asterisk))
        .from(property_member::Entity)
        .join_lateral(JoinType::InnerJoin, others, others_alias, Expr::val(true))
        .and_where(property_member::Column::CustomerId.eq(customer))
        .take();
    let mut both = Query::select();
    both.column(Asterisk).from_subquery(own, own_alias).union(UnionType::All, others).limit(limit);
    if sort == BillSort::Newest {
        both.order_by(bill::Column::IssuedOn, Order::Desc);
    }
    both.order_by(bill::Column::Id, Order::Desc).take()
}

fn of_provider() -> RelationDef {
    bill::Entity::belongs_to(provider::Entity).from(bill::Column::ProviderId).to(provider::Column::Id).into()
}

fn of_account() -> RelationDef {
    bill::Entity::belongs_to(utility_account::Entity).from(bill::Column::AccountId).to(utility_account::Column::Id).into()
}

fn of_property() -> RelationDef {
    bill::Entity::belongs_to(property::Entity).from(bill::Column::PropertyId).to(property::Column::Id).into()
}
