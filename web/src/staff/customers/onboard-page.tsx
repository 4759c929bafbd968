import { Button, Card, Group, Stack, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { AnchorLink, ButtonLink } from '@/shared/ui/links';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { Problems } from '../ui/problems';
import { showOnce } from '../ui/secret-once';
import { useWords } from '../words';
import { CONTACT_FIELDS, ContactFields, contactInput } from './contact-fields';

const OnboardCustomer = graphql(`
  mutation StaffOnboardCustomer($input: OnboardCustomerInput!) {
    onboardCustomer(input: $input) {
      customer { id name }
      invitationLink
      userErrors { code message path relatedId }
    }
  }
`);

export function OnboardPage() {
  const t = useWords();
  const { t: common } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const [onboard, busy] = useAction(OnboardCustomer);
  const [problems, setProblems] = useState<string[]>([]);
  const [known, setKnown] = useState<string>();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      name: '',
      email: '',
      mobile: '',
      locale: format.locale,
      timeZone: format.timeZone,
      externalRef: '',
    },
    validate: { name: isNotEmpty(common('errors.required')) },
  });
  const submit = form.onSubmit(async (values) => {
    const { payload, userErrors } = await onboard({
      input: { ...contactInput(values), externalRef: values.externalRef.trim() || null },
    });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, CONTACT_FIELDS);
    form.setErrors(fields);
    setProblems(rest);
    setKnown(userErrors.find(({ relatedId }) => relatedId?.startsWith('cust_'))?.relatedId ?? undefined);
    if (!payload.customer || userErrors.length > 0) return;
    const { id, name } = payload.customer;
    void navigate({ to: '/staff/customers/$customerId', params: { customerId: id } });
    if (payload.invitationLink) {
      showOnce(t('customers.invitation', { name }), {
        label: t('customers.invitationLabel'),
        hint: t('customers.invitationHint'),
        value: payload.invitationLink,
      });
    }
  });
  return (
    <Page up="/staff/customers" title={t('customers.onboardTitle')} width={640}>
      <Card padding="lg">
        <form onSubmit={submit} noValidate>
          <Stack>
            <Text size="sm" c="dimmed">
              {t('customers.onboardLead')}
            </Text>
            <Problems problems={problems} />
            {known ? (
              <AnchorLink to="/staff/customers/$customerId" params={{ customerId: known }} size="sm" fw={600}>
                {t('customers.known')}
              </AnchorLink>
            ) : null}
            <ContactFields form={form as unknown as Parameters<typeof ContactFields>[0]['form']} />
            <TextInput
              label={`${t('customers.externalRef')} (${common('common.optional')})`}
              description={t('customers.externalRefHint')}
              key={form.key('externalRef')}
              {...form.getInputProps('externalRef')}
            />
            <Group justify="flex-end">
              <ButtonLink to="/staff/customers" variant="default" size="sm">
                {common('common.cancel')}
              </ButtonLink>
              <Button type="submit" size="sm" loading={busy}>
                {t('customers.onboardSubmit')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
    </Page>
  );
}
