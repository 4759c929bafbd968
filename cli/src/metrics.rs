//! All metrics by name: what kind, and what they count. `/metrics` names also those that have no value yet, so that an
//! alert on one can be told from a name that does not exist. A test compares this list with the code and with
//! `docs/operations.md`.

use std::fmt::Write as _;

use metrics_exporter_prometheus::PrometheusHandle;

/// What a metric is to Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in seconds.
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

/// Name, kind and meaning.
pub const ALL: &[(&str, Kind, &str)] = &[
    ("billow_answers_too_large_total", Counter, "Answers that were refused because they were too large."),
    ("billow_bills_changed_total", Counter, "Bills that a provider corrected."),
    ("billow_bills_held_total", Counter, "Bills that were held back because they look unusual."),
    ("billow_bills_new_total", Counter, "Bills that were fetched for the first time."),
    ("billow_budget_refusals_total", Counter, "Operations refused because their caller had spent its budget."),
    ("billow_budgets_used_up_total", Counter, "Attempts refused because a budget per caller or per address was used up."),
    ("billow_build_info", Gauge, "1, with the version as a label."),
    ("billow_circuit_changes_total", Counter, "Changes of a provider's circuit, by provider and new state."),
    ("billow_connections", Gauge, "Open connections, WebSockets included."),
    ("billow_connections_refused_total", Counter, "Connections closed at once because there were too many."),
    ("billow_consumer_lag_events", Gauge, "Events a consumer of the event log has not processed, by consumer."),
    ("billow_database_connections_discarded_total", Counter, "Connections closed because their transaction had ended unexpectedly."),
    ("billow_dead_letters_total", Counter, "Events that were set aside after repeated failures, by consumer."),
    ("billow_deliveries_total", Counter, "Messages handed over, by channel and outcome."),
    (
        "billow_documents_total",
        Counter,
        "Tries to make an invoice or receipt, by kind and outcome: `ready`, `again` (tried again later) or `failed` (given up).",
    ),
    ("billow_due_work", Gauge, "How much is due, by work; what is being done is counted."),
    ("billow_failed_documents", Gauge, "Invoices and receipts that could not be made, or not be made anew."),
    ("billow_faults_total", Counter, "Requests that failed for a reason of ours."),
    ("billow_fetch_leases_expired", Gauge, "Accounts whose fetch was interrupted, at the last sweep."),
    ("billow_fetch_seconds", Histogram, "Time to fetch one account, by provider."),
    ("billow_fetch_stale_total", Counter, "Fetches whose result came after their lease had ended; it was not stored."),
    ("billow_fetch_total", Counter, "Fetches, by provider and outcome."),
    ("billow_gateway_circuit_changes_total", Counter, "Changes of a gateway's circuit, by gateway and new state."),
    ("billow_gateway_notices_total", Counter, "Gateway events processed, by outcome."),
    ("billow_gateway_webhooks_total", Counter, "Gateway events received, by gateway and outcome."),
    ("billow_graphql_operation_seconds", Histogram, "Time to run a query or mutation, by name and type."),
    ("billow_graphql_operations_total", Counter, "GraphQL operations."),
    ("billow_http_request_seconds", Histogram, "Time to answer an HTTP request, by route."),
    ("billow_http_requests_total", Counter, "HTTP requests answered, by route and status."),
    ("billow_job_errors_total", Counter, "Jobs that failed or took longer than they may, by job; each is tried again."),
    ("billow_job_seconds", Histogram, "Time a job took, by job."),
    ("billow_jq_threads_lost_total", Counter, "Mapping programs that had to be abandoned."),
    ("billow_live_subscribers", Gauge, "Live subscriptions of this process."),
    ("billow_notifications_total", Counter, "Notifications made, by kind."),
    ("billow_oldest_due_seconds", Gauge, "How long the longest waiting work has been due, by work; 0 if none is."),
    ("billow_open_circuits", Gauge, "Providers or gateways whose circuit is not closed, by kind."),
    ("billow_open_dead_letters", Gauge, "Events set aside that nobody has dealt with."),
    ("billow_open_discrepancies", Gauge, "Differences between the ledger and a gateway that are not resolved."),
    ("billow_outbound_http_seconds", Histogram, "Time of an outbound HTTP call, by outcome."),
    ("billow_outbound_http_total", Counter, "Outbound HTTP calls, by outcome."),
    ("billow_panics_total", Counter, "Panics that were caught, by edge. Each is a defect."),
    ("billow_payment_methods_total", Counter, "Payment methods set up, by kind and status."),
    ("billow_payment_reports_total", Counter, "Reports about payments that changed something, by status."),
    ("billow_pushed_bills_total", Counter, "Bills posted by providers, by provider."),
    ("billow_relay_lag_events", Gauge, "Committed events that have not reached the subscribers of this process."),
    ("billow_sign_ins_total", Counter, "Sign-ins, by outcome."),
    ("billow_slow_connections_total", Counter, "Connections closed because the client was too slow."),
    ("billow_slow_sockets_total", Counter, "Sockets closed because their reader was too slow."),
    ("billow_socket_closes_total", Counter, "Sockets closed by us, by code."),
    ("billow_sockets", Gauge, "Open WebSockets of this process."),
    ("billow_sockets_refused_total", Counter, "WebSockets refused because there were too many."),
    ("billow_storage_faults_total", Counter, "Checks of the storage that failed."),
    ("billow_unsettled_payments", Gauge, "Payments whose outcome is not known yet."),
    ("billow_unsettled_payments_oldest_seconds", Gauge, "How long ago the oldest of them was made; 0 if there is none."),
    ("process_max_fds", Gauge, "Most files the process may open."),
    ("process_open_fds", Gauge, "Files the process has open, connections included."),
    ("process_resident_memory_bytes", Gauge, "Resident memory."),
    ("process_threads", Gauge, "Threads."),
];

/// Gives every metric its help text.
pub fn describe() {
    for (name, kind, help) in ALL {
        match kind {
            Counter => metrics::describe_counter!(*name, *help),
            Gauge => metrics::describe_gauge!(*name, *help),
            Histogram => metrics::describe_histogram!(*name, *help),
        }
    }
}

/// What `/metrics` answers.
#[must_use]
pub fn render(handle: &PrometheusHandle) -> String {
    let mut text = handle.render();
    for (name, kind, help) in ALL {
        let named = format!("# TYPE {name} ");
        if !text.contains(&named) {
            let kind = match kind {
                Counter => "counter",
                Gauge => "gauge",
                Histogram => "histogram",
            };
            // Writing to a text does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n{named}{kind}\n");
        }
    }
    text
}
