import { Button } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { ComponentProps, ReactNode } from 'react';
import { Page } from '@/shared/ui/page';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { AdminsOnly } from './admins-only';
import { useIsAdmin } from './role';

interface Props<T> {
  readonly title: string;
  readonly lead: string;
  readonly width: number;
  /** The button that adds one, and the form it opens. */
  readonly add: { readonly label: string; readonly icon: ReactNode; readonly form: (close: () => void) => ReactNode };
  readonly result: ComponentProps<typeof QueryState>['result'];
  readonly data: T | undefined;
  readonly onRetry: () => void;
  readonly children: (data: T) => ReactNode;
}

/** A list that administrators alone see and add to. */
export function AdminList<T>({ title, lead, width, add, result, data, onRetry, children }: Props<T>) {
  const admin = useIsAdmin();
  const open = () => {
    const id = modals.open({ title: add.label, children: add.form(() => modals.close(id)) });
  };
  return (
    <Page
      title={title}
      subtitle={lead}
      width={width}
      actions={
        admin ? (
          <Button size="sm" leftSection={add.icon} onClick={open}>
            {add.label}
          </Button>
        ) : null
      }
    >
      <AdminsOnly>
        <QueryState result={result} data={data} skeleton={<RowsSkeleton rows={3} />} onRetry={onRetry}>
          {children}
        </QueryState>
      </AdminsOnly>
    </Page>
  );
}
