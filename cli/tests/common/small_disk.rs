//! A small file system that can be filled and emptied: in a namespace of its own, or mounted for PostgreSQL.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A small file system.
pub struct SmallDisk {
    kind: Kind,
    dir: PathBuf,
}

enum Kind {
    /// Seen by the processes that enter the namespace of this one.
    Apart { holder: Child, as_user: bool },
    /// Seen by everybody.
    Mounted,
}

impl SmallDisk {
    /// One in a namespace of its own; none where this machine does not let us, which is said.
    pub fn apart(dir: &Path, megabytes: u32) -> Option<Self> {
        for as_user in [false, true] {
            let script =
                format!("mount -t tmpfs -o size={megabytes}m tmpfs '{0}' && touch '{0}/mounted' && exec sleep 100000", dir.display());
            let mut command = Command::new("unshare");
            command.args(if as_user { &["-U", "-r", "-m"][..] } else { &["-m"] });
            let Ok(holder) = command.args(["sh", "-c", &script]).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else { continue };
            let mut disk = Self { kind: Kind::Apart { holder, as_user }, dir: dir.to_owned() };
            if disk.is_there() {
                return Some(disk);
            }
        }
        eprintln!("SKIPPED: neither `unshare -m` nor `unshare -Urm` with a tmpfs works here");
        None
    }

    /// One that also a server sees that runs already, for the user `owner`; none where this machine does not let us.
    pub fn mounted(dir: &Path, megabytes: u32, owner: &str) -> Option<Self> {
        let done = |command: &mut Command| command.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !done(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(dir)) {
            eprintln!("SKIPPED: `mount -t tmpfs` is not allowed here");
            return None;
        }
        let disk = Self { kind: Kind::Mounted, dir: dir.to_owned() };
        if !done(Command::new("chown").arg(owner).arg(dir)) {
            eprintln!("SKIPPED: there is no user {owner} to give the file system to");
            return None;
        }
        Some(disk)
    }

    fn is_there(&mut self) -> bool {
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(10) {
            let Kind::Apart { holder, .. } = &mut self.kind else { return true };
            if holder.try_wait().expect("a process").is_some() {
                return false;
            }
            if self.path().join("mounted").exists() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Where it is, as seen from here.
    pub fn path(&self) -> PathBuf {
        match &self.kind {
            Kind::Apart { holder, .. } => {
                PathBuf::from(format!("/proc/{}/root", holder.id())).join(self.dir.strip_prefix("/").unwrap_or(&self.dir))
            }
            Kind::Mounted => self.dir.clone(),
        }
    }

    /// A command that runs `program` where the file system is seen.
    pub fn command(&self, program: &str) -> Command {
        let Kind::Apart { holder, as_user } = &self.kind else { return Command::new(program) };
        let mut command = Command::new("nsenter");
        command.args(["-t", &holder.id().to_string(), "-m"]);
        if *as_user {
            command.args(["-U", "--preserve-credentials"]);
        }
        command.arg("--").arg(program);
        command
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.path().join("filler")).expect("a file");
        for size in [1 << 16, 1 << 12, 1 << 8] {
            while file.write(&vec![0u8; size]).is_ok_and(|n| n > 0) {}
        }
    }

    /// Makes room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.path().join("filler")).expect("removed");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        match &mut self.kind {
            Kind::Apart { holder, .. } => {
                let _ = holder.kill();
                let _ = holder.wait();
            }
            Kind::Mounted => {
                let _ = Command::new("umount").arg("-l").arg(&self.dir).status();
            }
        }
    }
}
