import { Problems as Roomy } from '@/shared/ui/problems';

/** The same as the customers are shown, in the console's tighter rows. */
export function Problems({ problems }: { readonly problems: readonly string[] }) {
  return <Roomy problems={problems} py="xs" />;
}
