import { Accordion, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Fragment, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { graphql, type ResultOf } from '@/shared/graphql/graphql';
import { useFormat } from '@/shared/i18n/format';
import { QueryState, RowsSkeleton } from '@/shared/ui/states';
import { CodeBlock } from '../ui/code';
import { useWords } from '../words';
import { diffLines, hunks, readableLines } from './diff';
import classes from './versions.module.css';

export const VersionsQuery = graphql(`
  query StaffProviderVersions($id: ID!) {
    provider(id: $id) {
      id
      version
      versions { version definition note createdAt editedBy { id email } }
    }
  }
`);

type Version = NonNullable<NonNullable<ResultOf<typeof VersionsQuery>['provider']>['versions']>[number];

/** How the definition came to be what it is, newest first, each with what it changed. */
export function Versions({ providerId }: { readonly providerId: string }) {
  const t = useWords();
  const format = useFormat();
  const [result, execute] = useQuery({ query: VersionsQuery, variables: { id: providerId } });
  return (
    <QueryState
      result={result}
      data={result.data?.provider?.versions}
      skeleton={<RowsSkeleton rows={4} />}
      onRetry={() => execute({ requestPolicy: 'network-only' })}
    >
      {(versions) => {
        const newestFirst = [...versions].sort((a, b) => b.version - a.version);
        return (
          <Accordion variant="separated" radius="lg" defaultValue={String(newestFirst[0]?.version ?? '')}>
            {newestFirst.map((version, place) => (
              <Accordion.Item key={version.version} value={String(version.version)}>
                <Accordion.Control>
                  <Group gap="sm">
                    <Text fw={600}>{t('versions.version', { version: version.version })}</Text>
                    {version.version === result.data?.provider?.version ? (
                      <Badge variant="light" tt="none">
                        {t('versions.current')}
                      </Badge>
                    ) : null}
                  </Group>
                  <Text size="sm" c="dimmed">
                    {[
                      version.note || t('versions.noNote'),
                      format.instant(version.createdAt),
                      version.editedBy
                        ? t('versions.by', { name: version.editedBy.email })
                        : t('versions.by', { name: t('system') }),
                    ].join(' · ')}
                  </Text>
                </Accordion.Control>
                <Accordion.Panel>
                  <Changes version={version} before={newestFirst[place + 1]} />
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        );
      }}
    </QueryState>
  );
}

function Changes({ version, before }: { readonly version: Version; readonly before: Version | undefined }) {
  const t = useWords();
  const [whole, setWhole] = useState(false);
  const groups = useMemo(
    () => (before ? hunks(diffLines(readableLines(before.definition), readableLines(version.definition))) : []),
    [before, version],
  );
  return (
    <Stack gap="sm">
      {before ? (
        <>
          <Text size="xs" c="dimmed">
            {groups.length === 0 ? t('versions.same') : t('versions.diff', { version: before.version })}
          </Text>
          {groups.length > 0 ? (
            <pre className={classes.diff}>
              {groups.map((lines, group) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a diff is drawn once; its lines have no identity
                <Fragment key={group}>
                  {group > 0 ? <span className={classes.gap}>…</span> : null}
                  {lines.map(({ kind, text }, place) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above
                    <span key={place} className={kind === 'same' ? classes.line : `${classes.line} ${classes[kind]}`}>
                      {kind === 'same' ? null : (
                        <span className="bw-sr">{kind === 'added' ? t('versions.added') : t('versions.gone')}: </span>
                      )}
                      {kind === 'added' ? '+ ' : kind === 'gone' ? '− ' : '  '}
                      {text}
                    </span>
                  ))}
                </Fragment>
              ))}
            </pre>
          ) : null}
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {t('versions.first')}
        </Text>
      )}
      {whole ? (
        <CodeBlock label={t('versions.whole')} text={readableLines(version.definition).join('\n')} maxHeight={520} />
      ) : (
        <Group>
          <Button size="xs" variant="default" onClick={() => setWhole(true)}>
            {t('versions.whole')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
