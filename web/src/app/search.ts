/** Keeps those of the named parameters of an address that hold a text; whatever else somebody typed there is dropped. */
export function texts<Name extends string>(...names: readonly Name[]) {
  return (search: Record<string, unknown>): { [K in Name]?: string } => {
    const kept: { [K in Name]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') kept[name] = value;
      // A search for a number arrives as one.
      else if (typeof value === 'number') kept[name] = String(value);
    }
    return kept;
  };
}
