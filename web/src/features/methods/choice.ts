import type { Method } from '@/entities/method/method-fragment';

/** A card that is not saved: its number is typed on the gateway's own page. */
export const HOSTED = 'hosted';

export const usable = (methods: readonly Method[]): Method[] => methods.filter(({ status }) => status === 'READY');

/**
 * What is taken unless somebody chooses: the default one, else any, else a card on the gateway's page. One that was just
 * `refused` is taken only where there is no other.
 */
export function firstChoice(methods: readonly Method[], refused?: string): string {
  const ready = usable(methods);
  const others = ready.filter(({ id }) => id !== refused);
  const any = others.length > 0 ? others : ready;
  return (any.find(({ isDefault }) => isDefault) ?? any[0])?.id ?? HOSTED;
}
