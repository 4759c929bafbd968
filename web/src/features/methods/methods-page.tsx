import { ActionIcon, Badge, Button, Card, Divider, Group, Loader, Menu, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconCheck,
  IconCreditCard,
  IconDots,
  IconPencil,
  IconPlus,
  IconShieldCheck,
  IconStar,
  IconTrash,
} from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Fragment, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type Method, MethodFragment, PaymentMethodsQuery } from '@/entities/method/method-fragment';
import { MethodIcon, MethodWords } from '@/entities/method/method-line';
import { methodTitle } from '@/entities/method/method-title';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { EmptyState, QueryState, RowsSkeleton } from '@/shared/ui/states';
import { openAddMethod } from './add-method';
import { openRename } from './rename-method';

const CompleteSetup = graphql(
  `
    mutation CompletePaymentMethodSetup($input: CompletePaymentMethodSetupInput!) {
      completePaymentMethodSetup(input: $input) {
        paymentMethod { id ...Method }
        userErrors { code message path }
      }
    }
  `,
  [MethodFragment],
);

const SetDefault = graphql(`
  mutation SetDefaultPaymentMethod($input: SetDefaultPaymentMethodInput!) {
    setDefaultPaymentMethod(input: $input) {
      paymentMethod { id isDefault }
      userErrors { code message path }
    }
  }
`);

const RemoveMethod = graphql(`
  mutation RemovePaymentMethod($input: RemovePaymentMethodInput!) {
    removePaymentMethod(input: $input) {
      paymentMethod { id status isDefault }
      userErrors { code message path }
    }
  }
`);

const route = getRouteApi('/signed-in/portal/settings/payments');

export function MethodsPage() {
  const { t } = useTranslation();
  const [result, execute] = useQuery({ query: PaymentMethodsQuery });
  const methods = result.data ? readFragment(MethodFragment, result.data.paymentMethods) : undefined;
  const refresh = () => execute({ requestPolicy: 'network-only' });
  useReturned(methods, refresh);
  const add = () => openAddMethod(t('methods.add'), refresh);
  return (
    <Page
      up="/settings"
      title={t('methods.title')}
      subtitle={t('methods.lead')}
      width={720}
      wrapActions
      actions={
        methods && methods.length > 0 ? (
          <Button size="sm" leftSection={<IconPlus size={18} />} onClick={add}>
            {t('common.add')}
          </Button>
        ) : null
      }
    >
      <QueryState result={result} data={methods} skeleton={<RowsSkeleton rows={3} />} onRetry={refresh}>
        {(loaded) =>
          loaded.length === 0 ? (
            <EmptyState
              icon={<IconCreditCard size={32} />}
              title={t('methods.emptyTitle')}
              action={
                <Button leftSection={<IconPlus size={18} />} onClick={add}>
                  {t('methods.add')}
                </Button>
              }
            >
              {t('methods.empty')}
            </EmptyState>
          ) : (
            <Card padding={0}>
              {loaded.map((method, position) => (
                <Fragment key={method.id}>
                  {position > 0 ? <Divider /> : null}
                  <MethodRow method={method} onChanged={refresh} />
                </Fragment>
              ))}
            </Card>
          )
        }
      </QueryState>
    </Page>
  );
}

/** Back from the gateway's page: it is asked at once instead of waiting for its word. */
function useReturned(methods: readonly Method[] | undefined, refresh: () => void): void {
  const { returned } = route.useSearch();
  const navigate = useNavigate({ from: '/settings/payments' });
  const [complete] = useAction(CompleteSetup);
  const begun = useRef(false);
  useEffect(() => {
    if (!returned || !methods || begun.current) return;
    begun.current = true;
    const open = methods.filter(({ status }) => status === 'CHECKING' || status === 'REQUIRES_ACTION');
    void Promise.all(open.map(({ id }) => complete({ input: { id } }))).then(() => {
      refresh();
      void navigate({ search: {}, replace: true });
    });
  }, [returned, methods, complete, navigate, refresh]);
}

function MethodRow({ method, onChanged }: { readonly method: Method; readonly onChanged: () => void }) {
  const { t } = useTranslation();
  const [setDefault] = useAction(SetDefault);
  const [remove] = useAction(RemoveMethod);
  const [complete, completing] = useAction(CompleteSetup);
  const { id, status } = method;
  const name = method.label ?? methodTitle(method, t);
  const askRemove = () =>
    modals.openConfirmModal({
      title: t('methods.removeTitle', { name }),
      children: <Text size="sm">{t('methods.removeBody')}</Text>,
      labels: { confirm: t('common.remove'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: async () => {
        const { userErrors } = await remove({ input: { id } });
        toastErrors(userErrors, t('errors.title'));
        onChanged();
      },
    });
  const makeDefault = async () => {
    const { userErrors } = await setDefault({ input: { id } });
    toastErrors(userErrors, t('errors.title'));
    onChanged();
  };
  return (
    <Group wrap="nowrap" gap="sm" p="md" align="flex-start">
      <MethodIcon kind={method.kind} />
      <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
        <MethodWords method={method} />
        <Group gap={6} role="status">
          <MethodState method={method} />
        </Group>
        {status === 'FAILED' ? <Text size="sm">{t(`methods.failure.${method.failure ?? 'REFUSED'}`)}</Text> : null}
        {status === 'REQUIRES_ACTION' && method.actionUrl ? (
          <Button
            component="a"
            href={method.actionUrl}
            size="compact-md"
            variant="light"
            leftSection={<IconShieldCheck size={16} />}
            style={{ alignSelf: 'flex-start' }}
          >
            {t('methods.confirm')}
          </Button>
        ) : null}
      </Stack>
      <Menu position="bottom-end" width={210} radius="md" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('methods.actions', { name })}>
            <IconDots size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {status === 'READY' && !method.isDefault ? (
            <Menu.Item leftSection={<IconStar size={18} />} onClick={() => void makeDefault()}>
              {t('methods.makeDefault')}
            </Menu.Item>
          ) : null}
          {status === 'CHECKING' || status === 'REQUIRES_ACTION' ? (
            <Menu.Item
              leftSection={<IconCheck size={18} />}
              disabled={completing}
              onClick={() => void complete({ input: { id } })}
            >
              {t('methods.askNow')}
            </Menu.Item>
          ) : null}
          <Menu.Item
            leftSection={<IconPencil size={18} />}
            onClick={() => openRename(t('methods.rename'), method, onChanged)}
          >
            {t('methods.rename')}
          </Menu.Item>
          <Menu.Item color="coral" leftSection={<IconTrash size={18} />} onClick={askRemove}>
            {t('common.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

const colors = {
  CHECKING: 'tide',
  REQUIRES_ACTION: 'orange',
  READY: 'teal',
  FAILED: 'coral',
  REMOVED: 'gray',
} as const;

function MethodState({ method: { status, isDefault } }: { readonly method: Method }) {
  const { t } = useTranslation();
  return (
    <>
      <Badge
        variant="light"
        color={colors[status] ?? 'gray'}
        leftSection={status === 'CHECKING' ? <Loader size={11} color="currentColor" /> : undefined}
      >
        {t(`enums.methodStatus.${status}`)}
      </Badge>
      {isDefault ? (
        <Badge variant="light" color="gray">
          {t('methods.default')}
        </Badge>
      ) : null}
    </>
  );
}
