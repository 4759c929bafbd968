import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from 'react';
import type { UserError } from '@/shared/graphql/errors';
import { at, type Json, type JsonObject, put } from './draft';

interface Definition {
  readonly draft: JsonObject;
  readonly set: (path: string, value: Json | undefined) => void;
  /** What is wrong, by path inside the definition. */
  readonly errors: ReadonlyMap<string, readonly string[]>;
  /** The paths that have a field of their own, which then shows what is wrong there. */
  readonly fields: Set<string>;
}

const DefinitionContext = createContext<Definition | null>(null);

interface Props {
  readonly draft: JsonObject;
  readonly onChange: (draft: JsonObject) => void;
  readonly errors: ReadonlyMap<string, readonly string[]>;
  readonly children: ReactNode;
}

export function DefinitionProvider({ draft, onChange, errors, children }: Props) {
  const fields = useRef(new Set<string>());
  const definition = useMemo<Definition>(
    () => ({
      draft,
      set: (path, value) => onChange(put(draft, path, value) as JsonObject),
      errors,
      fields: fields.current,
    }),
    [draft, onChange, errors],
  );
  return <DefinitionContext value={definition}>{children}</DefinitionContext>;
}

export function useDefinition(): Definition {
  const definition = useContext(DefinitionContext);
  if (!definition) throw new Error('a field of a definition stands outside of its editor');
  return definition;
}

/** One field of the definition: what is there, how to change it, and what is wrong with it. */
export function useField(path: string) {
  const { draft, set, errors, fields } = useDefinition();
  useEffect(() => {
    fields.add(path);
    return () => {
      fields.delete(path);
    };
  }, [fields, path]);
  return {
    value: at(draft, path),
    set: (value: Json | undefined) => set(path, value),
    error: errors.get(path)?.join(' '),
  };
}

/** Errors of a mutation by where they are: inside the definition (without that word in front), or elsewhere. */
export function errorsByPath(userErrors: readonly UserError[]): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, message } of userErrors) {
    const inside = path[0] === 'input' ? path.slice(1) : path;
    const key = inside[0] === 'definition' ? inside.slice(1).join('.') : `:${inside.join('.')}`;
    byPath.set(key, [...(byPath.get(key) ?? []), message]);
  }
  return byPath;
}
