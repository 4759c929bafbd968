export interface ExampleTab {
  readonly query: string;
  readonly variables?: string;
}

/** An example may say its variables in comment lines that start with `# variables:` and follow one another. */
const VARIABLES = /^# variables: ?(.*)$/gm;

/** The example operations as tabs, in the order of their file names. */
export function exampleTabs(sources: Readonly<Record<string, string>>): ExampleTab[] {
  return Object.entries(sources)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, source]) => {
      const lines = [...source.matchAll(VARIABLES)].map(([, line]) => line ?? '');
      const query = `${source
        .replace(VARIABLES, '')
        .replace(/\n{3,}/g, '\n\n')
        .trim()}\n`;
      return lines.length > 0 ? { query, variables: JSON.stringify(JSON.parse(lines.join('\n')), null, 2) } : { query };
    });
}
