import { ActionIcon, Box, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  readonly title: string;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  /** Wide actions go below a title they leave no room for. */
  readonly wrapActions?: boolean;
  /** The page above this one, for those who came by a link and have nothing to go back to. */
  readonly up?: string | undefined;
  readonly width?: number;
  readonly children: ReactNode;
}

/** A page: its title (also of the browser's tab), what can be done on it, and its content. */
export function Page({ title, subtitle, actions, wrapActions = false, up, width = 880, children }: Props) {
  const { t } = useTranslation();
  const router = useRouter();
  useEffect(() => {
    document.title = `${title} · Billow`;
  }, [title]);
  const goBack = () => {
    if (router.history.canGoBack()) router.history.back();
    else if (up) router.history.push(up);
  };
  return (
    <Box maw={width} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" wrap={wrapActions ? 'wrap' : 'nowrap'} mb="lg" gap="sm">
        <Group gap="xs" wrap="nowrap" align="flex-start" style={{ minWidth: 0 }}>
          {up ? (
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('common.back')} onClick={goBack}>
              <IconArrowLeft size={22} />
            </ActionIcon>
          ) : null}
          <Stack gap={2} style={{ minWidth: 0 }} pt={up ? 3 : 0}>
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {subtitle ? (
              <Text c="dimmed" size="sm" component="div">
                {subtitle}
              </Text>
            ) : null}
          </Stack>
        </Group>
        {actions ? (
          <Group gap="xs" wrap="nowrap">
            {actions}
          </Group>
        ) : null}
      </Group>
      {children}
    </Box>
  );
}
