//! The threads that run programs.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value as Json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::meter::STACK_BYTES;
use super::program::Program;

/// Compiled programs kept; a provider has about five.
const MAX_KEPT: usize = 2048;
/// How long a program may stay away before its thread counts as lost. Programs are stopped long before.
const LOST_AFTER: Duration = Duration::from_secs(15);
/// How many lost threads are replaced. After that, fewer run, and in the end none: better than piling up threads.
const MAX_LOST: usize = 4;

/// Why there is no value.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub(in crate::connectors) enum JqFault {
    /// The program does not compile, failed, or was stopped.
    #[error("{0}")]
    Program(String),
    /// Nobody is there to run it just now.
    #[error("the runners of jq programs are all busy")]
    Busy,
}

/// Yields whether its thread is to go on.
type Job = Box<dyn FnOnce() -> bool + Send>;

/// Runs programs.
pub(in crate::connectors) struct Jq {
    kept: Mutex<HashMap<String, Arc<Program>>>,
    idle: Arc<Semaphore>,
    jobs: mpsc::Sender<Job>,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    started: AtomicBool,
    lost: Arc<AtomicUsize>,
    threads: usize,
}

impl Jq {
    pub(in crate::connectors) fn new() -> Arc<Self> {
        let threads = thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
        let (jobs, queue) = mpsc::channel();
        Arc::new(Self {
            kept: Mutex::new(HashMap::new()),
            idle: Arc::new(Semaphore::new(threads)),
            jobs,
            queue: Arc::new(Mutex::new(queue)),
            started: AtomicBool::new(false),
            lost: Arc::new(AtomicUsize::new(0)),
            threads,
        })
    }

    /// Whether a program compiles. Not for the hot path: it takes a thread of its own.
    pub(in crate::connectors) fn check(&self, text: &str) -> Result<(), String> {
        if self.kept.lock().contains_key(text) {
            return Ok(());
        }
        let owned = text.to_owned();
        let compiling = thread::Builder::new().name("jq-check".into()).stack_size(STACK_BYTES).spawn(move || Program::compile(&owned));
        let compiled = compiling.map_err(|e| format!("no thread could be started: {e}"))?.join();
        let program = compiled.map_err(|_| "the program cannot be read".to_owned())??;
        self.keep(text, Arc::new(program));
        Ok(())
    }

    /// Runs a program: nothing, or the one value it yields.
    pub(in crate::connectors) async fn run(self: &Arc<Self>, text: &str, input: Arc<Json>) -> Result<Option<Json>, JqFault> {
        let idle = tokio::time::timeout(LOST_AFTER, Arc::clone(&self.idle).acquire_owned()).await;
        let Ok(Ok(permit)) = idle else { return Err(JqFault::Busy) };
        if !self.started.swap(true, Ordering::AcqRel) {
            for _ in 0..self.threads {
                self.start_thread().map_err(|e| JqFault::Program(format!("no thread could be started: {e}")))?;
            }
        }
        let given_up = Arc::new(AtomicBool::new(false));
        let (reply, answer) = oneshot::channel();
        let job = self.job(text.to_owned(), input, permit, Arc::clone(&given_up), reply);
        self.jobs.send(job).map_err(|_| JqFault::Busy)?;
        match tokio::time::timeout(LOST_AFTER, answer).await {
            Ok(Ok(result)) => result.map_err(JqFault::Program),
            Ok(Err(_)) => Err(JqFault::Program("it failed inside the interpreter".into())),
            Err(_) => {
                given_up.store(true, Ordering::Release);
                self.replace_lost_thread();
                Err(JqFault::Program("it did not come back and was given up".into()))
            }
        }
    }

    fn job(
        self: &Arc<Self>,
        text: String,
        input: Arc<Json>,
        permit: OwnedSemaphorePermit,
        given_up: Arc<AtomicBool>,
        reply: oneshot::Sender<Result<Option<Json>, String>>,
    ) -> Job {
        let this = Arc::clone(self);
        Box::new(move || {
            let result = this.program(&text).and_then(|program| program.run(&input));
            // It came back after all, but another thread has its place: this one goes.
            let replaced = given_up.load(Ordering::Acquire);
            if replaced {
                permit.forget();
                this.lost.fetch_sub(1, Ordering::AcqRel);
            }
            // Whoever asked may have gone.
            let _ = reply.send(result);
            !replaced
        })
    }

    fn program(&self, text: &str) -> Result<Arc<Program>, String> {
        if let Some(program) = self.kept.lock().get(text) {
            return Ok(Arc::clone(program));
        }
        let program = Arc::new(Program::compile(text)?);
        self.keep(text, Arc::clone(&program));
        Ok(program)
    }

    fn keep(&self, text: &str, program: Arc<Program>) {
        let mut kept = self.kept.lock();
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(text.to_owned(), program);
    }

    fn replace_lost_thread(&self) {
        metrics::counter!("billow_jq_threads_lost_total").increment(1);
        tracing::error!("a jq program did not come back; its thread is given up");
        if self.lost.fetch_add(1, Ordering::AcqRel) < MAX_LOST && self.start_thread().is_ok() {
            self.idle.add_permits(1);
        }
    }

    fn start_thread(&self) -> std::io::Result<()> {
        let queue = Arc::clone(&self.queue);
        let run = move || {
            loop {
                let job = queue.lock().recv();
                let Ok(job) = job else { return };
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_ok_and(|stay| !stay) {
                    return;
                }
            }
        };
        thread::Builder::new().name("jq".into()).stack_size(STACK_BYTES).spawn(run).map(|_| ())
    }
}
