/**
 * Remembers how far each live stream has been read.
 *
 * A socket that drops and comes back must go on after the last event it has seen: asking from "now" would lose what
 * happened in between, and asking from the first cursor would replay all of it. The variables of a running stream are
 * therefore read at the moment of each (re)subscription, never fixed at the first.
 */
export class ResumeCursors {
  readonly #cursors = new Map<number, string>();
  readonly #running = new Set<number>();

  /** Marks a stream as running, so that a reconnection knows whether it could resume. */
  start(key: number): void {
    this.#running.add(key);
  }

  /** Forgets a stream that was ended on purpose. */
  stop(key: number): void {
    this.#running.delete(key);
    this.#cursors.delete(key);
  }

  /** Notes the cursor carried by a result, wherever the stream's root field is named. */
  remember(key: number, data: unknown): void {
    if (typeof data !== 'object' || data === null) return;
    for (const event of Object.values(data)) {
      if (typeof event !== 'object' || event === null) continue;
      const { cursor } = event as { cursor?: unknown };
      if (typeof cursor === 'string' && cursor !== '') this.#cursors.set(key, cursor);
    }
  }

  /** The variables to subscribe with now. */
  variables(key: number, variables: Record<string, unknown> | undefined): Record<string, unknown> {
    const after = this.#cursors.get(key);
    return after === undefined ? { ...variables } : { ...variables, after };
  }

  /** True when some running stream has not seen a cursor yet: what it missed can only be found by asking again. */
  get anyWithoutCursor(): boolean {
    for (const key of this.#running) if (!this.#cursors.has(key)) return true;
    return false;
  }
}

let beginning: string | undefined;

/** Notes where the log stood before the first lists of this page were asked for. */
export function beginFollowingAt(cursor: string): void {
  beginning = cursor;
}

/**
 * Where the first live streams of this page begin, so that what happens between the first list and the first stream is
 * told as well. Given once: streams that begin later belong to lists that are asked for later.
 */
export function takeBeginning(): string | undefined {
  const cursor = beginning;
  beginning = undefined;
  return cursor;
}
