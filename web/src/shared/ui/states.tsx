import { Alert, Box, Button, Center, Code, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CombinedError } from 'urql';
import { reachable } from '@/shared/graphql/connection';
import { faultOf } from '@/shared/graphql/errors';
import { useObservable } from '@/shared/lib/store';

interface ErrorStateProps {
  readonly error: CombinedError;
  readonly onRetry?: (() => void) | undefined;
}

/** A fault, in words, with a way to try again and the reference under which support finds it. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const { t } = useTranslation();
  const { kind, requestId } = faultOf(error);
  return (
    <Alert
      role="alert"
      color={kind === 'offline' ? 'gray' : 'coral'}
      radius="lg"
      icon={kind === 'offline' ? <IconCloudOff /> : <IconAlertTriangle />}
      title={t('errors.title')}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t(`errors.${kind}`)}</Text>
        {requestId ? (
          <Text size="xs" c="dimmed">
            {t('errors.requestId', { id: '' })}
            <Code>{requestId}</Code>
          </Text>
        ) : null}
        {onRetry ? (
          <Button size="sm" variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
            {t('common.retry')}
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}

interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  /** What to do next: a page without content is a fork in the road, not a wall. */
  readonly action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap="xs" maw={420} ta="center">
        <ThemeIcon size={64} radius={32} variant="light">
          {icon}
        </ThemeIcon>
        <Title order={2} mt="xs">
          {title}
        </Title>
        {children ? (
          <Text c="dimmed" size="sm">
            {children}
          </Text>
        ) : null}
        {action ? <Group mt="sm">{action}</Group> : null}
      </Stack>
    </Center>
  );
}

interface RowsSkeletonProps {
  readonly rows?: number;
  readonly height?: number;
}

export function RowsSkeleton({ rows = 5, height = 68 }: RowsSkeletonProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status" aria-busy="true" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: skeleton rows have no identity and never move
        <Skeleton key={row} height={height} radius="lg" />
      ))}
    </Stack>
  );
}

/** A page of a few cards, before it is known what they say. */
export function CardsSkeleton({ heights }: { readonly heights: readonly number[] }) {
  return (
    <Stack aria-busy="true">
      {heights.map((height, card) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: skeleton cards have no identity and never move
        <Skeleton key={card} height={height} radius="lg" />
      ))}
    </Stack>
  );
}

const UNREACHED = new CombinedError({ networkError: new TypeError('Failed to fetch') });

interface QueryStateProps<T> {
  readonly result: {
    readonly data?: unknown;
    readonly error?: CombinedError | undefined;
    readonly fetching: boolean;
    readonly stale: boolean;
  };
  /** What the screen needs; nullish while it is not there. */
  readonly data: T | null | undefined;
  readonly skeleton: ReactNode;
  readonly onRetry: () => void;
  /** Shown when the server has answered that there is no such thing. */
  readonly missing?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** The states every screen has: waiting, failed, missing, there, and there although the last request failed. */
export function QueryState<T>({ result, data, skeleton, onRetry, missing, children }: QueryStateProps<T>) {
  const { t } = useTranslation();
  const reached = useObservable(reachable);
  if (data === null || data === undefined) {
    if (result.fetching || result.stale) return skeleton;
    if (result.error) return <ErrorState error={result.error} onRetry={onRetry} />;
    // Without a network the cache answers, and what it does not hold is not therefore missing.
    if (!reached) return <ErrorState error={UNREACHED} onRetry={onRetry} />;
    return (
      missing ?? (
        <EmptyState icon={<IconAlertTriangle size={30} />} title={t('errors.notFoundTitle')}>
          {t('errors.notFound')}
        </EmptyState>
      )
    );
  }
  return (
    <>
      {result.error && !result.fetching ? (
        <Box mb="md">
          <ErrorState error={result.error} onRetry={onRetry} />
        </Box>
      ) : null}
      {children(data)}
    </>
  );
}
