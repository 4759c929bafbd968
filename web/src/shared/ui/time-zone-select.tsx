import { Select, type SelectProps } from '@mantine/core';
import { timeZoneChoices } from '@/shared/i18n/choices';

interface Props extends Omit<SelectProps, 'data'> {
  /** Offered whether this browser knows it or not. */
  readonly current: string;
}

/** A time zone, found by typing: there are hundreds. */
export function TimeZoneSelect({ current, ...field }: Props) {
  return <Select size="md" searchable allowDeselect={false} limit={200} data={timeZoneChoices(current)} {...field} />;
}
