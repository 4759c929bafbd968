import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { useIsAdmin } from '../ui/role';
import { SubjectLink } from '../ui/subject-link';
import { useWords } from '../words';

/** Users by id, for the names of those who acted; only administrators may ask for them. */
const StaffNamesQuery = graphql(`
  query StaffNames {
    staff {
      id
      email
    }
  }
`);

/** Who did something, by the id that the audit trail keeps. */
export function Actor({ id }: { readonly id: string | null }) {
  const t = useWords();
  const admin = useIsAdmin();
  const [{ data }] = useQuery({ query: StaffNamesQuery, pause: !admin, requestPolicy: 'cache-first' });
  if (id === null || id === 'system') return t('system');
  return data?.staff.find((person) => person.id === id)?.email ?? <SubjectLink id={id} />;
}
