import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Problems } from '../../ui/problems';
import { useDefinition } from './context';

interface Props {
  /** Where in the definition the section is; empty for its top. */
  readonly prefixes: readonly string[];
  readonly hint?: string;
  readonly children: ReactNode;
}

export const isUnder = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`);

/** A part of the definition, with what is wrong in it and has no field of its own. */
export function DefinitionSection({ prefixes, hint, children }: Props) {
  const { errors, fields } = useDefinition();
  const homeless = [...errors].filter(
    ([path]) => !fields.has(path) && prefixes.some((prefix) => isUnder(path, prefix)),
  );
  return (
    <Stack>
      {hint ? (
        <Text size="sm" c="dimmed">
          {hint}
        </Text>
      ) : null}
      <Problems problems={homeless.flatMap(([path, messages]) => messages.map((message) => `${path}: ${message}`))} />
      {children}
    </Stack>
  );
}
