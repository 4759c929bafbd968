//! The schema, put together from its parts.

use std::sync::Arc;

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder, ValidationMode};
use billow_billing::Billing;

use crate::auth::Identities;
use crate::charge::Charging;
use crate::config::ApiConfig;
use crate::follow::BillBatch;
use crate::loaders::Loaders;
use crate::node::Node;
use crate::roots::{Mutation, Query, Subscription};

/// The schema with what its resolvers need.
pub(crate) type BillowSchema = Schema<Query, Mutation, Subscription>;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default()).register_output_type::<Node>()
}

/// The schema, ready to run. [`ValidationMode::Fast`] is for what was found valid before, whose cost is known: only the
/// other one has an extension, which makes each field dearer.
pub(crate) fn executable(billing: Billing, config: Arc<ApiConfig>, identities: Arc<Identities>, mode: ValidationMode) -> BillowSchema {
    let builder = match mode {
        ValidationMode::Strict => builder().extension(Charging),
        ValidationMode::Fast => builder(),
    };
    builder
        .validation_mode(mode)
        .limit_recursive_depth(config.limits.nesting)
        .data(Arc::new(billing.clone()))
        .data(Loaders::new(billing.clone()))
        .data(Arc::new(BillBatch::new(billing.clone())))
        .data(billing)
        .data(config)
        .data(identities)
        .finish()
}

/// The schema in its own language, as it is kept in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let text = builder().finish().sdl_with_options(SDLExportOptions::new().prefer_single_line_descriptions().include_specified_by());
    let mut out: String = text.lines().map(|line| line.trim_end().replace('\t', "  ")).collect::<Vec<_>>().join("\n");
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
