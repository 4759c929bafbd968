//! Invoices and receipts that could not be made: staff find them in one list and have them made again.

use billow_entities::Role;
use billow_tests::{Client, TestApp, both, text};
use chrono::Duration;
use serde_json::{Value, json};

const FAILED: &str = "query($first: Int, $after: String) { failedDocuments(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } \
     nodes { id kind number status statusReason tries canRetry payment { id customer { name } } } } }";
const RETRY: &str = "mutation($input: RetryDocumentInput!) { retryDocument(input: $input) { document { id status canRetry } userErrors { code message path } } }";

/// What stands where the folder of documents is to be.
struct InTheWay(std::path::PathBuf);

impl InTheWay {
    /// Nothing can be kept from now on.
    fn of(app: &TestApp) -> Self {
        let folder = app.db.dir.path().join("documents");
        std::fs::create_dir_all(&folder).expect("a folder");
        let place = folder.join("documents");
        std::fs::write(&place, "no folder").expect("a file");
        Self(place)
    }

    fn away(self) {
        std::fs::remove_file(self.0).expect("gone");
    }
}

/// Lets so much time pass that documents are given up.
async fn give_up(app: &TestApp) {
    for _ in 0..8 {
        app.settle().await;
        app.pass(Duration::hours(1));
    }
    app.settle().await;
}

async fn failed(staff: &Client) -> Vec<Value> {
    let data = staff.run(FAILED, json!({})).await["failedDocuments"].take();
    let nodes = data["nodes"].as_array().expect("documents").clone();
    assert_eq!(data["totalCount"], json!(nodes.len()));
    nodes
}

both! {
    async fn documents_that_could_not_be_made_are_found_and_made_again(engine) {
        let app = TestApp::start(engine).await;
        app.cards().await;
        let (anna, bill) = app.customer_with_bill("Anna", "VT10000001", 4_000).await;
        let card = anna.save_card().await;
        let operator = app.staff(Role::Operator).await;
        let obstacle = InTheWay::of(&app);
        let payment = text(&anna.pay(&[&bill], "documents-01", json!({"paymentMethodId": card})).await["id"]);
        app.settle().await;
        assert_eq!(failed(&operator).await, [] as [Value; 0], "they are still tried");
        give_up(&app).await;
        let listed = failed(&operator).await;
        let kinds: Vec<_> = listed.iter().map(|d| (text(&d["kind"]), text(&d["status"]))).collect();
        assert_eq!(kinds, [("RECEIPT".into(), "FAILED".into()), ("INVOICE".into(), "FAILED".into())], "the newest first");
        for document in &listed {
            assert!(document["statusReason"].as_str().is_some_and(|reason| !reason.is_empty()), "{document}");
            assert_eq!((&document["tries"], &document["canRetry"]), (&json!(8), &json!(true)));
            assert_eq!(document["payment"], json!({"id": payment, "customer": {"name": "Anna"}}));
        }
        // Page by page.
        let page = operator.run(FAILED, json!({"first": 1})).await["failedDocuments"].take();
        assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
        let rest = operator.run(FAILED, json!({"first": 1, "after": page["pageInfo"]["endCursor"]})).await["failedDocuments"].take();
        assert_eq!((&rest["nodes"][0]["id"], &rest["pageInfo"]["hasNextPage"]), (&listed[1]["id"], &json!(false)));
        assert_eq!(operator.fault(FAILED, json!({"first": 0})).await, "BAD_USER_INPUT");

        // The customer learns that it is missing, and nothing of why.
        let own = "query($id: ID!) { payment(id: $id) { documents { id status number statusReason tries canRetry payment { id } } } }";
        let hers = anna.run(own, json!({"id": payment})).await;
        let seen = hers["payment"]["documents"][1].clone();
        assert_eq!((&seen["status"], &seen["statusReason"], &seen["tries"]), (&json!("FAILED"), &Value::Null, &Value::Null));
        assert_eq!((&seen["canRetry"], &seen["payment"]), (&json!(false), &Value::Null));
        let retry = |id: &Value| json!({"input": {"documentId": id}});
        assert_eq!(anna.fault(FAILED, json!({})).await, "FORBIDDEN");
        assert_eq!(anna.refused(RETRY, retry(&listed[0]["id"])).await, [": FORBIDDEN"]);
        assert_eq!(app.anonymous().fault(FAILED, json!({})).await, "UNAUTHENTICATED");

        // In vain at first: the cause is still there.
        let again = operator.must(RETRY, retry(&listed[0]["id"])).await;
        assert_eq!((&again["document"]["status"], &again["document"]["canRetry"]), (&json!("QUEUED"), &json!(false)));
        assert_eq!(failed(&operator).await.len(), 1);
        give_up(&app).await;
        assert_eq!(failed(&operator).await.len(), 2);
        obstacle.away();
        for document in &listed {
            operator.must(RETRY, retry(&document["id"])).await;
            operator.must(RETRY, retry(&document["id"])).await;
        }
        app.settle().await;
        assert_eq!(failed(&operator).await, [] as [Value; 0]);
        let made = anna.run(own, json!({"id": payment})).await;
        for (at, document) in made["payment"]["documents"].as_array().expect("documents").iter().enumerate() {
            assert_eq!(document["status"], "READY");
            assert_eq!(document["number"], listed[1 - at]["number"], "it keeps its number");
        }
        assert_eq!(operator.refused(RETRY, retry(&listed[0]["id"])).await, ["documentId: ILLEGAL_STATE"]);
        assert_eq!(operator.refused(RETRY, retry(&json!("doc_7zzzzzzzzzzzzzzzzzzzzzzzzz"))).await, [": NOT_FOUND"]);
        let admin = app.staff(Role::Admin).await;
        let audit = admin.run("query($id: ID!) { auditEntries(subject: $id) { nodes { action actorName customerId } } }", json!({"id": listed[0]["id"]})).await;
        let entries = audit["auditEntries"]["nodes"].as_array().expect("entries");
        assert_eq!(entries.len(), 2, "what changed nothing is not written down: {audit}");
        assert!(entries.iter().all(|e| e["action"] == "document.retry" && e["actorName"] == "operator@example.com"), "{audit}");
    }
}
