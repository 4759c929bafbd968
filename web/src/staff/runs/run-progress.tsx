import { Card, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { RunBar } from './run-rows';

interface Props {
  readonly run: Parameters<typeof RunBar>[0]['run'];
  readonly state: ReactNode;
  /** How far it is, in words; read out as it changes. */
  readonly words: string;
  /** What stands at the end of the line. */
  readonly aside?: ReactNode;
  readonly children?: ReactNode;
}

/** How far a run or an import has come. */
export function RunProgress({ run, state, words, aside, children }: Props) {
  return (
    <Card>
      <Stack>
        <Group justify="space-between">
          <Group gap="sm">
            {state}
            <Text size="sm" role="status">
              {words}
            </Text>
          </Group>
          {aside}
        </Group>
        <RunBar run={run} size="lg" />
        {children}
      </Stack>
    </Card>
  );
}
