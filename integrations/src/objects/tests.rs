use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use billow_billing::ports::ObjectStore;
use bytes::Bytes;

use super::*;
use crate::http::{GuardPolicy, GuardedHttp};
use crate::test_server::{Answer, Server};

const KEY: &str = "documents/2026/doc_1/0a1b.pdf";

/// What both must do alike.
async fn keeps_what_it_is_given(store: &dyn ObjectStore) {
    assert_eq!(store.get(KEY).await.expect("asked"), None, "nothing is there yet");
    for _ in 0..2 {
        store.put(KEY, Bytes::from_static(b"%PDF-1.7"), "application/pdf").await.expect("kept");
        assert_eq!(store.get(KEY).await.expect("asked").as_deref(), Some(&b"%PDF-1.7"[..]));
    }
    assert_eq!(store.get("documents/2026/doc_1/other.pdf").await.expect("asked"), None);
    for key in
        ["", "/etc/passwd", "../a", "documents/../../a", "documents//a", "documents/.a", "a\\b", "a\0b", "a b", "ä", &"a".repeat(600)]
    {
        assert!(store.put(key, Bytes::new(), "text/plain").await.is_err(), "{key}");
        assert!(store.get(key).await.is_err(), "{key}");
    }
}

#[tokio::test]
async fn a_folder_keeps_what_it_is_given() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = FolderObjects::new(folder.path().join("new")).expect("a store");
    keeps_what_it_is_given(&store).await;
    let there: Vec<_> = std::fs::read_dir(folder.path().join("new/documents/2026/doc_1")).expect("a folder").flatten().collect();
    assert_eq!(there.len(), 1, "nothing half-written is left over");
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = FolderObjects::new(folder.path()).expect("a store");
    // Where the file should go there is a folder.
    std::fs::create_dir_all(folder.path().join(KEY)).expect("a folder");
    assert!(store.put(KEY, Bytes::from_static(b"x"), "application/pdf").await.is_err());
    let there: Vec<_> = std::fs::read_dir(folder.path().join("documents/2026/doc_1")).expect("a folder").flatten().collect();
    assert_eq!(there.len(), 1);
    assert!(FolderObjects::new("/dev/null/nowhere").is_err());
}

fn settings(server: &Server) -> S3Settings {
    S3Settings {
        bucket: "papers".into(),
        region: "eu-central-1".into(),
        endpoint: Some(server.url("")),
        access_key: Some("AKIDEXAMPLE".to_owned().into()),
        secret_key: Some("hush".to_owned().into()),
    }
}

fn bucket(server: &Server) -> S3Objects {
    let policy = GuardPolicy { allowed_hosts: vec![server.address.to_string()], ..GuardPolicy::default() };
    S3Objects::new(GuardedHttp::new(policy).expect("a client"), &settings(server)).expect("a store")
}

#[tokio::test]
async fn a_bucket_keeps_what_it_is_given() {
    let objects: Arc<Mutex<HashMap<String, Vec<u8>>>> = Arc::default();
    let server = Server::start(move |seen, _| {
        let mut objects = objects.lock().expect("the objects");
        match (seen.method.as_str(), objects.get(&seen.target)) {
            ("PUT", _) => {
                objects.insert(seen.target.clone(), seen.body.clone());
                Answer::Whole(200, vec![("etag", "\"1\"".into())], Vec::new())
            }
            ("GET", Some(bytes)) => {
                let headers = vec![("etag", "\"1\"".into()), ("last-modified", "Sat, 21 Nov 2026 09:00:00 GMT".into())];
                Answer::Whole(200, headers, bytes.clone())
            }
            _ => Answer::Whole(404, vec![], b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
        }
    })
    .await;
    keeps_what_it_is_given(&bucket(&server)).await;
    let seen = server.seen();
    let put = seen.iter().find(|s| s.method == "PUT").expect("a put");
    assert_eq!(put.target, format!("/papers/{KEY}"));
    assert_eq!(put.header("content-type"), Some("application/pdf"));
    let signed = put.header("authorization").expect("a signature");
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") && signed.contains("/eu-central-1/s3/aws4_request"), "{signed}");
    assert!(!format!("{seen:?}").contains("hush"), "the secret stays here");
}

#[tokio::test]
async fn a_bucket_that_refuses_or_fails_says_so() {
    let refusing = Server::always(Answer::Whole(403, vec![], b"<Error><Code>AccessDenied</Code></Error>".to_vec())).await;
    let problem = bucket(&refusing).put(KEY, Bytes::from_static(b"x"), "application/pdf").await.expect_err("must fail");
    assert!(problem.contains("AccessDenied") || problem.contains("403"), "{problem}");
    assert!(bucket(&refusing).get(KEY).await.is_err(), "a refusal is not an absence");
    assert_eq!(refusing.seen().len(), 2, "a refusal is not asked again");

    // It fails once, as services do, and is asked again at once.
    let shaky = Server::start(|_, before| {
        if before == 0 { Answer::Whole(503, vec![], vec![]) } else { Answer::Whole(200, vec![("etag", "\"1\"".into())], vec![]) }
    })
    .await;
    bucket(&shaky).put(KEY, Bytes::from_static(b"x"), "application/pdf").await.expect("kept");
    assert_eq!(shaky.seen().len(), 2);
}

#[tokio::test]
async fn a_bucket_on_a_private_address_is_refused_unless_it_is_allowed() {
    let server = Server::always(Answer::Whole(200, vec![], vec![])).await;
    let http = GuardedHttp::new(GuardPolicy::default()).expect("a client");
    let store = S3Objects::new(http, &settings(&server)).expect("a store");
    assert!(store.put(KEY, Bytes::from_static(b"x"), "application/pdf").await.is_err());
    assert!(server.seen().is_empty(), "nobody was called");
}
