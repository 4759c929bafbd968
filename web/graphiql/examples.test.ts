import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { exampleTabs } from './examples';

const folder = fileURLToPath(new URL('./examples/', import.meta.url));
const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));

describe('the example operations', () => {
  it.each(files)('%s is valid against the schema', (name) => {
    expect(validate(schema, parse(readFileSync(folder + name, 'utf8')))).toEqual([]);
  });

  it('become tabs in order, their variables taken out of the comments', () => {
    const tabs = exampleTabs({
      './examples/02-b.graphql': 'query B { viewer { role } }\n',
      './examples/01-a.graphql':
        '# Says who is asking.\n# variables: {\n# variables:   "first": 3\n# variables: }\nquery A { x }\n',
    });
    expect(tabs).toEqual([
      { query: '# Says who is asking.\n\nquery A { x }\n', variables: '{\n  "first": 3\n}' },
      { query: 'query B { viewer { role } }\n' },
    ]);
  });
});
