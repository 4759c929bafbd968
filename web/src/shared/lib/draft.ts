import { useEffect, useRef, useState } from 'react';

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** `draft`, which began as `base`, on top of what is stored now: what a person changed stays, the rest is as stored. */
export function rebased<T extends object>(draft: T, base: T, stored: T): T {
  const result = { ...stored };
  for (const key of Object.keys(draft) as (keyof T)[]) {
    if (!same(draft[key], base[key])) result[key] = draft[key];
  }
  return result;
}

/**
 * What a person is about to change of `stored`. A page first shows what the cache holds and then what the server says:
 * fields that nobody has touched follow, so that nothing old is shown as if it were set, nor saved over what is newer.
 */
export function useDraft<T extends object>(stored: T) {
  const [kept, setKept] = useState({ base: stored, draft: stored });
  const current = same(kept.base, stored) ? kept : { base: stored, draft: rebased(kept.draft, kept.base, stored) };
  if (current !== kept) setKept(current);
  return {
    draft: current.draft,
    setDraft: (draft: T) => setKept({ base: stored, draft }),
    dirty: !same(current.draft, stored),
  };
}

interface FormOf<T> {
  readonly getValues: () => T;
  readonly setInitialValues: (values: T) => void;
  readonly setValues: (values: T) => void;
  readonly resetDirty: (values: T) => void;
}

/** The same for a form that was made with `stored` as its initial values. */
export function useFollow<T extends object>(form: FormOf<T>, stored: T): void {
  const base = useRef(stored);
  useEffect(() => {
    if (same(base.current, stored)) return;
    const values = rebased(form.getValues(), base.current, stored);
    base.current = stored;
    form.setInitialValues(stored);
    form.setValues(values);
    form.resetDirty(stored);
  });
}
