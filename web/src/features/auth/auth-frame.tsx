import { Box, Card, Group, List, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand, BrandMark } from '@/shared/ui/brand';
import classes from './auth.module.css';

interface Props {
  readonly title: string;
  readonly lead?: string;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}

/** The frame of the pages before sign-in. On a wide screen it says what Billow is for, beside the form. */
export function AuthFrame({ title, lead, children, footer }: Props) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · Billow`;
  }, [title]);
  return (
    <div className={classes.frame}>
      <div className={classes.pitch}>
        <Group gap="sm">
          <BrandMark size={36} />
          <Text fw={700} fz={24} c="white" style={{ letterSpacing: '-0.02em' }}>
            Billow
          </Text>
        </Group>
        <Box maw={420}>
          <Text c="white" fz={30} fw={650} lh={1.25} mb="xl" style={{ letterSpacing: '-0.02em' }}>
            {t('common.tagline')}
          </Text>
          <List
            spacing="md"
            c="white"
            icon={
              <ThemeIcon size={24} radius="xl" color="rgba(255,255,255,.18)">
                <IconCheck size={15} />
              </ThemeIcon>
            }
          >
            <List.Item>{t('auth.point1')}</List.Item>
            <List.Item>{t('auth.point2')}</List.Item>
            <List.Item>{t('auth.point3')}</List.Item>
          </List>
        </Box>
        <span />
      </div>
      <main className={classes.side}>
        <Stack gap="lg" w="100%" maw={440}>
          <Box hiddenFrom="md">
            <Brand />
          </Box>
          <Card padding="xl">
            <Stack gap="lg">
              <Stack gap={4}>
                <Title order={1}>{title}</Title>
                {lead ? <Text c="dimmed">{lead}</Text> : null}
              </Stack>
              {children}
            </Stack>
          </Card>
          {footer ? (
            <Text ta="center" size="sm" component="div">
              {footer}
            </Text>
          ) : null}
        </Stack>
      </main>
    </div>
  );
}
