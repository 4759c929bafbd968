import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldErrors, type UserError } from '@/shared/graphql/errors';
import type { Enum } from '@/shared/graphql/graphql';
import { useFollow } from '@/shared/lib/draft';
import { PasswordInput } from '@/shared/ui/password-input';
import { Problems } from '../ui/problems';
import { useWords } from '../words';
import type { Gateway } from './gateway-fragment';

export interface GatewayValues {
  code: string;
  name: string;
  adapter: Enum<'GatewayAdapter'>;
  rank: number;
  currencies: string[];
  kinds: Enum<'MethodKind'>[];
  baseUrl: string;
  timeoutMs: number;
  searches: boolean;
  secretKey: string;
  webhookSecret: string;
}

const fresh: GatewayValues = {
  code: '',
  name: '',
  adapter: 'STRIPE',
  rank: 100,
  currencies: [],
  kinds: ['CARD', 'DIRECT_DEBIT'],
  baseUrl: 'https://api.stripe.com',
  timeoutMs: 20_000,
  searches: true,
  secretKey: '',
  webhookSecret: '',
};

/** What is sent of the secrets: only those that were written; the others stay as they are. */
function credentialsInput({ secretKey, webhookSecret }: GatewayValues): Record<string, string> | null {
  const given = {
    ...(secretKey ? { secret_key: secretKey } : {}),
    ...(webhookSecret ? { webhook_secret: webhookSecret } : {}),
  };
  return Object.keys(given).length === 0 ? null : given;
}

/** What can be said of a gateway when it is made and ever after. */
export const gatewayInput = (values: GatewayValues) => ({
  name: values.name.trim(),
  rank: values.rank,
  currencies: values.currencies,
  kinds: values.kinds,
  baseUrl: values.baseUrl.trim(),
  timeoutMs: values.timeoutMs,
  searches: values.searches,
  credentials: credentialsInput(values),
});

const FIELDS = ['code', 'name', 'adapter', 'rank', 'currencies', 'kinds', 'baseUrl', 'timeoutMs', 'searches'];
const CURRENCY = /^[A-Z]{3}$/;
const KINDS: readonly Enum<'MethodKind'>[] = ['CARD', 'DIRECT_DEBIT'];

interface Props {
  readonly gateway?: Gateway;
  /** The kinds that can be added here; a gateway that is there keeps its own. */
  readonly adapters: readonly Enum<'GatewayAdapter'>[];
  readonly busy: boolean;
  readonly onSubmit: (values: GatewayValues) => Promise<readonly UserError[] | undefined>;
}

export function GatewayForm({ gateway, adapters, busy, onSubmit }: Props) {
  const t = useWords();
  const { t: common } = useTranslation();
  const [problems, setProblems] = useState<string[]>([]);
  const initial: GatewayValues = gateway
    ? {
        ...fresh,
        code: gateway.code,
        name: gateway.name,
        adapter: gateway.adapter,
        rank: gateway.rank,
        currencies: [...gateway.currencies],
        kinds: [...gateway.kinds],
        baseUrl: gateway.baseUrl,
        timeoutMs: gateway.timeoutMs,
        searches: gateway.searches,
      }
    : fresh;
  const form = useForm<GatewayValues>({
    initialValues: initial,
    validate: {
      code: (code) => (/^[a-z0-9-]{2,40}$/.test(code) ? null : t('gateways.codeWrong')),
      name: isNotEmpty(common('errors.required')),
      baseUrl: (url) => (/^https?:\/\/\S+$/.test(url) ? null : t('gateways.urlWrong')),
      currencies: (list) => (list.every((one) => CURRENCY.test(one)) ? null : t('gateways.currencyWrong')),
      kinds: (kinds) => (kinds.length === 0 ? t('gateways.kindsNeeded') : null),
      secretKey: (secret) => (!gateway && secret === '' ? common('errors.required') : null),
      webhookSecret: (secret) => (!gateway && secret === '' ? common('errors.required') : null),
    },
  });
  useFollow(form, initial);
  const submit = form.onSubmit(async (values) => {
    const errors = await onSubmit(values);
    if (!errors) return;
    const { fields, rest } = fieldErrors(errors, FIELDS);
    form.setErrors(fields);
    setProblems(rest);
  });
  const stored = gateway ? t('gateways.secretStored') : undefined;
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Problems problems={problems} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput label={t('gateways.name')} required {...form.getInputProps('name')} />
          <TextInput
            label={t('gateways.code')}
            description={t('gateways.codeHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            required
            disabled={gateway !== undefined}
            autoComplete="off"
            spellCheck={false}
            {...form.getInputProps('code')}
          />
          <NativeSelect
            label={t('gateways.adapter')}
            disabled={gateway !== undefined}
            {...form.getInputProps('adapter')}
            data={adapters.map((value) => ({ value, label: t(`enums.adapter.${value}`) }))}
          />
          <TextInput label={t('gateways.baseUrl')} required type="url" {...form.getInputProps('baseUrl')} />
          <NumberInput
            label={t('gateways.rank')}
            description={t('gateways.rankHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            size="md"
            min={0}
            max={1000}
            allowDecimal={false}
            {...form.getInputProps('rank')}
          />
          <NumberInput
            label={t('gateways.timeout')}
            description={t('gateways.timeoutHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            size="md"
            min={1000}
            max={60_000}
            step={1000}
            allowDecimal={false}
            {...form.getInputProps('timeoutMs')}
          />
        </SimpleGrid>
        <TagsInput
          size="md"
          label={t('gateways.currencies')}
          description={t('gateways.currenciesHint')}
          placeholder="EUR"
          splitChars={[',', ' ']}
          {...form.getInputProps('currencies')}
          onChange={(list) => form.setFieldValue('currencies', [...new Set(list.map((one) => one.toUpperCase()))])}
        />
        <Checkbox.Group label={t('gateways.kinds')} required {...form.getInputProps('kinds')}>
          <Group gap="lg" mt={6}>
            {KINDS.map((kind) => (
              <Checkbox key={kind} value={kind} label={t(`enums.methodKind.${kind}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Checkbox
          label={t('gateways.searches')}
          description={t('gateways.searchesHint')}
          {...form.getInputProps('searches', { type: 'checkbox' })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <PasswordInput
            label={t('gateways.secretKey')}
            description={stored}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            required={!gateway}
            {...form.getInputProps('secretKey')}
          />
          <PasswordInput
            label={t('gateways.webhookSecret')}
            description={stored}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            required={!gateway}
            {...form.getInputProps('webhookSecret')}
          />
        </SimpleGrid>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text size="xs" c="dimmed">
            {t('gateways.secretsHint')} {gateway ? t('gateways.pausedByEdit') : t('gateways.startsPaused')}
          </Text>
          <Button type="submit" loading={busy} style={{ flexShrink: 0 }}>
            {gateway ? common('common.save') : t('gateways.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
