//! axum and GraphQL over the business.
