import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '../words';

const WAIT_MS = 300;

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
}

/** Searches when a person stops typing, not at every key. */
export function SearchBox({ value, onChange, placeholder }: Props) {
  const t = useWords();
  const [text, setText] = useState(value);
  const settle = useDebouncedCallback((next: string) => onChange(next.trim()), WAIT_MS);
  const change = (next: string) => {
    setText(next);
    settle(next);
  };
  return (
    <TextInput
      size="sm"
      type="search"
      aria-label={t('list.search')}
      placeholder={placeholder}
      leftSection={<IconSearch size={17} aria-hidden="true" />}
      rightSection={text ? <CloseButton size="sm" aria-label={t('list.clear')} onClick={() => change('')} /> : null}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      w="100%"
      maw={520}
      style={{ flex: '1 1 auto', minWidth: 0 }}
    />
  );
}
