import { Button, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconHomePlus } from '@tabler/icons-react';
import { useHomeEditor } from '@/entities/home/home-editor';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { Section } from '../ui/section';
import { useWords } from '../words';

export const CustomerHomesFragment = graphql(`
  fragment StaffCustomerHomes on Customer {
    id
    properties {
      id
      name
      address
      postalCode
      city
      country
      members { role displayName }
    }
  }
`);

interface Props {
  readonly customer: FragmentOf<typeof CustomerHomesFragment>;
  readonly onChanged: () => void;
}

export function CustomerHomes({ customer: masked, onChanged }: Props) {
  const { id, properties } = readFragment(CustomerHomesFragment, masked);
  const t = useWords();
  const editHome = useHomeEditor(onChanged, id);
  return (
    <Section
      bare
      title={t('customers.homes')}
      actions={
        <Button size="xs" variant="default" leftSection={<IconHomePlus size={16} />} onClick={() => editHome()}>
          {t('customers.addHome')}
        </Button>
      }
    >
      {properties.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('customers.noHomes')}
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {properties.map((home) => (
            <Card key={home.id}>
              <Group justify="space-between" wrap="nowrap" align="flex-start">
                <Stack gap={2} style={{ minWidth: 0 }}>
                  <AnchorLink to="/staff/homes/$homeId" params={{ homeId: home.id }} fw={600}>
                    {home.name}
                  </AnchorLink>
                  <Text size="sm" c="dimmed">
                    {[home.address, [home.postalCode, home.city].filter(Boolean).join(' '), home.country]
                      .filter(Boolean)
                      .join(', ')}
                  </Text>
                  {home.members.length > 1 ? (
                    <Text size="xs" c="dimmed">
                      {t('customers.sharedWith', { count: home.members.length - 1 })}
                    </Text>
                  ) : null}
                </Stack>
              </Group>
            </Card>
          ))}
        </SimpleGrid>
      )}
    </Section>
  );
}
