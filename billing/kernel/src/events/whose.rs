//! Whose events somebody may follow.

use super::{Events, FollowScope};
use crate::error::Result;
use crate::{Actor, Scope};

impl Events {
    /// Whose events `actor` may follow: customers their own and their homes', staff everybody's, and programs everybody's
    /// if they have `scope`.
    ///
    /// # Errors
    /// When nobody, or a program without the scope, asks.
    pub fn follow_scope(&self, actor: &Actor, scope: Scope) -> Result<FollowScope> {
        if actor.is_staff() || actor.has_scope(scope) { Ok(FollowScope::All) } else { actor.customer().map(FollowScope::Customer) }
    }

    /// Everybody's events as they are in the log, for staff and programs with `events:read`.
    ///
    /// # Errors
    /// When somebody else asks.
    pub fn follow_everything(&self, actor: &Actor) -> Result<FollowScope> {
        if actor.has_scope(Scope::EventsRead) {
            return Ok(FollowScope::All);
        }
        actor.staff().map(|()| FollowScope::All)
    }
}
