import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';

/** Whether the viewer may change what only administrators may change. The server decides; this spares people the try. */
export function useIsAdmin(): boolean {
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  return data?.viewer?.role === 'ADMIN';
}
