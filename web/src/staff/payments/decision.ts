export interface Candidate {
  readonly code: string;
  readonly verdict: string;
  readonly reason: string | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Reads the log of a routing decision; what cannot be read is left out rather than shown as nonsense. */
export function readDecision(decision: unknown): Candidate[] {
  if (typeof decision !== 'object' || decision === null) return [];
  const { candidates } = decision as { candidates?: unknown };
  if (!Array.isArray(candidates)) return [];
  return candidates.flatMap((candidate: unknown) => {
    if (typeof candidate !== 'object' || candidate === null) return [];
    const { code, verdict, reason } = candidate as Record<string, unknown>;
    const [name, said] = [text(code), text(verdict)];
    return name && said ? [{ code: name, verdict: said, reason: text(reason) }] : [];
  });
}
