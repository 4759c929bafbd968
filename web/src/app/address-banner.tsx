import { Alert, Anchor, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMailExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { ViewerQuery } from '@/entities/viewer/session';
import { graphql } from '@/shared/graphql/graphql';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';

const ResendEmailConfirmation = graphql(`
  mutation ResendEmailConfirmation {
    resendEmailConfirmation {
      customer { id emailConfirmed pendingEmail }
      userErrors { code message path }
    }
  }
`);

/** Asks to confirm the address of the account, or the one that is to take its place. */
export function AddressBanner() {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const [resend, busy] = useAction(ResendEmailConfirmation);
  const customer = data?.viewer?.customer;
  const waiting = customer?.pendingEmail ?? (customer?.emailConfirmed === false ? customer.email : null);
  if (!customer || !waiting) return null;
  const send = async () => {
    const { payload, userErrors } = await resend({});
    toastErrors(userErrors, t('errors.title'));
    if (payload && userErrors.length === 0) notifications.show({ color: 'teal', message: t('address.resent') });
  };
  return (
    <Alert color="yellow" variant="light" radius={0} py="xs" icon={<IconMailExclamation size={18} />} role="status">
      <Text size="sm">
        {customer.pendingEmail
          ? t('address.confirmNew', { email: waiting, old: customer.email ?? '' })
          : t('address.confirm', { email: waiting })}
      </Text>
      <Group gap="md" mt={4}>
        <Anchor component="button" type="button" size="sm" fw={600} disabled={busy} onClick={() => void send()}>
          {t('address.resend')}
        </Anchor>
        <AnchorLink to="/settings" size="sm" fw={600}>
          {t('address.change')}
        </AnchorLink>
      </Group>
    </Alert>
  );
}
