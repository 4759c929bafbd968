// Makes what the client needs from the API's schema: the description gql.tada types against and the
// small introspection that Graphcache reads at run time. Both are derived, so neither is kept in git.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifyIntrospectionQuery } from '@urql/introspection';
import { buildSchema, introspectionFromSchema } from 'graphql';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const sdl = readFileSync(join(web, '..', 'schema.graphql'), 'utf8');

const generated = join(web, 'src/shared/graphql/generated');
mkdirSync(generated, { recursive: true });

const introspection = minifyIntrospectionQuery(introspectionFromSchema(buildSchema(sdl), { descriptions: false }));
writeFileSync(join(generated, 'introspection.json'), `${JSON.stringify(introspection)}\n`);

execFileSync(join(web, 'node_modules/.bin/gql.tada'), ['generate-output'], {
  cwd: web,
  stdio: ['ignore', 'ignore', 'inherit'],
});
