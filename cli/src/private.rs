//! Files that only the user who runs Billow can read, whatever the umask is: they hold people's bills, and keys.

#[cfg(unix)]
use std::fs::File;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// Makes `path` and what is missing above it, closed to other users. A folder that is there already is left as it is.
///
/// # Errors
/// When it cannot be made.
pub fn folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
    Ok(())
}

/// Makes an empty file where there is none, and closes it to other users. SQLite gives its journals the same rights.
///
/// # Errors
/// When it cannot be made.
pub fn file(path: &Path) -> Result<()> {
    let made = options().create_new(true).open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            for ending in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                close(Path::new(&name));
            }
            Ok(())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be made", path.display())),
    }
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// When it is there or cannot be written.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = options().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Closes standard output to other users where it is a file: `billow init --print > billow.toml` writes keys to it.
pub fn close_standard_output() {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let Ok(copy) = io::stdout().as_fd().try_clone_to_owned() else { return };
        let file = File::from(copy);
        if let Ok(metadata) = file.metadata()
            && metadata.is_file()
        {
            let mut permissions = metadata.permissions();
            std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
            if let Err(error) = file.set_permissions(permissions) {
                eprintln!("billow: standard output can be read by other users ({error}); it holds keys");
            }
        }
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes a file of ours away from group and others.
#[cfg(unix)]
fn close(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(metadata) = fs::metadata(path) else { return };
    let now = metadata.permissions().mode() & 0o7777;
    if now & 0o077 != 0
        && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(now & 0o700))
    {
        tracing::warn!(path = %path.display(), %error, "other users of this machine can read this file; run chmod go= on it");
    }
}

#[cfg(not(unix))]
fn close(_: &Path) {}

/// Whether a folder that was there before can be read by other users. It is left as it is: it may be shared on purpose.
#[must_use]
pub fn is_open(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0)
    }
    #[cfg(not(unix))]
    false
}
