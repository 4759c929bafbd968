import { Button, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSeen } from './paged';
import { RowsSkeleton } from './states';

interface MoreRowsProps {
  readonly list: {
    readonly hasMore: boolean;
    readonly ready: boolean;
    readonly loadingMore: boolean;
    readonly loadMore: () => void;
  };
  /** What is said below a list that is shown whole. */
  readonly whole?: string;
}

/** The foot of a list that grows: more is loaded when it comes into view, or by its button. */
export function MoreRows({ list, whole }: MoreRowsProps) {
  const { t } = useTranslation();
  const sentinel = useSeen(list.loadMore, list.ready);
  return (
    <>
      <div ref={sentinel} />
      {list.loadingMore ? <RowsSkeleton rows={2} /> : null}
      {list.hasMore && !list.loadingMore ? (
        <Button variant="default" onClick={list.loadMore}>
          {t('common.loadMore')}
        </Button>
      ) : null}
      {whole && !list.hasMore ? (
        <Text ta="center" size="sm" c="dimmed" py="sm">
          {whole}
        </Text>
      ) : null}
    </>
  );
}
