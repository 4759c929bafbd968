import { Group, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { localeChoices } from '@/shared/i18n/choices';
import { useFormat } from '@/shared/i18n/format';
import { TimeZoneSelect } from '@/shared/ui/time-zone-select';
import { useWords } from '../words';

export interface Contact {
  name: string;
  email: string;
  mobile: string;
  locale: string;
  timeZone: string;
}

export const CONTACT_FIELDS = ['name', 'email', 'mobile', 'locale', 'timeZone', 'externalRef'];

/** What is known of a customer, as the API takes it: blank means none. */
export const contactInput = (values: Contact) => ({
  name: values.name.trim(),
  email: values.email.trim() || null,
  mobile: values.mobile.trim() || null,
  locale: values.locale,
  timeZone: values.timeZone,
});

interface Props {
  readonly form: Pick<UseFormReturnType<Contact>, 'getInputProps' | 'key'>;
}

export function ContactFields({ form }: Props) {
  const t = useWords();
  const { t: common } = useTranslation();
  const format = useFormat();
  return (
    <>
      <TextInput
        label={t('customers.name')}
        required
        data-autofocus
        key={form.key('name')}
        {...form.getInputProps('name')}
      />
      <TextInput
        label={`${t('customers.email')} (${common('common.optional')})`}
        type="email"
        key={form.key('email')}
        {...form.getInputProps('email')}
      />
      <TextInput
        label={`${t('customers.mobile')} (${common('common.optional')})`}
        description={t('customers.mobileHint')}
        type="tel"
        key={form.key('mobile')}
        {...form.getInputProps('mobile')}
      />
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={t('customers.locale')}
          size="md"
          miw={200}
          allowDeselect={false}
          data={localeChoices(format.locale)}
          key={form.key('locale')}
          {...form.getInputProps('locale')}
        />
        <TimeZoneSelect
          label={t('customers.timeZone')}
          miw={200}
          current={format.timeZone}
          key={form.key('timeZone')}
          {...form.getInputProps('timeZone')}
        />
      </Group>
    </>
  );
}
