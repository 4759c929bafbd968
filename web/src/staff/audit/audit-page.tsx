import { Stack } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Page } from '@/shared/ui/page';
import { AdminsOnly } from '../ui/admins-only';
import { SearchBox } from '../ui/search-box';
import { useWords } from '../words';
import { AuditList } from './audit-list';

const route = getRouteApi('/signed-in/staff/audit');

export function AuditPage() {
  const t = useWords();
  const { subject } = route.useSearch();
  const navigate = useNavigate({ from: '/staff/audit' });
  return (
    <Page title={t('audit.title')} subtitle={t('audit.lead')} width={1240}>
      <AdminsOnly>
        <Stack>
          <SearchBox
            value={subject ?? ''}
            placeholder={t('audit.subject')}
            onChange={(next) => void navigate({ search: next ? { subject: next } : {}, replace: true })}
          />
          <AuditList subject={subject} />
        </Stack>
      </AdminsOnly>
    </Page>
  );
}
