import { useCallback } from 'react';
import { client, expectSignOut, startAfresh } from '@/shared/graphql/client';
import { graphql } from '@/shared/graphql/graphql';

const SignOut = graphql(`
  mutation SignOut {
    signOut { ok userErrors { code message path } }
  }
`);

/** Ends the session, forgets what is stored on this device, and starts the app afresh so that memory is empty too. */
export function useSignOut(): () => void {
  return useCallback(() => {
    expectSignOut();
    void client
      .mutation(SignOut, {})
      .toPromise()
      .then(() => startAfresh('/sign-in'));
  }, []);
}
