interface Positioned {
  readonly id: string;
  readonly cursor: string;
}

/**
 * What arrived live before what was read, newest first and each event once: one that was written while the page was read
 * comes both ways, and one that is told again after a reconnection comes twice.
 */
export function joined<E extends Positioned>(arrived: readonly E[], read: readonly E[]): E[] {
  const seen = new Set<string>();
  const all = [...arrived, ...read].filter(({ id }) => !seen.has(id) && seen.add(id));
  return all.sort((a, b) => Number(b.cursor) - Number(a.cursor));
}
