import { Text, Tooltip } from '@mantine/core';
import { useFormat } from '@/shared/i18n/format';
import { useWords } from '../words';

/** How long ago or ahead, with the exact instant for those who need it. */
export function When({ at }: { readonly at: string | null | undefined }) {
  const t = useWords();
  const format = useFormat();
  if (!at)
    return (
      <Text span c="dimmed" inherit>
        {t('never')}
      </Text>
    );
  return (
    <Tooltip label={format.instant(at, { dateStyle: 'medium', timeStyle: 'medium' })} withArrow>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {format.relative(at)}
      </time>
    </Tooltip>
  );
}

/** A duration in milliseconds, in the unit a person reads. */
export function useDuration(): (ms: number) => string {
  const t = useWords();
  const format = useFormat();
  return (ms) =>
    ms < 1000 ? t('ms', { value: format.number(ms, 0) }) : t('seconds', { value: format.number(ms / 1000, 1) });
}
