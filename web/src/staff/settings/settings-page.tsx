import { Button, Group, SegmentedControl, Stack, useMantineColorScheme } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FactorsCard } from '@/entities/second-factor/factors-card';
import { SessionsCard } from '@/entities/viewer/sessions-card';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '../ui/problems';
import { Section } from '../ui/section';
import { useWords } from '../words';

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
        <FactorsCard />
        <SessionsCard />
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
