import {
  Alert,
  Button,
  Checkbox,
  Collapse,
  Group,
  Radio,
  Skeleton,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import { notifications } from '@mantine/notifications';
import { IconChevronDown } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { type Method, MethodFragment } from '@/entities/method/method-fragment';
import { MethodIcon } from '@/entities/method/method-line';
import { leaveFor, returnUrl } from '@/features/payments/pay-flow';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { currencyOfLocale } from '@/shared/lib/money';
import { useAction } from '@/shared/ui/mutation';
import { Problems } from '@/shared/ui/problems';
import { QueryState } from '@/shared/ui/states';
import classes from './method-choice.module.css';

const StartSetup = graphql(
  `
    mutation StartPaymentMethodSetup($input: StartPaymentMethodSetupInput!) {
      startPaymentMethodSetup(input: $input) {
        paymentMethod { id ...Method }
        url
        userErrors { code message path }
      }
    }
  `,
  [MethodFragment],
);

const OptionsQuery = graphql(`
  query PaymentMethodSetupOptions {
    paymentMethodSetupOptions { kind takesTestTokens }
  }
`);

type Option = ResultOf<typeof OptionsQuery>['paymentMethodSetupOptions'][number];

/** Opens the way to a new payment method. Its numbers are typed on the gateway's page; Billow never sees them. */
export function openAddMethod(title: string, onDone: () => void): void {
  const id = modals.open({
    title,
    children: (
      <AddMethod
        onDone={() => {
          modals.close(id);
          onDone();
        }}
      />
    ),
  });
}

interface Props {
  readonly onDone: () => void;
}

function AddMethod({ onDone }: Props) {
  const { t } = useTranslation();
  const [result, execute] = useQuery({ query: OptionsQuery, requestPolicy: 'cache-and-network' });
  return (
    <QueryState
      result={result}
      data={result.data?.paymentMethodSetupOptions}
      onRetry={() => execute({ requestPolicy: 'network-only' })}
      skeleton={<Skeleton height={320} radius="md" aria-busy="true" />}
    >
      {(options) =>
        options.length > 0 ? (
          <AddForm options={options} onDone={onDone} />
        ) : (
          <Alert color="gray" role="status">
            {t('methods.noGateway')}
          </Alert>
        )
      }
    </QueryState>
  );
}

function AddForm({ options, onDone }: Props & { readonly options: readonly Option[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<Method['kind']>();
  const option = options.find(({ kind }) => kind === chosen) ?? options[0];
  const [label, setLabel] = useState('');
  const [makeDefault, setMakeDefault] = useState(false);
  const [token, setToken] = useState('');
  const [withToken, setWithToken] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [start, busy] = useAction(StartSetup);
  const tested = withToken && option?.takesTestTokens === true;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!option) return;
    const { kind } = option;
    const given = tested ? token.trim() : '';
    const ask = (currency: string | null) =>
      start({
        input: {
          kind,
          currency,
          token: given || null,
          returnUrl: given ? null : returnUrl('/settings/payments?returned=true'),
          label: label.trim() || null,
          makeDefault,
        },
      });
    let { payload, userErrors } = await ask(null);
    // Without bills nothing tells the currency but where the person is.
    if (userErrors.some(({ path }) => path.at(-1) === 'currency')) {
      ({ payload, userErrors } = await ask(currencyOfLocale(format.locale)));
    }
    setProblems(userErrors.map(({ message }) => message));
    if (!payload || userErrors.length > 0) return;
    if (payload.url && !given) {
      leaveFor(payload.url);
      return;
    }
    notifications.show({ color: 'teal', message: t('methods.added') });
    onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <Problems problems={problems} />
        <Radio.Group
          label={t('methods.kind')}
          value={option?.kind ?? ''}
          onChange={(value) => setChosen(value as Method['kind'])}
          labelProps={{ mb: 6 }}
        >
          <Stack gap="xs">
            {options.map(({ kind: value }) => (
              <Radio.Card key={value} value={value} className={classes.choice} radius="md" p="sm">
                <Group wrap="nowrap" gap="sm">
                  <MethodIcon kind={value} size={36} />
                  <Stack gap={0} style={{ flex: 1 }}>
                    <Text fw={600}>{t(`enums.methodKind.${value}`)}</Text>
                    <Text size="sm" c="dimmed">
                      {t(`methods.kindHint.${value}`)}
                    </Text>
                  </Stack>
                  <Radio.Indicator />
                </Group>
              </Radio.Card>
            ))}
          </Stack>
        </Radio.Group>
        <TextInput
          label={`${t('methods.label')} (${t('common.optional')})`}
          description={t('methods.labelHint')}
          maxLength={60}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Checkbox
          label={t('methods.makeDefault')}
          checked={makeDefault}
          onChange={(event) => setMakeDefault(event.currentTarget.checked)}
        />
        {option?.takesTestTokens ? (
          <>
            <UnstyledButton aria-expanded={withToken} onClick={() => setWithToken(!withToken)} py={4}>
              <Group gap={6}>
                <IconChevronDown
                  size={16}
                  aria-hidden="true"
                  style={{ transform: withToken ? 'rotate(180deg)' : undefined }}
                />
                <Text size="sm" c="dimmed">
                  {t('methods.haveToken')}
                </Text>
              </Group>
            </UnstyledButton>
            <Collapse expanded={withToken}>
              <TextInput
                label={t('methods.token')}
                description={t('methods.tokenHint')}
                placeholder="pm_card_visa"
                autoComplete="off"
                spellCheck={false}
                value={token}
                onChange={(event) => setToken(event.currentTarget.value)}
              />
            </Collapse>
          </>
        ) : null}
        <Button type="submit" loading={busy}>
          {tested && token.trim() ? t('common.add') : t('methods.toGateway')}
        </Button>
        <Text size="xs" c="dimmed">
          {t('methods.neverSeen')}
        </Text>
      </Stack>
    </form>
  );
}
