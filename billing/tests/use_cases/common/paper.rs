//! A typesetter and a store of documents in memory, which fail as they are told to and remember what they were given.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use billow_billing::ports::{DocumentPaper, DocumentRenderer, ObjectStore};
use bytes::Bytes;
use futures::future::BoxFuture;
use parking_lot::Mutex;

/// What happens while a paper is laid out.
type Meanwhile = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// Both in one.
#[derive(Default)]
pub struct FakePaper {
    /// What was to be laid out.
    pub papers: Mutex<Vec<DocumentPaper>>,
    /// Why laying out fails, in turn; it works when there is nothing more.
    pub faults: Mutex<VecDeque<String>>,
    /// Done once in the middle of the next laying out.
    pub meanwhile: Mutex<Option<Meanwhile>>,
    /// What is kept.
    pub objects: Mutex<BTreeMap<String, Bytes>>,
}

#[async_trait]
impl DocumentRenderer for FakePaper {
    async fn render(&self, paper: DocumentPaper) -> Result<Vec<u8>, String> {
        self.papers.lock().push(paper.clone());
        let meanwhile = self.meanwhile.lock().take();
        if let Some(meanwhile) = meanwhile {
            meanwhile().await;
        }
        match self.faults.lock().pop_front() {
            Some(fault) => Err(fault),
            None => Ok(format!("{paper:?}").into_bytes()),
        }
    }
}

#[async_trait]
impl ObjectStore for FakePaper {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), String> {
        assert_eq!(content_type, "application/pdf");
        self.objects.lock().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, String> {
        Ok(self.objects.lock().get(key).cloned())
    }
}
