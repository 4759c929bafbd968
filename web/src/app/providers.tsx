import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Provider as UrqlProvider } from 'urql';
import { ConfirmDialog } from '@/features/security/confirm-dialog';
import { client } from '@/shared/graphql/client';
import { theme, variables } from './theme';
import { UpdatePrompt } from './update-prompt';

export function Providers({ children }: { readonly children: ReactNode }) {
  const { t, i18n } = useTranslation();
  useEffect(() => {
    document.documentElement.lang = i18n.language;
  }, [i18n.language]);
  return (
    <UrqlProvider value={client}>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
        <ModalsProvider labels={{ confirm: t('common.confirm'), cancel: t('common.cancel') }}>
          <Notifications position="bottom-right" limit={3} className="bw-toasts" />
          {children}
          <ConfirmDialog />
          <UpdatePrompt />
        </ModalsProvider>
      </MantineProvider>
    </UrqlProvider>
  );
}
