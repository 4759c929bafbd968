import type { Cache, Resolver } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';

const join = relayPagination();

/** The cache as far as it knows pages of one size. */
const withPagesOf = (cache: Cache, first: unknown): Cache =>
  Object.create(cache, {
    inspectFields: {
      value: (entity: Parameters<Cache['inspectFields']>[0]) =>
        cache.inspectFields(entity).filter(({ arguments: args }) => args?.first === first),
    },
  }) as Cache;

/**
 * Joins the pages of a list, for an operation that pages through it: one that declares `$after`. Only pages of the same
 * size are joined. An operation that reads a single page gets that page and nothing else: the other pages may have been
 * read by an operation that selects fewer fields, and one missing field makes the whole result null.
 *
 * `documents.test.ts` checks the other half: operations that page through the same list select the same fields.
 */
export const pages: Resolver = (parent, args, cache, info) =>
  'after' in info.variables
    ? join(parent, args, withPagesOf(cache, args.first), info)
    : cache.resolve(info.parentKey, info.fieldName, args);
