import { Badge, Box, Button, Card, Chip, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconChevronRight, IconSearch, IconZoomQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql } from '@/shared/graphql/graphql';
import { PAGE_SIZE, usePagedQuery } from '@/shared/ui/paged';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { UtilityIcon, type UtilityType, utilityTypes } from '@/shared/ui/utility';
import { AccountFormFragment } from './account-form';

const ProviderSearchQuery = graphql(
  `
    query ProviderSearch($search: String, $utilityType: UtilityType, $first: Int!, $after: String) {
      providers(search: $search, utilityType: $utilityType, first: $first, after: $after) {
        nodes { id name utilityType country status prepaid ...AccountForm }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [AccountFormFragment],
);

const TYPING_MS = 250;

interface Props {
  readonly onPick: (provider: FragmentOf<typeof AccountFormFragment>) => void;
}

export function ProviderPicker({ onPick }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [type, setType] = useState<UtilityType | null>(null);
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const list = usePagedQuery(
    ProviderSearchQuery,
    { search: search || null, utilityType: type, first: PAGE_SIZE },
    (data) => data.providers.pageInfo,
  );
  return (
    <Stack>
      <TextInput
        label={t('accounts.wizard.searchLabel')}
        placeholder={t('accounts.wizard.searchPlaceholder')}
        leftSection={<IconSearch size={18} />}
        type="search"
        autoFocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Chip.Group
        multiple={false}
        value={type ?? ''}
        onChange={(value) => setType((value || null) as UtilityType | null)}
      >
        <Group gap={6}>
          <Chip value="" size="sm" variant="light">
            {t('common.all')}
          </Chip>
          {utilityTypes.slice(0, 6).map((value) => (
            <Chip key={value} value={value} size="sm" variant="light">
              {t(`enums.utilityType.${value}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <QueryState
        result={list.result}
        data={list.result.data?.providers.nodes}
        skeleton={<RowsSkeleton rows={4} />}
        onRetry={list.retry}
      >
        {(providers) =>
          providers.length === 0 ? (
            <EmptyState icon={<IconZoomQuestion size={32} />} title={t('accounts.wizard.noProviders')}>
              {t('accounts.wizard.noProvidersLead')}
            </EmptyState>
          ) : (
            <Stack gap="sm">
              {providers.map((provider) => {
                const paused = provider.status === 'PAUSED';
                return (
                  <UnstyledButton key={provider.id} disabled={paused} onClick={() => onPick(provider)}>
                    <Card padding="sm" className="bw-link-card" opacity={paused ? 0.6 : 1}>
                      <Group wrap="nowrap" gap="sm">
                        <UtilityIcon type={provider.utilityType} />
                        <Box style={{ flex: 1, minWidth: 0 }}>
                          <Text fw={600} truncate>
                            {provider.name}
                          </Text>
                          <Text size="sm" c="dimmed">
                            {[t(`enums.utilityType.${provider.utilityType}`), provider.country]
                              .filter(Boolean)
                              .join(' · ')}
                          </Text>
                        </Box>
                        {provider.prepaid ? <Badge variant="light">{t('accounts.wizard.prepaid')}</Badge> : null}
                        {paused ? (
                          <Badge variant="light" color="gray">
                            {t('accounts.wizard.providerPaused')}
                          </Badge>
                        ) : (
                          <IconChevronRight size={20} color="var(--mantine-color-dimmed)" aria-hidden="true" />
                        )}
                      </Group>
                    </Card>
                  </UnstyledButton>
                );
              })}
              {list.hasMore ? (
                <Button variant="default" loading={list.loadingMore} onClick={list.loadMore}>
                  {t('common.loadMore')}
                </Button>
              ) : null}
            </Stack>
          )
        }
      </QueryState>
    </Stack>
  );
}
