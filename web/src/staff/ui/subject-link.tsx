import { Code } from '@mantine/core';
import { AnchorLink } from '@/shared/ui/links';

/** The page of what an id names, by the kind in front of it; none for what has no page. */
export function pageOf(id: string): string | undefined {
  const [kind] = id.split('_', 1);
  switch (kind) {
    case 'bill':
      return `/staff/bills/${id}`;
    case 'acct':
      return `/staff/accounts/${id}`;
    case 'cust':
      return `/staff/customers/${id}`;
    case 'prop':
      return `/staff/homes/${id}`;
    case 'prov':
      return `/staff/providers/${id}`;
    case 'pay':
      return `/staff/payments/${id}`;
    case 'gw':
      return `/staff/gateways/${id}`;
    case 'run':
      return `/staff/runs/${id}`;
    case 'import':
      return `/staff/imports/${id}`;
    default:
      return undefined;
  }
}

/** An id, as a link where there is a page for it. Ids are long: their end tells them apart. */
export function SubjectLink({ id }: { readonly id: string }) {
  const page = pageOf(id);
  const [kind, rest] = id.split('_', 2);
  const short = rest && rest.length > 8 ? `${kind}_…${rest.slice(-8)}` : id;
  if (!page) return <Code title={id}>{short}</Code>;
  return (
    <AnchorLink to={page} title={id} size="sm" ff="monospace">
      {short}
    </AnchorLink>
  );
}
