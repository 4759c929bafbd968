import { IconShieldLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { EmptyState } from '@/shared/ui/states';
import { useWords } from '../words';
import { useIsAdmin } from './role';

/** Says to an operator who followed a link here why there is nothing to see. */
export function AdminsOnly({ children }: { readonly children: ReactNode }) {
  const t = useWords();
  if (useIsAdmin()) return children;
  return (
    <EmptyState icon={<IconShieldLock size={32} />} title={t('adminsOnlyTitle')}>
      {t('adminsOnlyPage')}
    </EmptyState>
  );
}
