import { ActionIcon, Avatar, Badge, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMailForward, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { toastErrors, useAction } from '@/shared/ui/mutation';

export const HouseholdInvitationsFragment = graphql(`
  fragment HouseholdInvitations on Property {
    id
    invitations { id email role status expiresAt }
  }
`);

const Resend = graphql(`
  mutation ResendPropertyInvitation($input: ResendPropertyInvitationInput!) {
    resendPropertyInvitation(input: $input) {
      invitation { id status expiresAt }
      userErrors { code message path }
    }
  }
`);

const Revoke = graphql(`
  mutation RevokePropertyInvitation($input: RevokePropertyInvitationInput!) {
    revokePropertyInvitation(input: $input) {
      invitation { id status }
      userErrors { code message path }
    }
  }
`);

/** Who was invited to a household and has not joined. */
export function HouseholdInvitations({
  home: masked,
}: {
  readonly home: FragmentOf<typeof HouseholdInvitationsFragment>;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [resend] = useAction(Resend);
  const [revoke] = useAction(Revoke);
  const open = readFragment(HouseholdInvitationsFragment, masked).invitations.filter(
    ({ status }) => status === 'PENDING' || status === 'EXPIRED',
  );
  if (open.length === 0) return null;
  const answer = async (run: ReturnType<typeof resend> | ReturnType<typeof revoke>, done: string) => {
    const { payload, userErrors } = await run;
    toastErrors(userErrors, t('errors.title'));
    if (payload && userErrors.length === 0) notifications.show({ color: 'teal', message: done });
  };
  return (
    <Stack gap="sm" mt="sm">
      {open.map(({ id, email, status, expiresAt }) => (
        <Group key={id} gap="sm" wrap="nowrap">
          <Avatar color="gray" size={36} />
          <Stack gap={0} style={{ flex: 1, minWidth: 0 }}>
            <Text truncate>{email}</Text>
            <Text size="xs" c="dimmed">
              {status === 'PENDING'
                ? t('accounts.home.invited', { day: format.instant(expiresAt, { dateStyle: 'medium' }) })
                : t('accounts.home.invitationStatus.EXPIRED')}
            </Text>
          </Stack>
          <Badge variant="light" color={status === 'PENDING' ? 'orange' : 'gray'} tt="none">
            {t(`accounts.home.invitationStatus.${status}`)}
          </Badge>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('accounts.home.resend', { email })}
            onClick={() => void answer(resend({ input: { invitationId: id } }), t('accounts.home.resent'))}
          >
            <IconMailForward size={18} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('accounts.home.revoke', { email })}
            onClick={() => void answer(revoke({ input: { invitationId: id } }), t('accounts.home.revoked'))}
          >
            <IconX size={18} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}
