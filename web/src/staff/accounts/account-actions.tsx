import { ActionIcon, Menu, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCircleX, IconDots, IconEye, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useAccountStatusActions } from '@/entities/account/account-status-actions';
import { type Enum, graphql } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { ask } from '../ui/ask';
import { CodeBlock } from '../ui/code';
import { useWords } from '../words';

const RevealParams = graphql(`
  mutation StaffRevealParams($input: RevealUtilityAccountParamsInput!) {
    revealUtilityAccountParams(input: $input) {
      params { name label value }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly account: { readonly id: string; readonly status: Enum<'AccountStatus'> };
}

export function AccountActions({ account }: Props) {
  const t = useWords();
  const { pause, resume, close } = useAccountStatusActions(account.id);
  const [reveal] = useAction(RevealParams);
  const show = async () => {
    const { payload, userErrors } = await reveal({ input: { utilityAccountId: account.id } });
    toastErrors(userErrors, t('accounts.reveal'));
    if (!payload) return;
    modals.open({
      title: t('accounts.reveal'),
      children: (
        <Stack>
          <Text size="sm" c="dimmed">
            {t('accounts.revealHint')}
          </Text>
          {payload.params.map(({ name, label, value }) => (
            <CodeBlock key={name} label={label} text={value ?? t('none')} />
          ))}
        </Stack>
      ),
    });
  };
  const resumeNow = async () => {
    const { userErrors } = await resume();
    toastErrors(userErrors, t('accounts.resume'));
  };
  return (
    <Menu position="bottom-end" width={220} radius="md" shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('accounts.more')}>
          <IconDots size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconEye size={18} />} onClick={() => void show()}>
          {t('accounts.reveal')}
        </Menu.Item>
        {account.status === 'PAUSED' ? (
          <Menu.Item leftSection={<IconPlayerPlay size={18} />} onClick={() => void resumeNow()}>
            {t('accounts.resume')}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPause size={18} />}
            onClick={() =>
              ask({
                title: t('accounts.pauseTitle'),
                body: t('accounts.pauseBody'),
                confirm: t('accounts.pause'),
                done: t('accounts.changed'),
                run: pause,
              })
            }
          >
            {t('accounts.pause')}
          </Menu.Item>
        )}
        <Menu.Item
          color="coral"
          leftSection={<IconCircleX size={18} />}
          onClick={() =>
            ask({
              title: t('accounts.closeTitle'),
              body: t('accounts.closeBody'),
              confirm: t('accounts.close'),
              danger: true,
              done: t('accounts.changed'),
              run: close,
            })
          }
        >
          {t('accounts.close')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
