import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { MethodFragment, PaymentMethodsQuery } from '@/entities/method/method-fragment';
import { readFragment } from '@/shared/graphql/graphql';
import { QueryState } from '@/shared/ui/states';
import { firstChoice } from './choice';
import { MethodChoice } from './method-choice';

/** By what to pay, where nothing else is asked for first: what is taken, and the choice to be shown. */
export function useMethodChoice(refused?: string) {
  const [result, execute] = useQuery({ query: PaymentMethodsQuery });
  const methods = readFragment(MethodFragment, result.data?.paymentMethods ?? []);
  const [chosen, setChosen] = useState<string>();
  const method = chosen ?? firstChoice(methods, refused);
  const choice = (disabled: boolean) => (
    <QueryState
      result={result}
      data={result.data}
      skeleton={<Skeleton height={140} aria-busy="true" />}
      onRetry={() => execute({ requestPolicy: 'network-only' })}
    >
      {() => <MethodChoice methods={methods} value={method} onChange={setChosen} disabled={disabled} />}
    </QueryState>
  );
  return { method, choice, known: Boolean(result.data) };
}
