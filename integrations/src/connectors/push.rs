//! The `PUSH` connector: the provider posts its bills to us.

use std::sync::Arc;

use async_trait::async_trait;
use billow_billing::bills::MAX_PUSHED;
use billow_billing::ports::{Connector, DefinitionProblem, FetchOutcome, FetchReply, FetchRequest};
use billow_billing::providers::ProviderDefinition;
use bytes::Bytes;

use super::answers::{Format, Reading};
use super::first_problem;
use super::jq::{Jq, JqFault};
use super::mapping::read_bills;
use super::secrets::holds_placeholder;
use super::settings::{Fields, Problems, SETTINGS};

/// What a provider that speaks our own form posts.
const OWN_FORM: &str = ".bills";

/// Reads bills that providers post.
pub struct PushConnector {
    jq: Arc<Jq>,
}

impl PushConnector {
    /// A connector with threads of its own for programs; [`crate::connectors::Connectors`] shares them between the kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::sharing(Jq::new())
    }

    pub(super) fn sharing(jq: Arc<Jq>) -> Self {
        Self { jq }
    }

    /// The program that maps what is posted to a list of bills.
    fn map(definition: &ProviderDefinition) -> Result<String, Vec<DefinitionProblem>> {
        let problems = Problems::default();
        if definition.connector.settings.is_null() {
            return Ok(OWN_FORM.into());
        }
        let fields = Fields::settings(definition, &problems);
        let map = fields.optional_text("map").unwrap_or_else(|| OWN_FORM.into());
        fields.finish();
        problems.result(map)
    }

    async fn read(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> Result<FetchReply, FetchOutcome> {
        let broken = |message: String| FetchOutcome::Broken { message };
        let map = Self::map(definition).map_err(|problems| broken(first_problem(&problems)))?;
        let form = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if form != "application/json" && !form.ends_with("+json") {
            return Err(broken(format!("bills are posted as application/json, not as '{form}'")));
        }
        let most = definition.limits.max_bytes as usize;
        if body.len() > most {
            return Err(broken(format!("{} bytes were posted; at most {most} are taken at once", body.len())));
        }
        let reading = Reading { content_type: Some(content_type.to_owned()), ..Reading::default() };
        let posted = Format::Json.parse(&body, &reading).map_err(|problem| broken(format!("what was posted {problem}")))?;
        if holds_placeholder(&posted) {
            return Err(broken("what was posted holds a {{credential:…}}".into()));
        }
        let mapped = self.jq.run(&map, Arc::new(posted)).await.map_err(|fault| match fault {
            JqFault::Program(problem) => broken(format!("map: {problem}")),
            JqFault::Busy => FetchOutcome::Retryable { message: fault.to_string(), retry_after_ms: None },
        })?;
        let mapped = mapped.ok_or_else(|| broken("map: the program yields nothing".into()))?;
        if map == OWN_FORM && mapped.is_null() {
            return Err(broken("bills: is missing".into()));
        }
        let read = read_bills(&mapped, "bills", MAX_PUSHED).map_err(broken)?;
        let outcome = if read.is_empty() { FetchOutcome::NoneDue } else { FetchOutcome::Bills(read.bills) };
        Ok(FetchReply { refused: read.refused, ..FetchReply::of(outcome) })
    }
}

impl Default for PushConnector {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Connector for PushConnector {
    fn check(&self, definition: &ProviderDefinition) -> Result<(), Vec<DefinitionProblem>> {
        let map = Self::map(definition)?;
        let problems = Problems::default();
        if let Err(problem) = self.jq.check(&map) {
            problems.add(format!("{SETTINGS}.map"), problem);
        }
        problems.result(())
    }

    /// Nobody is asked: the provider tells us by itself.
    async fn fetch(&self, _: FetchRequest) -> FetchReply {
        FetchReply::of(FetchOutcome::NoneDue)
    }

    async fn read_pushed(&self, definition: &ProviderDefinition, content_type: &str, body: Bytes) -> FetchReply {
        self.read(definition, content_type, body).await.unwrap_or_else(FetchReply::of)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::connectors::testing::{definition, lines, request};

    async fn read(settings: Value, content_type: &str, body: &str) -> FetchOutcome {
        let body = Bytes::from(body.to_owned());
        PushConnector::new().read_pushed(&definition("PUSH", settings), content_type, body).await.outcome
    }

    #[tokio::test]
    async fn our_own_form_needs_no_mapping() {
        let body = json!({"bills": [{"account": "A1", "number": "1", "amount": "12.30"}]}).to_string();
        for settings in [Value::Null, json!({})] {
            let outcome = read(settings, "application/json; charset=utf-8", &body).await;
            assert!(matches!(&outcome, FetchOutcome::Bills(bills) if bills[0].account.as_deref() == Some("A1")), "{outcome:?}");
        }
        assert_eq!(read(Value::Null, "application/json", "{\"bills\": []}").await, FetchOutcome::NoneDue);
    }

    #[tokio::test]
    async fn another_form_is_mapped() {
        let map = "[.invoices[] | {account: .customer, number: .id, amount: {minor: .cents}}]";
        let body = json!({"invoices": [{"customer": 77, "id": "x", "cents": 990}]}).to_string();
        let outcome = read(json!({"map": map}), "application/vnd.voltara+json", &body).await;
        assert!(matches!(&outcome, FetchOutcome::Bills(bills) if bills[0].account.as_deref() == Some("77")), "{outcome:?}");
    }

    #[tokio::test]
    async fn what_cannot_be_read_says_why() {
        for (settings, content_type, body, words) in [
            (Value::Null, "text/csv", "a", "bills are posted as application/json, not as 'text/csv'"),
            (Value::Null, "application/json", "{", "what was posted is cut off: EOF while parsing an object at line 1 column 1"),
            (Value::Null, "application/json", "{}", "bills: is missing"),
            (Value::Null, "application/json", "{\"bills\": [\"{{credential:x}}\"]}", "what was posted holds a {{credential:…}}"),
            (json!({"map": ".a.b"}), "application/json", "[]", "map: cannot index an array of 0 elements with \"a\""),
            (json!({"map": "empty"}), "application/json", "[]", "map: the program yields nothing"),
        ] {
            assert_eq!(read(settings, content_type, body).await, FetchOutcome::Broken { message: words.into() });
        }
    }

    #[tokio::test]
    async fn one_bill_that_cannot_be_read_harms_no_other() {
        let body = "\u{feff}{\"bills\": [{\"account\": \"A1\", \"number\": \"C-1\", \"amount\": \"10.00\"}, \
            {\"account\": \"A1\", \"number\": \"C-2\", \"amount\": \"11.00\", \"due_on\": \"31/12/2026\"}, {\"account\": \"A1\"}]}";
        let body = Bytes::from(body.to_owned());
        let reply = PushConnector::new().read_pushed(&definition("PUSH", Value::Null), "application/json", body).await;
        assert!(matches!(&reply.outcome, FetchOutcome::Bills(bills) if bills.len() == 1), "{reply:?}");
        let refused: Vec<_> = reply.refused.iter().map(|r| (r.at, r.number.as_deref(), r.problem.as_str())).collect();
        assert_eq!(
            refused,
            [
                (1, Some("C-2"), "bills[1].due_on: '31/12/2026' is not a date of the form YYYY-MM-DD"),
                (2, None, "bills[2].number: is missing"),
            ]
        );
    }

    #[tokio::test]
    async fn nobody_is_asked() {
        assert_eq!(PushConnector::new().fetch(request(definition("PUSH", Value::Null))).await.outcome, FetchOutcome::NoneDue);
    }

    #[test]
    fn definitions_are_checked() {
        let check = |settings: Value| lines(PushConnector::new().check(&definition("PUSH", settings)));
        assert_eq!(check(Value::Null), Vec::<String>::new());
        assert_eq!(check(json!({"map": ".x", "y": 1})), ["connector.settings.y: is not a setting here; there are map"]);
        assert!(check(json!({"map": ".["}))[0].starts_with("connector.settings.map: "));
    }
}
