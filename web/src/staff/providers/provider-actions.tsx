import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconPlayerPause, IconPlayerPlay, IconPlugConnected } from '@tabler/icons-react';
import { type Enum, graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { ask } from '../ui/ask';
import { useWords } from '../words';

const PauseProvider = graphql(`
  mutation StaffPauseProvider($input: PauseProviderInput!) {
    pauseProvider(input: $input) {
      provider { id status statusReason }
      userErrors { code message path }
    }
  }
`);

const ResumeProvider = graphql(`
  mutation StaffResumeProvider($input: ResumeProviderInput!) {
    resumeProvider(input: $input) {
      provider { id status statusReason }
      userErrors { code message path }
    }
  }
`);

const ResetCircuit = graphql(`
  mutation StaffResetCircuit($input: ResetProviderCircuitInput!) {
    resetProviderCircuit(input: $input) {
      provider { id health { circuit circuitReason circuitProbeAt } }
      userErrors { code message path }
    }
  }
`);

interface Props {
  readonly provider: { readonly id: string; readonly name: string; readonly status: Enum<'ProviderStatus'> };
  readonly circuit: Enum<'CircuitState'> | undefined;
  readonly onChanged: () => void;
}

export function ProviderActions({ provider, circuit, onChanged }: Props) {
  const t = useWords();
  const [pause] = useAction(PauseProvider);
  const [resume] = useAction(ResumeProvider);
  const [reset] = useAction(ResetCircuit);
  const { id: providerId, name } = provider;
  return (
    <Menu position="bottom-end" width={240} radius="md" shadow="md">
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={t('providers.more')}>
          <IconDots size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {provider.status === 'PAUSED' ? (
          <Menu.Item
            leftSection={<IconPlayerPlay size={18} />}
            onClick={() => void resume({ input: { providerId } }).then(onChanged)}
          >
            {t('providers.resume')}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconPlayerPause size={18} />}
            onClick={() =>
              ask({
                title: t('providers.pauseTitle', { name }),
                body: t('providers.pauseBody'),
                confirm: t('providers.pause'),
                reason: 'required',
                done: t('providers.paused'),
                run: (reason) => pause({ input: { providerId, reason } }),
                onDone: onChanged,
              })
            }
          >
            {t('providers.pause')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconPlugConnected size={18} />}
          disabled={circuit === undefined || circuit === 'CLOSED'}
          onClick={() =>
            ask({
              title: t('providers.resetTitle', { name }),
              body: t('providers.resetBody'),
              confirm: t('providers.resetCircuit'),
              done: t('providers.reset'),
              run: () => reset({ input: { providerId } }),
              onDone: onChanged,
            })
          }
        >
          {t('providers.resetCircuit')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
