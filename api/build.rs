//! Tells cargo what the web app's files are: they are put into the binary, and cargo sees no file that a macro reads.

use std::path::Path;

fn main() {
    // Where nothing was built yet, the folder it will appear in.
    let seen = ["../web/dist", "../web"].into_iter().find(|folder| Path::new(folder).exists());
    println!("cargo::rerun-if-changed={}", seen.unwrap_or("build.rs"));
}
