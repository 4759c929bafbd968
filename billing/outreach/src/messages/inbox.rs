//! The inbox in the app: everything that was told, whichever channel it also went over.

use billow_entities::{CustomerId, DeliveryId, NotificationId, UserId, delivery, notification};
use billow_kernel::error::Result;
use billow_kernel::page::{Page, PageRequest, cursor};
use billow_kernel::{Actor, Error};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Messages;

/// Messages that may be marked at once by id.
const MAX_MARKED: usize = 100;

/// Which messages become read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// These; others' are left alone.
    These(Vec<NotificationId>),
    /// All.
    All,
}

impl Messages {
    /// One's own messages, newest first.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    #[tracing::instrument(name = "messages.notifications", skip_all)]
    pub async fn notifications(&self, actor: &Actor, unread_only: bool, page: PageRequest) -> Result<Page<notification::Model>> {
        let limit = page.limit()?;
        let mut query = notification::Entity::find().filter(mine(actor)?).order_by_desc(notification::Column::Id).limit(limit + 1);
        if unread_only {
            query = query.filter(notification::Column::ReadAt.is_null());
        }
        if let Some(id) = page.after_id::<NotificationId>()? {
            query = query.filter(notification::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// What a customer was told, newest first, for staff.
    ///
    /// # Errors
    /// For everybody else.
    pub async fn notifications_of(&self, actor: &Actor, customer: CustomerId, page: PageRequest) -> Result<Page<notification::Model>> {
        actor.staff()?;
        let limit = page.limit()?;
        let mut query = notification::Entity::find()
            .filter(notification::Column::CustomerId.eq(customer))
            .order_by_desc(notification::Column::Id)
            .limit(limit + 1);
        if let Some(id) = page.after_id::<NotificationId>()? {
            query = query.filter(notification::Column::Id.lt(id));
        }
        let rows = query.all(self.store.read()).await?;
        Ok(Page::of(rows, limit, &page, |row| cursor(&[&row.id.to_string()])))
    }

    /// One of one's own messages.
    ///
    /// # Errors
    /// `NotFound` when there is none, or it is somebody else's.
    pub async fn notification(&self, actor: &Actor, id: NotificationId) -> Result<notification::Model> {
        let found = notification::Entity::find_by_id(id).filter(mine(actor)?).one(self.store.primary()).await?;
        found.ok_or(Error::NotFound("notification"))
    }

    /// How many of one's own messages are unread.
    ///
    /// # Errors
    /// When nobody, or a program, asks.
    #[tracing::instrument(name = "messages.unread_count", skip_all)]
    pub async fn unread_count(&self, actor: &Actor) -> Result<u64> {
        let unread = notification::Entity::find().filter(mine(actor)?).filter(notification::Column::ReadAt.is_null());
        Ok(unread.count(self.store.read()).await?)
    }

    /// Marks messages as read; answers how many were unread.
    ///
    /// # Errors
    /// `Invalid` when there are more than a hundred ids.
    #[tracing::instrument(name = "messages.mark_read", skip_all)]
    pub async fn mark_read(&self, actor: &Actor, marked: Marked) -> Result<u64> {
        let mut update = notification::Entity::update_many()
            .col_expr(notification::Column::ReadAt, Expr::value(self.clock.now()))
            .filter(mine(actor)?)
            .filter(notification::Column::ReadAt.is_null());
        if let Marked::These(ids) = marked {
            if ids.len() > MAX_MARKED {
                return Err(Error::invalid("TOO_MANY", "ids", format!("At most {MAX_MARKED} messages at once, please.")));
            }
            update = update.filter(notification::Column::Id.is_in(ids));
        }
        let tx = self.store.write_tx().await?;
        let done = update.exec(&*tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected)
    }
}

/// What is addressed to the customer somebody acts for, or to them as staff.
fn mine(actor: &Actor) -> Result<Condition> {
    let user: UserId = actor.user()?;
    let mine = Condition::any().add(notification::Column::UserId.eq(user));
    Ok(match actor {
        Actor::User { customer_id: Some(customer), .. } => {
            mine.add(Condition::all().add(notification::Column::CustomerId.eq(*customer)).add(notification::Column::UserId.is_null()))
        }
        _ => mine,
    })
}

/// Deliveries of one message: channels times devices.
const MAX_DELIVERIES: u64 = 100;

/// How messages went out.
impl Messages {
    /// How a message went out, for staff.
    ///
    /// # Errors
    /// When somebody else asks.
    pub async fn deliveries_of(&self, actor: &Actor, id: NotificationId) -> Result<Vec<delivery::Model>> {
        actor.staff()?;
        let of_message = delivery::Entity::find().filter(delivery::Column::NotificationId.eq(id)).order_by_asc(delivery::Column::Id);
        Ok(of_message.limit(MAX_DELIVERIES).all(self.store.read()).await?)
    }

    /// One delivery, for staff.
    ///
    /// # Errors
    /// When somebody else asks, or there is none.
    pub async fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<delivery::Model> {
        actor.staff()?;
        delivery::Entity::find_by_id(id).one(self.store.read()).await?.ok_or(Error::NotFound("delivery"))
    }
}
