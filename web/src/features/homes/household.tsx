import { ActionIcon, Avatar, Badge, Button, Card, Group, Radio, Stack, Text, TextInput, Title } from '@mantine/core';
import { isEmail, useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconUserMinus, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { fieldErrors } from '@/shared/graphql/errors';
import { type Enum, type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { HouseholdInvitations, HouseholdInvitationsFragment } from './household-invitations';

export const HouseholdFragment = graphql(
  `
    fragment Household on Property {
      id
      members { displayName role customer { id } }
      ...HouseholdInvitations
    }
  `,
  [HouseholdInvitationsFragment],
);

const ShareProperty = graphql(`
  mutation ShareProperty($input: SharePropertyInput!) {
    shareProperty(input: $input) {
      property { id invitations { id email role status expiresAt } }
      userErrors { code message path }
    }
  }
`);

const RemovePropertyMember = graphql(`
  mutation RemovePropertyMember($input: RemovePropertyMemberInput!) {
    removePropertyMember(input: $input) {
      property { id members { displayName role customer { id } } }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly home: FragmentOf<typeof HouseholdFragment>;
  readonly owner: boolean;
  readonly onChanged: () => void;
}

/** Who else sees the bills of a home, and what they may do. */
export function Household({ home: masked, owner, onChanged }: Props) {
  const { t } = useTranslation();
  const home = readFragment(HouseholdFragment, masked);
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const me = data?.viewer?.customer?.id;
  const [removeMember] = useAction(RemovePropertyMember);

  const openShare = () => {
    const modalId = modals.open({
      title: t('accounts.home.shareTitle'),
      children: (
        <ShareForm
          homeId={home.id}
          onDone={() => {
            modals.close(modalId);
            onChanged();
          }}
        />
      ),
    });
  };

  const askRemove = (customerId: string, name: string) =>
    modals.openConfirmModal({
      title: t('accounts.home.removeMemberTitle', { name }),
      children: <Text size="sm">{t('accounts.home.removeMemberBody')}</Text>,
      labels: { confirm: t('common.remove'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: async () => {
        const { userErrors } = await removeMember({ input: { propertyId: home.id, customerId } });
        toastErrors(userErrors, t('errors.title'));
        onChanged();
      },
    });

  return (
    <Card>
      <Group justify="space-between" mb="sm" wrap="nowrap" align="flex-start">
        <Stack gap={0}>
          <Title order={2}>{t('accounts.home.household')}</Title>
          <Text size="sm" c="dimmed">
            {t('accounts.home.householdLead')}
          </Text>
        </Stack>
        {owner ? (
          <Button
            size="compact-md"
            variant="light"
            leftSection={<IconUserPlus size={16} />}
            onClick={openShare}
            style={{ flexShrink: 0 }}
          >
            {t('accounts.home.share')}
          </Button>
        ) : null}
      </Group>
      <Stack gap="sm">
        {home.members.map(({ customer, displayName, role }) => (
          <Group key={customer.id} gap="sm" wrap="nowrap">
            <Avatar name={displayName} color="initials" size={36} />
            <Text style={{ flex: 1, minWidth: 0 }} truncate>
              {displayName}
              {customer.id === me ? (
                <Text span c="dimmed" size="sm">
                  {' '}
                  ({t('accounts.home.you')})
                </Text>
              ) : null}
            </Text>
            <Badge variant="light" color={role === 'OWNER' ? 'tide' : 'gray'} tt="none">
              {t(`enums.propertyRole.${role}`)}
            </Badge>
            {owner && customer.id !== me ? (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('accounts.home.removeMember', { name: displayName })}
                onClick={() => askRemove(customer.id, displayName)}
              >
                <IconUserMinus size={18} />
              </ActionIcon>
            ) : null}
          </Group>
        ))}
      </Stack>
      {owner ? <HouseholdInvitations home={home} /> : null}
    </Card>
  );
}

const ROLES: readonly Enum<'PropertyRole'>[] = ['PAYER', 'VIEWER', 'OWNER'];

function ShareForm({ homeId, onDone }: { readonly homeId: string; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [share, busy] = useAction(ShareProperty);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', role: 'PAYER' as Enum<'PropertyRole'> },
    validate: { email: isEmail(t('errors.email')) },
  });
  const submit = form.onSubmit(async ({ email, role }) => {
    const { payload, userErrors } = await share({ input: { propertyId: homeId, email: email.trim(), role } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['email', 'role']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    notifications.show({ message: t('accounts.home.shared', { email: email.trim() }), color: 'teal' });
    onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('accounts.home.shareLead')}
        </Text>
        <Problems problems={problems} />
        <TextInput
          label={t('auth.email')}
          type="email"
          autoComplete="off"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Radio.Group label={t('accounts.home.role')} key={form.key('role')} {...form.getInputProps('role')}>
          <Stack gap="xs" mt="xs">
            {ROLES.map((role) => (
              <Radio
                key={role}
                value={role}
                label={t(`enums.propertyRole.${role}`)}
                description={t(`accounts.home.roleHint.${role}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Button type="submit" loading={busy}>
          {t('accounts.home.share')}
        </Button>
      </Stack>
    </form>
  );
}
