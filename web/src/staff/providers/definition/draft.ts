export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is at a path such as `connector.settings.steps.0.name`. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path === '' ? [] : path.split('.')) {
    if (Array.isArray(here)) here = here[Number(part)];
    else if (isObject(here)) here = here[part];
    else return undefined;
  }
  return here;
}

/**
 * The value with something else at a path; what is not there on the way is made. Undefined leaves the field out, and an
 * object that is empty by that stays: whether it may is for the server to say.
 */
export function put(value: Json | undefined, path: string, next: Json | undefined): Json {
  const [part = '', ...rest] = path.split('.');
  const inner = (old: Json | undefined) => (rest.length === 0 ? next : put(old, rest.join('.'), next));
  if (Array.isArray(value)) {
    const items = [...(value as readonly Json[])];
    items[Number(part)] = inner(items[Number(part)]) ?? null;
    return items;
  }
  const fields: Record<string, Json | undefined> = isObject(value) ? { ...value } : {};
  const changed = inner(fields[part]);
  if (changed === undefined) delete fields[part];
  else fields[part] = changed;
  return fields;
}

export const listAt = (value: Json | undefined, path: string): readonly Json[] => {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
};

/** The list at a path without one of its items. */
export const without = (value: Json | undefined, path: string, place: number): Json =>
  put(
    value,
    path,
    listAt(value, path).filter((_item, index) => index !== place),
  );

const NAME = /^[a-z][a-z0-9_]*$/;

/**
 * The credentials that settings name: fields called `credential` or ending in `_credential`, and `{{credential:name}}`
 * anywhere in a text. The server looks the same way.
 */
export function credentialsNamed(settings: Json | undefined): string[] {
  const found = new Set<string>();
  const look = (value: Json | undefined, name: string): void => {
    if (typeof value === 'string') {
      if ((name === 'credential' || name.endsWith('_credential')) && NAME.test(value)) found.add(value);
      for (const [, inside = ''] of value.matchAll(/\{\{credential:([^}]*)\}\}/g))
        if (NAME.test(inside)) found.add(inside);
    } else if (Array.isArray(value)) {
      for (const item of value) look(item, '');
    } else if (isObject(value)) {
      for (const [field, item] of Object.entries(value)) look(item, field);
    }
  };
  look(settings, '');
  return [...found].sort();
}
