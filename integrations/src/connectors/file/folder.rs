//! The files of a drop folder, and their rows by account.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use super::rows::{Columns, Rows};

/// Files of one folder.
const MAX_FILES: usize = 1000;
/// All files of one folder together.
const MAX_FOLDER_BYTES: u64 = 64 << 20;
/// Folders whose rows are kept.
const MAX_KEPT: usize = 8;

#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    columns: Columns,
    files: Vec<(PathBuf, SystemTime, u64)>,
}

/// The configured drop folder.
pub(super) struct DropRoot {
    root: Option<PathBuf>,
    kept: Mutex<HashMap<PathBuf, (Stamp, Arc<Rows>)>>,
}

/// Why a folder's rows cannot be had.
#[derive(Debug)]
pub(super) enum FolderFault {
    /// Somebody has to mend it.
    Broken(String),
    /// It may be there again later.
    Passing(String),
}

impl DropRoot {
    pub(super) fn new(root: Option<PathBuf>) -> Self {
        Self { root, kept: Mutex::default() }
    }

    /// Whether a location can be one, without looking at the disk.
    pub(super) fn check(&self, location: &str) -> Result<(), String> {
        if self.root.is_none() {
            return Err("this installation has no drop folder; set one in the configuration".into());
        }
        let path = Path::new(location);
        if path.components().all(|part| matches!(part, Component::Normal(_))) && !location.contains(['\\', '\0']) {
            return Ok(());
        }
        Err(format!("'{location}' must be a plain path inside the drop folder, without '..' and not beginning with a slash"))
    }

    /// The rows of all files in `location`, oldest file first. Reads the disk: not for the threads that serve requests.
    pub(super) fn rows(&self, location: &str, columns: &Columns, max_file_bytes: u64) -> Result<Arc<Rows>, FolderFault> {
        self.check(location).map_err(FolderFault::Broken)?;
        let Some(root) = &self.root else { return Err(FolderFault::Broken("this installation has no drop folder".into())) };
        let folder = inside(root, location)?;
        let files = csv_files(&folder).map_err(|e| FolderFault::Passing(format!("the drop folder '{location}' cannot be read: {e}")))?;
        let mut total = 0u64;
        for (path, _, bytes) in &files {
            total += bytes;
            if *bytes > max_file_bytes {
                return Err(FolderFault::Broken(format!("{} has {bytes} bytes; at most {max_file_bytes} are read", name(path))));
            }
        }
        if files.len() > MAX_FILES || total > MAX_FOLDER_BYTES {
            return Err(FolderFault::Broken(format!(
                "the drop folder '{location}' has {} files with {total} bytes; at most {MAX_FILES} with {MAX_FOLDER_BYTES} are read",
                files.len()
            )));
        }
        let stamp = Stamp { columns: columns.clone(), files };
        if let Some((_, rows)) = self.kept.lock().get(&folder).filter(|(kept, _)| *kept == stamp) {
            return Ok(Arc::clone(rows));
        }
        let mut rows = Rows::default();
        for (path, _, _) in &stamp.files {
            let body = fs::read(path).map_err(|e| FolderFault::Passing(format!("{} cannot be read: {e}", name(path))))?;
            rows.take_file(&name(path), &body, None, columns);
        }
        if rows.is_empty() && !rows.faults.is_empty() {
            return Err(FolderFault::Broken(rows.faults.join("; ")));
        }
        let rows = Arc::new(rows);
        let mut kept = self.kept.lock();
        if kept.len() >= MAX_KEPT && !kept.contains_key(&folder) {
            kept.clear();
        }
        kept.insert(folder, (stamp, Arc::clone(&rows)));
        Ok(rows)
    }
}

/// The folder, with every link resolved, when it is still inside the root.
fn inside(root: &Path, location: &str) -> Result<PathBuf, FolderFault> {
    let unreadable = |e: io::Error| FolderFault::Broken(format!("the drop folder '{location}' cannot be opened: {e}"));
    let root = root.canonicalize().map_err(unreadable)?;
    let folder = root.join(location).canonicalize().map_err(unreadable)?;
    if !folder.starts_with(&root) || !folder.is_dir() {
        return Err(FolderFault::Broken(format!("'{location}' is not a folder inside the drop folder")));
    }
    Ok(folder)
}

/// The CSV files, oldest first.
fn csv_files(folder: &Path) -> io::Result<Vec<(PathBuf, SystemTime, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            continue;
        }
        // The link itself is looked at, not what it leads to.
        let metadata = path.symlink_metadata()?;
        if metadata.is_file() {
            files.push((path, metadata.modified()?, metadata.len()));
        }
    }
    files.sort_by(|l, r| (l.1, &l.0).cmp(&(r.1, &r.0)));
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}
