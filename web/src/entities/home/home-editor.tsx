import { Button, Group, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors } from '@/shared/graphql/errors';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { TimeZoneSelect } from '@/shared/ui/time-zone-select';

export const EditableHomeFragment = graphql(`
  fragment EditableHome on Property @_unmask {
    id
    name
    address
    city
    postalCode
    country
    timeZone
  }
`);

export type EditableHome = ResultOf<typeof EditableHomeFragment>;

const AddProperty = graphql(
  `
    mutation AddProperty($input: AddPropertyInput!) {
      addProperty(input: $input) {
        property { ...EditableHome }
        userErrors { code message path }
      }
    }
  `,
  [EditableHomeFragment],
);

const UpdateProperty = graphql(
  `
    mutation UpdateProperty($input: UpdatePropertyInput!) {
      updateProperty(input: $input) {
        property { ...EditableHome }
        userErrors { code message path }
      }
    }
  `,
  [EditableHomeFragment],
);

const FIELDS = ['name', 'address', 'city', 'postalCode', 'country', 'timeZone'];

/** Opens the form for a home, new or known, and calls `onSaved` with what was stored. Staff adds homes for a customer. */
export function useHomeEditor(
  onSaved: (home: EditableHome) => void,
  customerId?: string,
): (home?: EditableHome) => void {
  const { t } = useTranslation();
  return useCallback(
    (home?: EditableHome) => {
      const modalId = modals.open({
        title: home ? t('accounts.home.edit') : t('accounts.home.add'),
        children: (
          <HomeForm
            home={home}
            customerId={customerId}
            onCancel={() => modals.close(modalId)}
            onSaved={(saved) => {
              modals.close(modalId);
              onSaved(saved);
            }}
          />
        ),
      });
    },
    [t, onSaved, customerId],
  );
}

interface Props {
  readonly home: EditableHome | undefined;
  readonly customerId: string | undefined;
  readonly onSaved: (home: EditableHome) => void;
  readonly onCancel: () => void;
}

function HomeForm({ home, customerId, onSaved, onCancel }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [add, adding] = useAction(AddProperty);
  const [update, updating] = useAction(UpdateProperty);
  const [problems, setProblems] = useState<string[]>([]);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      name: home?.name ?? '',
      address: home?.address ?? '',
      postalCode: home?.postalCode ?? '',
      city: home?.city ?? '',
      country: home?.country ?? '',
      timeZone: home?.timeZone ?? format.timeZone,
    },
    validate: {
      name: isNotEmpty(t('errors.required')),
      country: (value) => (value === '' || /^[A-Za-z]{2}$/.test(value) ? null : t('errors.pattern')),
    },
  });
  const submit = form.onSubmit(async (values) => {
    const input = {
      name: values.name.trim(),
      address: values.address.trim() || null,
      postalCode: values.postalCode.trim() || null,
      city: values.city.trim() || null,
      country: values.country.trim().toUpperCase() || null,
      timeZone: values.timeZone,
    };
    const { payload, userErrors } = home
      ? await update({ input: { ...input, propertyId: home.id } })
      : await add({ input: customerId ? { ...input, customerId } : input });
    if (!payload) return;
    const { fields, rest } = fieldErrors(userErrors, FIELDS);
    form.setErrors(fields);
    setProblems(rest);
    if (payload.property && userErrors.length === 0) onSaved(payload.property);
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <TextInput
          label={t('accounts.home.name')}
          placeholder={t('accounts.home.namePlaceholder')}
          required
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('accounts.home.address')}
          autoComplete="street-address"
          key={form.key('address')}
          {...form.getInputProps('address')}
        />
        <Group grow wrap="nowrap" align="flex-start">
          <TextInput
            label={t('accounts.home.postalCode')}
            autoComplete="postal-code"
            key={form.key('postalCode')}
            {...form.getInputProps('postalCode')}
          />
          <TextInput
            label={t('accounts.home.city')}
            autoComplete="address-level2"
            key={form.key('city')}
            {...form.getInputProps('city')}
          />
        </Group>
        <Group grow wrap="nowrap" align="flex-start">
          <TextInput
            label={t('accounts.home.country')}
            placeholder="DE"
            maxLength={2}
            autoComplete="country"
            key={form.key('country')}
            {...form.getInputProps('country')}
          />
          <TimeZoneSelect
            label={t('accounts.home.timeZone')}
            current={format.timeZone}
            key={form.key('timeZone')}
            {...form.getInputProps('timeZone')}
          />
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={adding || updating}>
            {t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
