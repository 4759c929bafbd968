import { CombinedError } from 'urql';
import { hydrated } from '@/shared/graphql/cache';
import { client } from '@/shared/graphql/client';
import { beginFollowingAt } from '@/shared/graphql/cursors';
import { faultOf } from '@/shared/graphql/errors';
import type { ResultOf } from '@/shared/graphql/graphql';
import { graphql } from '@/shared/graphql/graphql';

/** Who is looking, asked for by everything that depends on role, locale or time zone. */
export const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      role
      cursor
      unreadNotifications
      mustSetUpSecondFactor
      user { id email role }
      customer { id name email emailConfirmed pendingEmail mobile locale timeZone }
    }
  }
`);

export type Viewer = NonNullable<ResultOf<typeof ViewerQuery>['viewer']>;

/** Whether the server has confirmed the session since the page was loaded. */
let confirmed = false;

/**
 * The viewer, or null when nobody is signed in. The server is asked once per page load; a device without a network
 * goes by what it last knew, so that bills can still be read.
 */
export async function loadViewer(): Promise<Viewer | null> {
  if (confirmed) {
    const known = await client.query(ViewerQuery, {}, { requestPolicy: 'cache-first' }).toPromise();
    return known.data?.viewer ?? null;
  }
  await hydrated;
  const asked = await client.query(ViewerQuery, {}, { requestPolicy: 'network-only' }).toPromise();
  const answer = asked.data?.viewer;
  if (answer) {
    confirmed = asked.operation.context.requestPolicy !== 'cache-only';
    // Without a network it is where the log stood when the stored lists were asked for: what came since is told when the
    // network is back, whether or not the lists are asked for first.
    beginFollowingAt(answer.cursor);
    return answer;
  }
  if (asked.error) {
    if (faultOf(asked.error).kind === 'unauthenticated') return null;
    throw asked.error;
  }
  // Only the server can say that nobody is signed in; no answer at all means that it was not reached.
  if (answer === null) return null;
  throw new CombinedError({ networkError: new TypeError('Failed to fetch') });
}

export const isStaff = (viewer: Viewer): boolean => viewer.role === 'OPERATOR' || viewer.role === 'ADMIN';

/** Only paths inside this app may be returned to; anything else would let a link send people elsewhere. */
export function safeReturn(path: string | undefined): string {
  return path?.startsWith('/') && !path.startsWith('//') && !path.startsWith('/\\') ? path : '/';
}
