import { Button, Card, Group, Stack, Title } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MIN_PASSWORD } from '@/features/auth/sign-up-page';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '@/shared/ui/problems';

const ChangePassword = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) { ok userErrors { code message path } }
  }
`);

export function PasswordCard() {
  const { t } = useTranslation();
  const [change, busy] = useAction(ChangePassword);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    initialValues: { currentPassword: '', newPassword: '' },
    validate: {
      currentPassword: isNotEmpty(t('errors.required')),
      newPassword: (value) => ([...value].length < MIN_PASSWORD ? t('errors.tooShort', { min: MIN_PASSWORD }) : null),
    },
  });
  const submit = form.onSubmit(async (input) => {
    const { payload, userErrors } = await change({ input });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, ['currentPassword', 'newPassword']);
    setProblems(rest);
    if (userErrors.length > 0) {
      form.setErrors(fields);
      return;
    }
    form.reset();
    notifications.show({ message: t('settings.password.changed'), color: 'teal' });
  });
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2}>{t('settings.password.title')}</Title>
          <Problems problems={problems} />
          <PasswordInput
            label={t('settings.password.current')}
            autoComplete="current-password"
            {...form.getInputProps('currentPassword')}
          />
          <PasswordInput
            label={t('settings.password.next')}
            description={t('auth.passwordHint', { min: MIN_PASSWORD })}
            autoComplete="new-password"
            {...form.getInputProps('newPassword')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={busy}>
              {t('settings.password.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
