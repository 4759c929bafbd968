//! apalis workers and schedules: a name, ids and one call into billing.
