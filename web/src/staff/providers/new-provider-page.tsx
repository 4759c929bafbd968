import { Button, Card, Group, SimpleGrid, Stack, Text, ThemeIcon, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type Icon, IconApi, IconCsv, IconDeviceMobile, IconLeaf, IconSend } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';
import { Page } from '@/shared/ui/page';
import { AdminsOnly } from '../ui/admins-only';
import { Problems } from '../ui/problems';
import { useWords } from '../words';
import { errorsByPath } from './definition/context';
import { noSecrets, secretsInput } from './definition/credentials';
import type { JsonObject } from './definition/draft';
import { DefinitionEditor, hasPlace } from './definition/editor';
import { type TemplateName, templates } from './definition/templates';

const RegisterProvider = graphql(`
  mutation StaffRegisterProvider($input: RegisterProviderInput!) {
    registerProvider(input: $input) {
      provider { id }
      userErrors { code message path }
    }
  }
`);

const looks: Readonly<Record<TemplateName, Icon>> = {
  http: IconApi,
  prepaid: IconDeviceMobile,
  greenButton: IconLeaf,
  file: IconCsv,
  push: IconSend,
};

export function NewProviderPage() {
  const t = useWords();
  const [draft, setDraft] = useState<JsonObject>();
  return (
    <Page up="/staff/providers" title={t('providers.newTitle')} width={1080}>
      <AdminsOnly>
        {draft ? <Editor draft={draft} onChange={setDraft} /> : <Templates onChoose={setDraft} />}
      </AdminsOnly>
    </Page>
  );
}

function Templates({ onChoose }: { readonly onChoose: (draft: JsonObject) => void }) {
  const t = useWords();
  return (
    <Stack>
      <Text c="dimmed">{t('providers.chooseTemplateBody')}</Text>
      <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }}>
        {(Object.keys(templates) as TemplateName[]).map((name) => {
          const Glyph = looks[name];
          return (
            <UnstyledButton key={name} onClick={() => onChoose(templates[name])}>
              <Card className="bw-link-card" h="100%">
                <Stack gap="xs">
                  <ThemeIcon variant="light" size={42} radius={13} aria-hidden="true">
                    <Glyph size={23} stroke={1.7} />
                  </ThemeIcon>
                  <Text fw={650}>{t(`providers.templates.${name}.title`)}</Text>
                  <Text size="sm" c="dimmed">
                    {t(`providers.templates.${name}.body`)}
                  </Text>
                </Stack>
              </Card>
            </UnstyledButton>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}

function Editor({ draft, onChange }: { readonly draft: JsonObject; readonly onChange: (draft: JsonObject) => void }) {
  const t = useWords();
  const navigate = useNavigate();
  const [secrets, setSecrets] = useState(noSecrets);
  const [errors, setErrors] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const [register, busy] = useAction(RegisterProvider);
  const submit = async () => {
    const { payload, userErrors } = await register({
      input: { definition: draft, credentials: secretsInput(secrets) },
    });
    setErrors(errorsByPath(userErrors));
    if (!payload?.provider || userErrors.length > 0) return;
    notifications.show({ color: 'teal', message: t('providers.registered') });
    void navigate({ to: '/staff/providers/$providerId', params: { providerId: payload.provider.id } });
  };
  return (
    <Stack>
      <Problems problems={homeless(errors)} />
      <DefinitionEditor
        draft={draft}
        onChange={onChange}
        secrets={secrets}
        onSecrets={setSecrets}
        stored={[]}
        errors={errors}
      />
      <Group justify="space-between">
        <Text size="sm" c="coral" role="status">
          {errors.size > 0 ? t('providers.problems', { count: errors.size }) : ''}
        </Text>
        <Button size="sm" loading={busy} onClick={() => void submit()}>
          {t('providers.register')}
        </Button>
      </Group>
    </Stack>
  );
}

/** What is wrong and belongs to no section: shown above them all. */
export const homeless = (errors: ReadonlyMap<string, readonly string[]>): string[] =>
  [...errors].filter(([path]) => !hasPlace(path)).flatMap(([, messages]) => messages);
