import { Badge, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconDeviceMobileCode, IconLifebuoy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { QueryState } from '@/shared/ui/states';
import { Line } from './line';
import { PasskeysList } from './passkeys-list';
import { RecoveryCodes } from './recovery-codes';
import { TotpSetup } from './totp-setup';

const SecondFactorQuery = graphql(`
  query SecondFactor {
    viewer {
      secondFactor {
        enabled
        required
        recoveryCodesLeft
        passkeysAvailable
        passkeys { id name createdAt lastUsedAt }
        totp { createdAt lastUsedAt }
      }
    }
  }
`);

const RemoveTotp = graphql(`
  mutation RemoveTotp {
    removeTotp {
      secondFactor { enabled }
      userErrors { code message path }
    }
  }
`);

const RenewRecoveryCodes = graphql(`
  mutation RenewRecoveryCodes {
    renewRecoveryCodes {
      recoveryCodes
      userErrors { code message path }
    }
  }
`);

/** The second step of one's own sign-in: what is set up, and how to change it. */
export function FactorsCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const [result, execute] = useQuery({ query: SecondFactorQuery });
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const [remove] = useAction(RemoveTotp);
  const [renew] = useAction(RenewRecoveryCodes);
  const day = (instant: string) => format.instant(instant, { dateStyle: 'medium' });

  const add = () => {
    const id = modals.open({
      title: t('security.setup.title'),
      closeOnClickOutside: false,
      children: (
        <TotpSetup
          onDone={() => {
            modals.close(id);
            notifications.show({ color: 'teal', message: t('security.setup.done') });
          }}
        />
      ),
      onClose: refresh,
    });
  };
  const removeApp = () =>
    modals.openConfirmModal({
      title: t('security.factors.removeTitle'),
      children: <Text size="sm">{t('security.factors.removeBody')}</Text>,
      labels: { confirm: t('security.factors.removeApp'), cancel: t('common.cancel') },
      confirmProps: { color: 'coral' },
      onConfirm: () => {
        void remove({}).then(({ payload, userErrors }) => {
          toastErrors(userErrors, t('errors.title'));
          if (payload?.secondFactor) {
            notifications.show({ color: 'teal', message: t('security.factors.removed') });
          }
          refresh();
        });
      },
    });
  const newCodes = () =>
    modals.openConfirmModal({
      title: t('security.factors.renewTitle'),
      children: <Text size="sm">{t('security.factors.renewBody')}</Text>,
      labels: { confirm: t('security.factors.renew'), cancel: t('common.cancel') },
      onConfirm: () => {
        void renew({}).then(({ payload, userErrors }) => {
          toastErrors(userErrors, t('errors.title'));
          if (!payload?.recoveryCodes) return;
          const id = modals.open({
            title: t('security.codes.title'),
            closeOnClickOutside: false,
            children: <RecoveryCodes codes={payload.recoveryCodes} onSaved={() => modals.close(id)} />,
            onClose: refresh,
          });
        });
      },
    });

  return (
    <Card>
      <QueryState
        result={result}
        data={result.data?.viewer?.secondFactor}
        skeleton={<Skeleton height={150} />}
        onRetry={refresh}
      >
        {({ enabled, required, totp, recoveryCodesLeft, passkeys, passkeysAvailable }) => (
          <Stack>
            <Group justify="space-between">
              <Title order={2}>{t('security.factors.title')}</Title>
              <Badge variant="light" tt="none" color={enabled ? 'teal' : 'gray'}>
                {enabled ? t('security.factors.on') : t('security.factors.off')}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {t('security.factors.lead')} {required ? t('security.factors.required') : null}
            </Text>
            <Line
              icon={<IconDeviceMobileCode size={20} />}
              title={t('security.factors.app')}
              lead={
                totp
                  ? totp.lastUsedAt
                    ? t('security.factors.appUsed', {
                        since: day(totp.createdAt),
                        used: format.relative(totp.lastUsedAt),
                      })
                    : t('security.factors.appSince', { since: day(totp.createdAt) })
                  : t('security.factors.appNone')
              }
              action={
                totp ? (
                  <Button size="compact-sm" variant="subtle" color="coral" onClick={removeApp}>
                    {t('security.factors.removeApp')}
                  </Button>
                ) : (
                  <Button size="compact-sm" variant="light" onClick={add}>
                    {t('security.factors.addApp')}
                  </Button>
                )
              }
            />
            <PasskeysList available={passkeysAvailable} passkeys={passkeys} onChanged={refresh} />
            {enabled ? (
              <Line
                icon={<IconLifebuoy size={20} />}
                title={t('security.factors.codes')}
                lead={`${t('security.factors.codesLeft', { count: recoveryCodesLeft })}. ${t('security.factors.codesHint')}`}
                action={
                  <Button size="compact-sm" variant="subtle" onClick={newCodes}>
                    {t('security.factors.renew')}
                  </Button>
                }
              />
            ) : null}
          </Stack>
        )}
      </QueryState>
    </Card>
  );
}
