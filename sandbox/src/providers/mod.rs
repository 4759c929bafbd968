//! The pretend utility companies' own interfaces, each with its own shape, words and manners.

mod answer;
mod aquaria;
mod bench;
mod chirp;
mod gasline;
mod greenwatt;
mod mishap;
mod ringo;
mod voltara;

use axum::Router;

pub(crate) use answer::Answer;
pub(crate) use gasline::escape;
pub(crate) use mishap::{MAINTENANCE_PAGE, spoil};
pub(crate) use ringo::RingoDesk;

use crate::server::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .nest("/voltara/v1", voltara::routes())
        .nest("/ringo/api", ringo::routes())
        .nest("/gasline/ws", gasline::routes())
        .nest("/aquaria", aquaria::routes())
        .nest("/chirp/prepaid", chirp::routes())
        .nest("/greenwatt/espi/1_1/resource", greenwatt::routes())
        .nest("/bench", bench::routes())
}
