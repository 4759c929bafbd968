import { Button, Card, Group, NativeSelect, Skeleton, Stack, TextInput, Title } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type Viewer, ViewerQuery } from '@/entities/viewer/session';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { localeChoices } from '@/shared/i18n/choices';
import { useFollow } from '@/shared/lib/draft';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { TimeZoneSelect } from '@/shared/ui/time-zone-select';

const UpdateProfile = graphql(`
  mutation UpdateProfile($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) {
      customer { id name email emailConfirmed pendingEmail mobile locale timeZone }
      userErrors { code message path }
    }
  }
`);

const FIELDS = ['name', 'email', 'mobile', 'locale', 'timeZone'];

export function ProfileCard() {
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const customer = data?.viewer?.customer;
  if (data?.viewer && !customer) return null;
  return customer ? <ProfileForm customer={customer} /> : <Skeleton height={320} radius="lg" />;
}

function ProfileForm({ customer }: { readonly customer: NonNullable<Viewer['customer']> }) {
  const { t } = useTranslation();
  const [update, busy] = useAction(UpdateProfile);
  const [problems, setProblems] = useState<string[]>([]);
  const stored = {
    name: customer.name,
    email: customer.email ?? '',
    mobile: customer.mobile ?? '',
    locale: customer.locale,
    timeZone: customer.timeZone,
  };
  const form = useForm({ initialValues: stored, validate: { name: isNotEmpty(t('errors.required')) } });
  useFollow(form, stored);
  const submit = form.onSubmit(async (values) => {
    const { payload, userErrors } = await update({
      input: {
        name: values.name.trim(),
        // Only a change is sent: each one mails a link.
        email: values.email.trim() === (customer.email ?? '') && !customer.pendingEmail ? null : values.email.trim(),
        mobile: values.mobile.trim(),
        locale: values.locale,
        timeZone: values.timeZone,
      },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, FIELDS);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    // A new address waits until it is confirmed; the banner says so.
    form.setFieldValue('email', payload.customer?.email ?? '');
    form.resetDirty({ ...values, email: payload.customer?.email ?? '' });
    notifications.show({ message: t('common.saved'), color: 'teal' });
  });
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Title order={2}>{t('settings.profile.title')}</Title>
          <Problems problems={problems} />
          <TextInput label={t('auth.name')} autoComplete="name" {...form.getInputProps('name')} />
          <TextInput
            label={t('auth.email')}
            description={t('settings.profile.emailHint')}
            type="email"
            autoComplete="email"
            {...form.getInputProps('email')}
          />
          <TextInput
            label={t('auth.mobile')}
            description={t('auth.mobileHint')}
            type="tel"
            autoComplete="tel"
            {...form.getInputProps('mobile')}
          />
          <NativeSelect
            label={t('auth.locale')}
            data={localeChoices(customer.locale ?? 'en')}
            {...form.getInputProps('locale')}
          />
          <TimeZoneSelect
            label={t('auth.timeZone')}
            current={customer.timeZone ?? 'UTC'}
            {...form.getInputProps('timeZone')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={!form.isDirty()}>
              {t('common.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
