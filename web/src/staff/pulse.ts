import { QuerySet } from '@/shared/graphql/query-set';

/** Queries that show dead letters and providers in trouble. */
export const pulseQueries = new QuerySet();
