import type { Method } from './method-fragment';

/** A card that is not saved: its number is typed on the gateway's own page. */
export const HOSTED = 'hosted';

export const usable = (methods: readonly Method[]): Method[] => methods.filter(({ status }) => status === 'READY');

/** What is taken unless somebody chooses: the default one, else any, else a card on the gateway's page. */
export function firstChoice(methods: readonly Method[]): string {
  const ready = usable(methods);
  return (ready.find(({ isDefault }) => isDefault) ?? ready[0])?.id ?? HOSTED;
}
