import { Button, Stack, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Method } from '@/entities/method/method-fragment';
import { methodTitle } from '@/entities/method/method-title';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';

const UpdateMethod = graphql(`
  mutation UpdatePaymentMethod($input: UpdatePaymentMethodInput!) {
    updatePaymentMethod(input: $input) {
      paymentMethod { id label }
      userErrors { code message path }
    }
  }
`);

export function openRename(title: string, method: Method, onDone: () => void): void {
  const id = modals.open({
    title,
    children: (
      <RenameForm
        method={method}
        onDone={() => {
          modals.close(id);
          onDone();
        }}
      />
    ),
  });
}

function RenameForm({ method, onDone }: { readonly method: Method; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const [label, setLabel] = useState(method.label ?? '');
  const [problem, setProblem] = useState<string>();
  const [update, busy] = useAction(UpdateMethod);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { payload, userErrors } = await update({ input: { id: method.id, label: label.trim() || null } });
    setProblem(userErrors[0]?.message);
    if (payload && userErrors.length === 0) onDone();
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack>
        <TextInput
          label={t('methods.label')}
          placeholder={methodTitle(method, t)}
          maxLength={60}
          data-autofocus
          error={problem}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          {t('common.save')}
        </Button>
      </Stack>
    </form>
  );
}
