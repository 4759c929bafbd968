import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconMail } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink } from '@/shared/ui/links';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';

const InvitationsQuery = graphql(`
  query Invitations {
    propertyInvitations(first: 100) {
      nodes { id propertyName invitedBy role expiresAt }
    }
  }
`);

const AcceptInvitation = graphql(`
  mutation AcceptPropertyInvitation($input: AcceptPropertyInvitationInput!) {
    acceptPropertyInvitation(input: $input) {
      property { id }
      userErrors { code message path }
    }
  }
`);

const DeclineInvitation = graphql(`
  mutation DeclinePropertyInvitation($input: DeclinePropertyInvitationInput!) {
    declinePropertyInvitation(input: $input) {
      invitation { id status }
      userErrors { code message path }
    }
  }
`);

type Invitation = ResultOf<typeof InvitationsQuery>['propertyInvitations']['nodes'][number];

/** The homes that others want to share with the person who is signed in. */
export function InvitationsPage() {
  const { t } = useTranslation();
  const [result, execute] = useQuery({ query: InvitationsQuery, requestPolicy: 'cache-and-network' });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  return (
    <Page up="/accounts" title={t('accounts.invitations.title')} subtitle={t('accounts.invitations.lead')} width={640}>
      <QueryState
        result={result}
        data={result.data}
        onRetry={refresh}
        skeleton={<RowsSkeleton rows={2} height={150} />}
      >
        {({ propertyInvitations: { nodes } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={<IconMail size={32} />} title={t('accounts.invitations.emptyTitle')}>
              {t('accounts.invitations.empty')}
            </EmptyState>
          ) : (
            <Stack>
              {nodes.map((invitation) => (
                <InvitationCard key={invitation.id} invitation={invitation} onAnswered={refresh} />
              ))}
            </Stack>
          )
        }
      </QueryState>
    </Page>
  );
}

function InvitationCard({
  invitation,
  onAnswered,
}: {
  readonly invitation: Invitation;
  readonly onAnswered: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const [accept, accepting] = useAction(AcceptInvitation);
  const [decline, declining] = useAction(DeclineInvitation);
  const input = { invitationId: invitation.id };
  const say = (message: string) => notifications.show({ color: 'teal', message });
  const onAccept = async () => {
    const { payload, userErrors } = await accept({ input });
    toastErrors(userErrors, t('errors.title'));
    if (payload?.property && userErrors.length === 0) {
      say(t('accounts.invitations.accepted'));
      void navigate({ to: '/homes/$homeId', params: { homeId: payload.property.id } });
    } else onAnswered();
  };
  const onDecline = async () => {
    const { payload, userErrors } = await decline({ input });
    toastErrors(userErrors, t('errors.title'));
    if (payload && userErrors.length === 0) say(t('accounts.invitations.declined'));
    onAnswered();
  };
  return (
    <Card>
      <Stack gap="xs">
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {invitation.invitedBy
            ? t('accounts.invitations.by', { by: invitation.invitedBy })
            : t('accounts.invitations.byStaff')}
        </Title>
        {invitation.propertyName ? (
          <Text>{t('accounts.invitations.home', { home: invitation.propertyName })}</Text>
        ) : null}
        <Text size="sm">
          {t('accounts.invitations.role', { role: t(`accounts.home.roleHint.${invitation.role}`) })}
        </Text>
        <Text size="sm" c="dimmed">
          {t('accounts.invitations.until', { day: format.instant(invitation.expiresAt, { dateStyle: 'medium' }) })}
        </Text>
        <Group mt="xs" gap="sm">
          <Button loading={accepting} disabled={declining} onClick={() => void onAccept()}>
            {t('accounts.invitations.accept')}
          </Button>
          <Button variant="default" loading={declining} disabled={accepting} onClick={() => void onDecline()}>
            {t('accounts.invitations.decline')}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

const WaitingQuery = graphql(`
  query WaitingInvitations {
    propertyInvitations(first: 100) {
      nodes { id }
    }
  }
`);

/** Says on the page of homes that invitations wait. */
export function WaitingInvitations() {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: WaitingQuery, requestPolicy: 'cache-and-network' });
  const count = data?.propertyInvitations.nodes.length ?? 0;
  if (count === 0) return null;
  return (
    <Card mb="lg">
      <Group gap="sm" wrap="nowrap">
        <IconMail size={22} aria-hidden="true" />
        <AnchorLink to="/invitations" fw={600}>
          {t('accounts.invitations.waiting', { count })}
        </AnchorLink>
      </Group>
    </Card>
  );
}
