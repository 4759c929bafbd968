import { Button, Fieldset, Group, Stack } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useDefinition } from './context';
import { type JsonObject, listAt, without } from './draft';
import { DefinitionSection } from './section';

interface Props {
  /** Where the list is in the definition. */
  readonly name: string;
  readonly hint: string;
  readonly legend: (number: number) => string;
  readonly add: { readonly label: string; readonly blank: JsonObject };
  readonly remove: string;
  /** Whether the list may be empty; then it is left out of the definition. */
  readonly optional?: boolean;
  /** The fields of one entry. */
  readonly children: (path: string, place: number) => ReactNode;
  /** What stands beside the button that removes an entry. */
  readonly aside?: (path: string, place: number) => ReactNode;
}

/** A list of a definition, entry by entry, each with a button to remove it. */
export function Entries({ name, hint, legend, add, remove, optional = false, children, aside }: Props) {
  const { draft, set } = useDefinition();
  const entries = listAt(draft, name);
  const removeAt = (place: number) => {
    const left = listAt(without(draft, name, place), name);
    set(name, optional && left.length === 0 ? undefined : left);
  };
  return (
    <DefinitionSection prefixes={[name]} hint={hint}>
      {entries.map((_entry, place) => {
        const path = `${name}.${place}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry is addressed by its place, which its errors name too
          <Fieldset key={place} legend={legend(place + 1)} radius="md">
            <Stack gap="sm">
              {children(path, place)}
              <Group justify={aside ? 'space-between' : 'flex-end'}>
                {aside?.(path, place)}
                {optional || entries.length > 1 ? (
                  <Button
                    size="xs"
                    variant="subtle"
                    color="gray"
                    leftSection={<IconTrash size={15} />}
                    onClick={() => removeAt(place)}
                  >
                    {remove}
                  </Button>
                ) : null}
              </Group>
            </Stack>
          </Fieldset>
        );
      })}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => set(name, [...entries, add.blank])}
        >
          {add.label}
        </Button>
      </Group>
    </DefinitionSection>
  );
}
