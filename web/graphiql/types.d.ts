declare module '*.js?worker' {
  const WorkerConstructor: new () => Worker;
  export default WorkerConstructor;
}

interface Window {
  MonacoEnvironment?: { getWorker(workerId: string, label: string): Worker };
}
