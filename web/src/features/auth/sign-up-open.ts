import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';

const SignUpOpenQuery = graphql(`
  query SignUpOpen {
    signUpOpen
  }
`);

/** Whether people can sign up without an invitation; yes until the server says otherwise. */
export function useSignUpOpen(): boolean {
  const [{ data }] = useQuery({ query: SignUpOpenQuery });
  return data?.signUpOpen ?? true;
}
