//! Objects in a bucket of anything that speaks S3.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use billow_billing::ports::ObjectStore;
use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{Attribute, Attributes, Error, GetOptions, ObjectStore as _, PutOptions, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};

use super::check;
use super::guarded::Guarded;
use crate::http::GuardedHttp;

/// How to reach a bucket.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// The service's address, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The access key.
    pub access_key: Option<SecretString>,
    /// Its secret.
    pub secret_key: Option<SecretString>,
}

/// Keeps objects in a bucket.
#[derive(Clone, Debug)]
pub struct S3Objects {
    bucket: Arc<AmazonS3>,
}

impl S3Objects {
    /// Objects in the bucket that `settings` name. Nobody is called yet.
    ///
    /// # Errors
    /// In words for an operator.
    pub fn new(http: GuardedHttp, settings: &S3Settings) -> Result<Self, String> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_http_connector(Guarded(http))
            // The guard decides which hosts may be called without TLS.
            .with_allow_http(true)
            // The work itself is tried again; here only what a moment mends.
            .with_retry(RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() });
        if let Some(endpoint) = &settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(key) = &settings.access_key {
            builder = builder.with_access_key_id(key.expose_secret());
        }
        if let Some(secret) = &settings.secret_key {
            builder = builder.with_secret_access_key(secret.expose_secret());
        }
        Ok(Self { bucket: Arc::new(builder.build().map_err(|e| e.to_string())?) })
    }
}

fn path(key: &str) -> Result<Path, String> {
    check(key)?;
    Path::parse(key).map_err(|e| e.to_string())
}

#[async_trait]
impl ObjectStore for S3Objects {
    async fn put(&self, key: &str, bytes: Bytes, content_type: &str) -> Result<(), String> {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, content_type.to_owned().into());
        let options = PutOptions { attributes, ..PutOptions::default() };
        self.bucket.put_opts(&path(key)?, bytes.into(), options).await.map(drop).map_err(|e| e.to_string())
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, String> {
        match self.bucket.get_opts(&path(key)?, GetOptions::default()).await {
            Ok(found) => found.bytes().await.map(Some).map_err(|e| e.to_string()),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(e.to_string()),
        }
    }
}
