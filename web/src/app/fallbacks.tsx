import { Box, Button, Center, Stack } from '@mantine/core';
import { IconAlertTriangle, IconCompass } from '@tabler/icons-react';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { CombinedError } from 'urql';
import { Brand } from '@/shared/ui/brand';
import { ButtonLink } from '@/shared/ui/links';
import { EmptyState, ErrorState, RowsSkeleton } from '@/shared/ui/states';

export function PendingPage() {
  return (
    <Box p="lg" maw={880} mx="auto">
      <RowsSkeleton rows={4} height={96} />
    </Box>
  );
}

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={<IconCompass size={32} />}
      title={t('errors.notFoundTitle')}
      action={<ButtonLink to="/">{t('errors.toHome')}</ButtonLink>}
    >
      {t('errors.notFound')}
    </EmptyState>
  );
}

/** The last resort: a page that could not be drawn. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Center mih="70dvh" p="md">
      <Stack w="100%" maw={480} gap="lg">
        <Brand />
        {error instanceof CombinedError ? (
          <ErrorState error={error} onRetry={reset} />
        ) : (
          <EmptyState
            icon={<IconAlertTriangle size={32} />}
            title={t('errors.title')}
            action={<Button onClick={() => location.reload()}>{t('errors.reload')}</Button>}
          >
            {t('errors.crashed')}
          </EmptyState>
        )}
      </Stack>
    </Center>
  );
}
