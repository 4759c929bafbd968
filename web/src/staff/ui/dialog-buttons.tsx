import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly onClose: () => void;
  readonly busy: boolean;
  readonly danger?: boolean | undefined;
  /** What the form does. */
  readonly children: ReactNode;
}

/** What a form in a dialog ends with: out of it, or on. */
export function DialogButtons({ onClose, busy, danger = false, children }: Props) {
  const { t } = useTranslation();
  return (
    <Group justify="flex-end">
      <Button variant="default" size="sm" onClick={onClose}>
        {t('common.cancel')}
      </Button>
      <Button type="submit" size="sm" color={danger ? 'coral' : 'tide'} loading={busy}>
        {children}
      </Button>
    </Group>
  );
}
