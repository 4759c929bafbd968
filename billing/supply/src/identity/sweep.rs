//! What identity leaves behind is swept up after a while.

use billow_entities::{one_time_link, session, sign_in_guard};
use billow_kernel::error::Result;
use chrono::Duration;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::Identity;
use super::guard;
use super::second_factor::challenges_over;

/// How long a sign-in that is over is kept to be looked at.
const KEPT: Duration = Duration::days(30);

impl Identity {
    /// Removes counts of attempts that no longer count, and sign-ins and mailed links that are long over; answers how many rows went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep_identity(&self) -> Result<u64> {
        let now = self.clock.now();
        let tx = self.store.write_tx().await?;
        let guards = sign_in_guard::Entity::delete_many()
            .filter(sign_in_guard::Column::WindowStartedAt.lt(now - guard::LONGEST_WINDOW))
            .exec(&*tx)
            .await?;
        let sessions = session::Entity::delete_many()
            .filter(Condition::any().add(session::Column::ExpiresAt.lt(now - KEPT)).add(session::Column::RevokedAt.lt(now - KEPT)))
            .exec(&*tx)
            .await?;
        let links = one_time_link::Entity::delete_many().filter(one_time_link::Column::ExpiresAt.lt(now - KEPT)).exec(&*tx).await?;
        let challenges = challenges_over(now).exec(&*tx).await?;
        tx.commit().await?;
        Ok(guards.rows_affected + sessions.rows_affected + links.rows_affected + challenges.rows_affected)
    }
}
