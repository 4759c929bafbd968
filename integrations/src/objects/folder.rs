//! Objects as files of a folder. A file appears whole or not at all: it is written beside its place and moved there.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use billow_billing::ports::ObjectStore;
use bytes::Bytes;

use super::check;

/// Keeps objects in a folder.
#[derive(Clone, Debug)]
pub struct FolderObjects {
    root: PathBuf,
    /// Keeps the names of half-written files apart within this process.
    writing: Arc<AtomicU64>,
}

impl FolderObjects {
    /// Objects in `root`, which is made with the first of them if it is not there.
    ///
    /// # Errors
    /// When something else is in its place; in words for an operator.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, String> {
        let root = root.into();
        if let Some(there) = root.ancestors().find(|path| path.exists())
            && !there.is_dir()
        {
            return Err(format!("the folder {} cannot be made: {} is not a folder", root.display(), there.display()));
        }
        Ok(Self { root, writing: Arc::default() })
    }
}

#[async_trait]
impl ObjectStore for FolderObjects {
    async fn put(&self, key: &str, bytes: Bytes, _content_type: &str) -> Result<(), String> {
        check(key)?;
        let place = self.root.join(key);
        let half = format!("{}-{}.part", std::process::id(), self.writing.fetch_add(1, Ordering::Relaxed));
        blocking(key, move || write(&place, &half, &bytes)).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, String> {
        check(key)?;
        let place = self.root.join(key);
        blocking(key, move || match fs::read(&place) {
            Ok(bytes) => Ok(Some(Bytes::from(bytes))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(key: &str, work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| format!("{key}: {e}"))?;
    done.map_err(|e| format!("{key}: {e}"))
}

fn write(place: &Path, half: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    make_folder(folder)?;
    // The dot keeps it from ever being an object's name.
    let half = folder.join(format!(".{half}"));
    let written = (|| {
        let mut file = private().open(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, place)?;
        // The name is as durable as the bytes only when the folder is, too.
        fs::File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        drop(fs::remove_file(&half));
    }
    written
}

/// People's bills: nobody else on this machine reads them, whatever the umask is.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
