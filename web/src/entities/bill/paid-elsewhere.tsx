import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { graphql } from '@/shared/graphql/graphql';
import { toastErrors, useAction } from '@/shared/ui/mutation';
import { BillCardFragment } from './bill-card';

const MarkBillsPaidElsewhere = graphql(
  `
    mutation MarkBillsPaidElsewhere($input: MarkBillsPaidElsewhereInput!) {
      markBillsPaidElsewhere(input: $input) {
        bills { ...BillCard statusReason markedBy }
        userErrors { code message path }
      }
    }
  `,
  [BillCardFragment],
);

const UndoPaidElsewhere = graphql(
  `
    mutation UndoPaidElsewhere($input: UndoPaidElsewhereInput!) {
      undoPaidElsewhere(input: $input) {
        bills { ...BillCard statusReason markedBy }
        userErrors { code message path }
      }
    }
  `,
  [BillCardFragment],
);

/** Marks bills as paid elsewhere, and takes that back: by the button of the message that it was done, too. */
export function usePaidElsewhere() {
  const { t } = useTranslation();
  const [runMark, marking] = useAction(MarkBillsPaidElsewhere);
  const [runUndo, undoing] = useAction(UndoPaidElsewhere);

  const undo = async (billIds: readonly string[]): Promise<boolean> => {
    const { payload, userErrors } = await runUndo({ input: { billIds: [...billIds] } });
    toastErrors(userErrors, t('errors.title'));
    const done = payload !== undefined && userErrors.length === 0;
    if (done) notifications.show({ color: 'teal', message: t('bills.elsewhere.undone', { count: billIds.length }) });
    return done;
  };

  const mark = async (billIds: readonly string[]): Promise<boolean> => {
    const { payload, userErrors } = await runMark({ input: { billIds: [...billIds] } });
    toastErrors(userErrors, t('errors.title'));
    if (!payload || userErrors.length > 0) return false;
    const id = `elsewhere:${billIds.join('.')}`;
    notifications.show({
      id,
      color: 'teal',
      autoClose: 10_000,
      message: (
        <Group justify="space-between" wrap="nowrap" gap="sm">
          <Text size="sm">{t('bills.elsewhere.marked', { count: billIds.length })}</Text>
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id);
              void undo(billIds);
            }}
          >
            {t('common.undo')}
          </Button>
        </Group>
      ),
    });
    return true;
  };
  return { mark, undo, busy: marking || undoing };
}
