import { Button, Center, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { useWords } from '../words';
import { type Column, Rows } from './rows';

export interface PagedRowsProps<Row> {
  readonly list: {
    readonly result: {
      readonly data?: unknown;
      readonly error?: CombinedError | undefined;
      readonly fetching: boolean;
      readonly stale: boolean;
    };
    readonly hasMore: boolean;
    readonly loadingMore: boolean;
    readonly loadMore: () => void;
    readonly retry: () => void;
  };
  readonly rows: readonly Row[] | null | undefined;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly label: string;
  readonly empty: ReactNode;
}

/** A list by cursor, with every state it can be in. */
export function PagedRows<Row>({ list, rows, columns, rowKey, label, empty }: PagedRowsProps<Row>) {
  const t = useWords();
  return (
    <QueryState result={list.result} data={rows} skeleton={<RowsSkeleton rows={6} height={52} />} onRetry={list.retry}>
      {(loaded) =>
        loaded.length === 0 ? (
          empty
        ) : (
          <Stack gap="sm">
            <Rows columns={columns} rows={loaded} rowKey={rowKey} label={label} />
            {list.loadingMore ? <RowsSkeleton rows={2} height={52} /> : null}
            {list.hasMore && !list.loadingMore ? (
              <Center>
                <Button variant="default" size="sm" onClick={list.loadMore}>
                  {t('list.more')}
                </Button>
              </Center>
            ) : null}
            {list.hasMore || loaded.length < 20 ? null : (
              <Text ta="center" size="xs" c="dimmed">
                {t('list.end')}
              </Text>
            )}
          </Stack>
        )
      }
    </QueryState>
  );
}
