import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useNetwork } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { MethodFragment } from '@/entities/method/method-fragment';
import { PaymentCardFragment } from '@/entities/payment/payment-card';
import { useSend } from '@/entities/payment/send';
import { firstChoice } from '@/features/methods/choice';
import { MethodChoice } from '@/features/methods/method-choice';
import { meansOf, useGoOn } from '@/features/payments/pay-flow';
import { PayWithQuery } from '@/features/payments/pay-with';
import { SendProblems } from '@/features/payments/send-problems';
import { WalletFirst } from '@/features/payments/wallet-first';
import type { UserError } from '@/shared/graphql/errors';
import { graphql, readFragment } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { isPositive, type MoneyValue } from '@/shared/lib/money';
import { Amount } from '@/shared/ui/amount';
import { QueryState } from '@/shared/ui/states';
import { walletPart } from './wallet-part';

const BuyRecharge = graphql(
  `
    mutation BuyRecharge($input: RechargeInput!) {
      recharge(input: $input) {
        payment { id status actionUrl ...PaymentCard }
        userErrors { code message path }
      }
    }
  `,
  [PaymentCardFragment],
);

export interface PlanToBuy {
  readonly id: string;
  readonly name: string;
  readonly validityDays: number;
  readonly price: MoneyValue;
}

interface Props {
  readonly account: { readonly id: string; readonly label: string; readonly identifierHint: string };
  readonly plan: PlanToBuy;
  readonly onClose: () => void;
}

/** Asks once more: what is bought, for which line, by what it is paid. */
export function openRecharge(title: string, close: string, wanted: Omit<Props, 'onClose'>): void {
  const closeButtonProps = { 'aria-label': close };
  const id = modals.open({
    title,
    closeButtonProps,
    children: <RechargeForm {...wanted} onClose={() => modals.close(id)} />,
  });
}

function RechargeForm({ account, plan, onClose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const goOn = useGoOn();
  const { online } = useNetwork();
  const [result, execute] = useQuery({ query: PayWithQuery, requestPolicy: 'cache-and-network' });
  const methods = readFragment(MethodFragment, result.data?.paymentMethods ?? []);
  const [chosen, setChosen] = useState<string>();
  const [wallet, setWallet] = useState(true);
  const [refusals, setRefusals] = useState<readonly UserError[]>([]);
  const { send, busy, unsure } = useSend(BuyRecharge, `recharge:${account.id}:${plan.id}`);
  const method = chosen ?? firstChoice(methods);
  const locked = busy || unsure;
  const available = result.data?.wallets.find(({ currency }) => currency === plan.price.currency)?.available;
  const { fromWallet, rest } = walletPart(plan.price, wallet ? available : undefined);
  const some = available !== undefined && isPositive(available);
  const byGateway = isPositive(rest);

  const recharge = async () => {
    setRefusals([]);
    const means = meansOf(byGateway ? method : undefined);
    const made = await send((idempotencyKey) => ({
      input: {
        utilityAccountId: account.id,
        rechargePlanId: plan.id,
        useWallet: some && wallet,
        ...means,
        idempotencyKey,
      },
    }));
    if (!made) return;
    setRefusals(made.userErrors);
    const { payment } = made;
    if (!payment || made.userErrors.length > 0) return;
    onClose();
    goOn(payment, means);
  };

  return (
    <Stack>
      <Card withBorder padding="sm">
        <Group justify="space-between" wrap="nowrap" align="baseline">
          <Text fw={600}>{plan.name}</Text>
          <Amount money={plan.price} fw={700} fz={20} />
        </Group>
        <Text size="sm" c="dimmed">
          {[t('accounts.prepaid.validity', { count: plan.validityDays }), account.label, account.identifierHint].join(
            ' · ',
          )}
        </Text>
      </Card>
      <QueryState
        result={result}
        data={result.data}
        skeleton={<Skeleton height={140} aria-busy="true" />}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      >
        {() => (
          <>
            <WalletFirst available={available} use={wallet} onUse={setWallet} disabled={locked} />
            {byGateway ? (
              <MethodChoice methods={methods} value={method} onChange={setChosen} disabled={locked} />
            ) : (
              <Text size="sm" c="dimmed">
                {t('pay.walletCovers')}
              </Text>
            )}
            {byGateway && isPositive(fromWallet) ? (
              <Text size="sm" c="dimmed">
                {t('accounts.prepaid.parts', { wallet: format.money(fromWallet), rest: format.money(rest) })}
              </Text>
            ) : null}
          </>
        )}
      </QueryState>
      <SendProblems refusals={refusals} unsure={unsure} />
      <Button
        size="md"
        leftSection={<IconLock size={18} aria-hidden="true" />}
        loading={busy}
        disabled={!online || !result.data}
        onClick={() => void recharge()}
      >
        {unsure ? t('common.retry') : t('accounts.prepaid.rechargeFor', { amount: format.money(plan.price) })}
      </Button>
    </Stack>
  );
}
