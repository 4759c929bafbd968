import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconEdit } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { type FragmentOf, graphql, type ResultOf, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { Amount } from '@/shared/ui/amount';
import { Fact } from '@/shared/ui/fact';
import { useAction } from '@/shared/ui/mutation';
import { DialogButtons } from '../ui/dialog-buttons';
import { Problems } from '../ui/problems';
import { Section } from '../ui/section';
import { useWords } from '../words';
import { CONTACT_FIELDS, ContactFields, contactInput } from './contact-fields';

export const ProfileFragment = graphql(`
  fragment StaffProfile on Customer {
    id
    name
    email
    emailConfirmed
    pendingEmail
    mobile
    locale
    timeZone
    externalRef
    hasSignIn
    createdAt
    summary {
      due { amountMinor currency }
      overdueCount
      openCount
      nextDueOn
    }
  }
`);

const UpdateCustomer = graphql(
  `
    mutation StaffUpdateCustomer($input: UpdateCustomerInput!) {
      updateCustomer(input: $input) {
        customer { id ...StaffProfile }
        userErrors { code message path }
      }
    }
  `,
  [ProfileFragment],
);

type Profile = ResultOf<typeof ProfileFragment>;

export function ProfileCard({ customer: masked }: { readonly customer: FragmentOf<typeof ProfileFragment> }) {
  const customer = readFragment(ProfileFragment, masked);
  const t = useWords();
  const format = useFormat();
  const { summary } = customer;
  const edit = () => {
    const id = modals.open({
      title: t('customers.profile'),
      children: <ProfileForm customer={customer} onClose={() => modals.close(id)} />,
    });
  };
  return (
    <Section
      title={t('customers.profile')}
      actions={
        <Button size="xs" variant="default" leftSection={<IconEdit size={15} />} onClick={edit}>
          {t('customers.edit')}
        </Button>
      }
    >
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 4 }} spacing="md" m={0}>
        <Fact label={t('customers.owed')}>
          {summary.due.length === 0
            ? t('customers.nothingOwed')
            : summary.due.map((money) => <Amount key={money.currency} money={money} fw={700} display="block" />)}
          {summary.openCount > 0 ? (
            <Text span size="xs" c={summary.overdueCount > 0 ? 'coral' : 'dimmed'} display="block">
              {[
                t('customers.open', { count: summary.openCount }),
                summary.overdueCount > 0 ? t('customers.overdue', { count: summary.overdueCount }) : undefined,
              ]
                .filter(Boolean)
                .join(', ')}
            </Text>
          ) : null}
        </Fact>
        <Fact label={t('customers.nextDue')}>{summary.nextDueOn ? format.day(summary.nextDueOn) : t('none')}</Fact>
        <Fact label={t('customers.email')}>
          {customer.email ?? t('none')}
          {customer.email && (customer.pendingEmail || !customer.emailConfirmed) ? (
            <Text span size="xs" c="dimmed" display="block">
              {customer.pendingEmail
                ? t('customers.pendingEmail', { email: customer.pendingEmail })
                : t('customers.unconfirmed')}
            </Text>
          ) : null}
        </Fact>
        <Fact label={t('customers.mobile')}>{customer.mobile ?? t('none')}</Fact>
        <Fact label={t('customers.locale')}>{customer.locale}</Fact>
        <Fact label={t('customers.timeZone')}>{customer.timeZone}</Fact>
        <Fact label={t('customers.externalRef')}>{customer.externalRef ?? t('none')}</Fact>
        <Fact label={t('customers.since')}>
          {customer.createdAt ? format.instant(customer.createdAt, { dateStyle: 'medium' }) : null}
          <Text span size="xs" c="dimmed" display="block">
            {customer.hasSignIn ? t('customers.canSignIn') : t('customers.cannotSignIn')}
          </Text>
        </Fact>
      </SimpleGrid>
    </Section>
  );
}

function ProfileForm({ customer, onClose }: { readonly customer: Profile; readonly onClose: () => void }) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [update, busy] = useAction(UpdateCustomer);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      name: customer.name,
      email: customer.email ?? '',
      mobile: customer.mobile ?? '',
      locale: customer.locale ?? 'en',
      timeZone: customer.timeZone ?? 'UTC',
    },
    validate: { name: isNotEmpty(common('errors.required')) },
  });
  const submit = form.onSubmit(async (values) => {
    const { payload, userErrors } = await update({ input: { customerId: customer.id, ...contactInput(values) } });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, CONTACT_FIELDS);
    form.setErrors(fields);
    setProblems(rest);
    if (userErrors.length > 0) return;
    onClose();
    notifications.show({ color: 'teal', message: t('customers.saved') });
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <ContactFields form={form as unknown as Parameters<typeof ContactFields>[0]['form']} />
        <DialogButtons onClose={onClose} busy={busy}>
          {common('common.save')}
        </DialogButtons>
      </Stack>
    </form>
  );
}
