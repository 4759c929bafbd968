import { Badge, Card, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { useWords } from '../../words';
import { TryIt } from '../try-it';
import { BASICS, Basics } from './basics';
import { Connector } from './connector';
import { DefinitionProvider } from './context';
import { Credentials, type Secrets } from './credentials';
import type { JsonObject } from './draft';
import classes from './editor.module.css';
import { Params } from './params';
import { Plans } from './plans';
import { RawJson } from './raw-json';
import { Amounts, Limits, ScheduleFields } from './rules';
import { isUnder } from './section';

interface Props {
  readonly draft: JsonObject;
  readonly onChange: (draft: JsonObject) => void;
  readonly secrets: Secrets;
  readonly onSecrets: (secrets: Secrets) => void;
  readonly stored: readonly string[];
  readonly errors: ReadonlyMap<string, readonly string[]>;
  readonly providerId?: string;
}

type Name =
  | 'basics'
  | 'connector'
  | 'params'
  | 'amounts'
  | 'schedule'
  | 'limits'
  | 'plans'
  | 'credentials'
  | 'try'
  | 'json';

/** Which errors belong to which section; those with a colon in front are about what stands beside the definition. */
const PLACES: Readonly<Record<Name, readonly string[]>> = {
  basics: BASICS,
  connector: ['connector'],
  params: ['params'],
  amounts: ['amount_rule'],
  schedule: ['schedule'],
  limits: ['limits'],
  plans: ['plans'],
  credentials: [':credentials', ':removeCredentials'],
  try: [],
  json: [],
};

export const hasPlace = (path: string): boolean =>
  Object.values(PLACES).some((prefixes) => prefixes.some((prefix) => isUnder(path, prefix)));

/** The editor of a provider's definition, in sections that each tell what is wrong in them. */
export function DefinitionEditor({ draft, onChange, secrets, onSecrets, stored, errors, providerId }: Props) {
  const t = useWords();
  const [shown, setShown] = useState<Name>('basics');
  const wide = useMediaQuery('(min-width: 62em)', true);
  const count = (name: Name) =>
    [...errors.keys()].filter((path) => PLACES[name].some((prefix) => isUnder(path, prefix))).length;
  const sections: Record<Name, ReactNode> = {
    basics: <Basics />,
    connector: <Connector />,
    params: <Params />,
    amounts: <Amounts />,
    schedule: <ScheduleFields />,
    limits: <Limits />,
    plans: <Plans />,
    credentials: <Credentials stored={stored} secrets={secrets} onChange={onSecrets} />,
    try: <TryIt draft={draft} secrets={secrets} {...(providerId ? { providerId } : {})} />,
    json: <RawJson onChange={onChange} />,
  };
  const names = Object.keys(sections) as Name[];
  return (
    <DefinitionProvider draft={draft} onChange={onChange} errors={errors}>
      <Card padding={0}>
        <Tabs
          value={shown}
          onChange={(value) => setShown((value as Name | null) ?? 'basics')}
          orientation={wide ? 'vertical' : 'horizontal'}
          classNames={{ list: classes.list, tabLabel: classes.label, panel: classes.panel }}
        >
          <Tabs.List>
            {names.map((name) => (
              <Tabs.Tab
                key={name}
                value={name}
                rightSection={
                  count(name) > 0 ? (
                    <Badge size="sm" circle color="coral" aria-label={t('providers.problems', { count: count(name) })}>
                      {count(name)}
                    </Badge>
                  ) : null
                }
              >
                {t(`definition.sections.${name}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {names.map((name) => (
            <Tabs.Panel key={name} value={name}>
              {sections[name]}
            </Tabs.Panel>
          ))}
        </Tabs>
      </Card>
    </DefinitionProvider>
  );
}
