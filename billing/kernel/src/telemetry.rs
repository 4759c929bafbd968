//! What ties a change to the request that caused it.

tokio::task_local! {
    /// The id of the request or job being worked on.
    static TRACE_ID: String;
}

/// The id of the request or job being worked on, if any.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    TRACE_ID.try_with(Clone::clone).ok()
}

/// Runs `work` under a request's or job's id, which its events and audit entries then carry.
pub async fn with_trace_id<T>(id: String, work: impl Future<Output = T>) -> T {
    TRACE_ID.scope(id, work).await
}
