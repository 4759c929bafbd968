import {
  Badge,
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  useMantineColorScheme,
} from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { Problems } from '../ui/problems';
import { Section } from '../ui/section';
import { useWords } from '../words';

const SessionsQuery = graphql(`
  query StaffSessions {
    viewer {
      sessions { id userAgent lastSeenAt current }
    }
  }
`);

const RevokeSession = graphql(`
  mutation StaffRevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      ok
      userErrors { code message path }
    }
  }
`);

const ChangePassword = graphql(`
  mutation StaffChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      ok
      userErrors { code message path }
    }
  }
`);

export function SettingsPage() {
  const t = useWords();
  return (
    <Page title={t('settings.title')} width={720}>
      <Stack gap="lg">
        <Appearance />
        <Password />
        <Sessions />
      </Stack>
    </Page>
  );
}

function Appearance() {
  const t = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t('settings.appearance')}>
      <SegmentedControl
        aria-label={t('settings.appearance')}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
        data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
      />
    </Section>
  );
}

function Password() {
  const t = useWords();
  const { t: common } = useTranslation();
  const [change, busy] = useAction(ChangePassword);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { currentPassword: '', newPassword: '' },
    validate: {
      currentPassword: isNotEmpty(common('errors.required')),
      newPassword: isNotEmpty(common('errors.required')),
    },
  });
  const submit = form.onSubmit(async (input) => {
    const { payload, userErrors } = await change({ input });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['currentPassword', 'newPassword']);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    form.reset();
    notifications.show({ color: 'teal', message: t('settings.changed') });
  });
  return (
    <Section title={t('settings.password')}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Problems problems={problems} />
          <PasswordInput
            label={t('settings.current')}
            autoComplete="current-password"
            key={form.key('currentPassword')}
            {...form.getInputProps('currentPassword')}
          />
          <PasswordInput
            label={t('settings.next')}
            description={t('settings.nextHint')}
            autoComplete="new-password"
            key={form.key('newPassword')}
            {...form.getInputProps('newPassword')}
          />
          <Group justify="flex-end">
            <Button type="submit" size="sm" loading={busy}>
              {t('settings.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Sessions() {
  const t = useWords();
  const format = useFormat();
  const [result, execute] = useQuery({ query: SessionsQuery });
  const [revoke, busy] = useAction(RevokeSession);
  const refresh = () => execute({ requestPolicy: 'network-only' });
  const end = async (sessionId: string) => {
    const { payload, userErrors } = await revoke({ input: { sessionId } });
    toastErrors(userErrors, t('settings.sessions'));
    if (payload?.ok) {
      notifications.show({ color: 'teal', message: t('settings.revoked') });
      refresh();
    }
  };
  return (
    <Section title={t('settings.sessions')}>
      <QueryState
        result={result}
        data={result.data?.viewer?.sessions}
        onRetry={refresh}
        skeleton={<RowsSkeleton rows={2} height={44} />}
      >
        {(sessions) => (
          <Stack gap="md">
            {sessions.map((session) => (
              <Group key={session.id} justify="space-between" wrap="nowrap">
                <Stack gap={0} style={{ minWidth: 0 }}>
                  <Text size="sm" truncate>
                    {session.userAgent ?? t('settings.unknownDevice')}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {t('settings.lastSeen', { when: format.relative(session.lastSeenAt) })}
                  </Text>
                </Stack>
                {session.current ? (
                  <Badge variant="light" tt="none" style={{ flexShrink: 0 }}>
                    {t('settings.thisDevice')}
                  </Badge>
                ) : (
                  <Button
                    size="xs"
                    variant="default"
                    loading={busy}
                    onClick={() => void end(session.id)}
                    style={{ flexShrink: 0 }}
                  >
                    {t('settings.signOut')}
                  </Button>
                )}
              </Group>
            ))}
          </Stack>
        )}
      </QueryState>
    </Section>
  );
}
