import { Stack } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import type { ComponentProps, ReactNode } from 'react';
import { MoreRows } from './more-rows';
import { EmptyState, QueryState, RowsSkeleton } from './states';

interface Props<T> {
  readonly list: ComponentProps<typeof MoreRows>['list'] & {
    readonly result: ComponentProps<typeof QueryState>['result'];
    readonly retry: () => void;
  };
  /** What there is so far; absent while nothing was read. */
  readonly nodes: readonly T[] | undefined;
  /** Rows that are drawn while it is read. */
  readonly rows: number;
  /** What is said below a list that is shown whole. */
  readonly whole: string;
  /** What stands in the place of a list without anything in it. */
  readonly empty: ReactNode;
  readonly children: (node: T) => ReactNode;
}

/** A list of cards that goes on by itself. */
export function PagedCards<T>({ list, nodes, rows, whole, empty, children }: Props<T>) {
  return (
    <QueryState result={list.result} data={nodes} skeleton={<RowsSkeleton rows={rows} />} onRetry={list.retry}>
      {(shown) =>
        shown.length === 0 ? (
          empty
        ) : (
          <Stack gap="sm">
            {shown.map(children)}
            <MoreRows list={list} whole={whole} />
          </Stack>
        )
      }
    </QueryState>
  );
}

interface NothingProps {
  readonly title: string;
  /** The link to the list without filters. */
  readonly action: ReactNode;
  readonly children: ReactNode;
}

/** What a list says when its filters leave nothing. */
export function NothingMatches({ title, action, children }: NothingProps) {
  return (
    <EmptyState icon={<IconFilterOff size={32} />} title={title} action={action}>
      {children}
    </EmptyState>
  );
}
