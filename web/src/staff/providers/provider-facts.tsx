import { Badge, Code, Group, List, SimpleGrid, Stack, Text } from '@mantine/core';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { type Column, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { When } from '../ui/when';
import { useWords } from '../words';

export const ProviderFactsFragment = graphql(`
  fragment StaffProviderFacts on Provider {
    id
    code
    country
    currency
    timeZone
    prepaid
    connectorKind
    version
    credentialNames
    params { name label pattern optional secret }
    amountRule { kind minMinor maxMinor }
    schedule { description nextSlot }
    rechargePlans {
      id
      code
      name
      description
      validityDays
      benefits
      price { amountMinor currency }
    }
  }
`);

interface Props {
  readonly provider: FragmentOf<typeof ProviderFactsFragment>;
}

export function ProviderFacts({ provider: masked }: Props) {
  const provider = readFragment(ProviderFactsFragment, masked);
  const t = useWords();
  const format = useFormat();
  const { amountRule, currency } = provider;
  const bound = (amountMinor: string | null) => (amountMinor === null ? '–' : format.money({ amountMinor, currency }));
  return (
    <Section title={t('providers.about')}>
      <SimpleGrid component="dl" cols={2} m={0}>
        <Fact label={t('providers.code')}>
          <Code>{provider.code}</Code>
        </Fact>
        <Fact label={t('providers.connector')}>
          {provider.connectorKind ? t(`enums.connectorKind.${provider.connectorKind}`) : '–'}
          {provider.prepaid ? `, ${t('providers.prepaid')}` : ''}
        </Fact>
        <Fact label={t('providers.schedule')}>
          {provider.schedule.description}
          <Text span size="xs" c="dimmed" display="block">
            {t('providers.next')}: <When at={provider.schedule.nextSlot} />
          </Text>
        </Fact>
        <Fact label={t('providers.amountRule')}>
          {t(`enums.amountRule.${amountRule.kind}`)}
          {amountRule.kind === 'RANGE' ? (
            <Text span size="xs" c="dimmed" display="block">
              {t('providers.range', { min: bound(amountRule.minMinor), max: bound(amountRule.maxMinor) })}
            </Text>
          ) : null}
        </Fact>
        <Fact label={t('providers.currency')}>{[currency, provider.country].filter(Boolean).join(', ')}</Fact>
        <Fact label={t('providers.timeZone')}>{provider.timeZone}</Fact>
        <Fact label={t('providers.params')}>
          <Stack gap={2}>
            {provider.params.map((param) => (
              <span key={param.name}>
                {param.label}
                <Text span size="xs" c="dimmed">
                  {[
                    '',
                    param.optional ? t('providers.optional') : undefined,
                    param.secret ? t('providers.secret') : undefined,
                  ]
                    .filter((word) => word !== undefined)
                    .join(' · ')}
                </Text>
              </span>
            ))}
          </Stack>
        </Fact>
        <Fact label={t('providers.credentials')}>
          {provider.credentialNames && provider.credentialNames.length > 0 ? (
            <Group gap={4}>
              {provider.credentialNames.map((name) => (
                <Code key={name}>{name}</Code>
              ))}
            </Group>
          ) : (
            t('providers.noCredentials')
          )}
        </Fact>
      </SimpleGrid>
    </Section>
  );
}

type Plan = ResultOf<typeof ProviderFactsFragment>['rechargePlans'][number];

export function PlansCard({ provider: masked }: Props) {
  const { prepaid, rechargePlans } = readFragment(ProviderFactsFragment, masked);
  const t = useWords();
  const columns: Column<Plan>[] = [
    {
      key: 'plan',
      label: t('providers.plan'),
      cell: ({ name, code, description }) => (
        <Stack gap={0}>
          <Text size="sm" fw={600} component="div">
            {name}{' '}
            <Badge size="sm" variant="default" tt="none">
              {code}
            </Badge>
          </Text>
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'benefits',
      label: t('providers.benefits'),
      cell: ({ benefits }) =>
        benefits.length > 0 ? (
          <List size="xs">
            {benefits.map((benefit) => (
              <List.Item key={benefit}>{benefit}</List.Item>
            ))}
          </List>
        ) : null,
    },
    {
      key: 'validity',
      label: t('providers.validity'),
      cell: ({ validityDays }) => t('providers.days', { count: validityDays }),
    },
    {
      key: 'price',
      label: t('providers.price'),
      right: true,
      cell: ({ price }) => <Amount money={price} size="sm" fw={600} />,
    },
  ];
  if (!prepaid) return null;
  return (
    <Section bare title={t('providers.plans')}>
      {rechargePlans.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('providers.noPlans')}
        </Text>
      ) : (
        <Rows columns={columns} rows={rechargePlans} rowKey={({ id }) => id} label={t('providers.plans')} />
      )}
    </Section>
  );
}
