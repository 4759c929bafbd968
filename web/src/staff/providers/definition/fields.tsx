import { type InputWrapperProps, NativeSelect, NumberInput, Switch, Textarea, TextInput } from '@mantine/core';
import { useField } from './context';

interface Props {
  readonly path: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  readonly mono?: boolean;
}

/** Hints stand below, so that fields side by side begin at one height. */
const order: InputWrapperProps['inputWrapperOrder'] = ['label', 'input', 'description', 'error'];

const mono = { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } };

/** A text; left empty, the field is left out of the definition. */
export function TextField({ path, label, hint, placeholder, required = false, mono: fixed = false }: Props) {
  const { value, set, error } = useField(path);
  return (
    <TextInput
      size="sm"
      inputWrapperOrder={order}
      label={label}
      description={hint}
      placeholder={placeholder}
      required={required}
      withAsterisk={required}
      error={error}
      spellCheck={false}
      autoComplete="off"
      {...(fixed ? { styles: mono } : {})}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => set(event.currentTarget.value === '' && !required ? undefined : event.currentTarget.value)}
    />
  );
}

/** A program or another text of several lines. */
export function ProgramField({ path, label, hint, required = false }: Props) {
  const { value, set, error } = useField(path);
  return (
    <Textarea
      size="sm"
      inputWrapperOrder={order}
      label={label}
      description={hint}
      required={required}
      withAsterisk={required}
      error={error}
      spellCheck={false}
      autosize
      minRows={2}
      maxRows={24}
      styles={{ input: { ...mono.input, lineHeight: 1.5, tabSize: 2 } }}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => set(event.currentTarget.value === '' && !required ? undefined : event.currentTarget.value)}
    />
  );
}

interface NumberProps extends Props {
  readonly min?: number;
  readonly max?: number;
}

export function NumberField({ path, label, hint, placeholder, required = false, min = 0, max }: NumberProps) {
  const { value, set, error } = useField(path);
  return (
    <NumberInput
      size="sm"
      inputWrapperOrder={order}
      label={label}
      description={hint}
      placeholder={placeholder}
      withAsterisk={required}
      error={error}
      allowDecimal={false}
      thousandSeparator={false}
      min={min}
      {...(max === undefined ? {} : { max })}
      clampBehavior="none"
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => set(typeof next === 'number' ? next : undefined)}
    />
  );
}

interface ChoiceProps extends Props {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

export function ChoiceField({ path, label, hint, choices }: ChoiceProps) {
  const { value, set, error } = useField(path);
  const chosen = typeof value === 'string' ? value : '';
  const known = choices.some((choice) => choice.value === chosen);
  return (
    <NativeSelect
      size="sm"
      inputWrapperOrder={order}
      label={label}
      description={hint}
      error={error}
      value={chosen}
      onChange={(event) => set(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      data={known || chosen === '' ? [...choices] : [...choices, { value: chosen, label: chosen }]}
    />
  );
}

export function SwitchField({ path, label, hint }: Props) {
  const { value, set, error } = useField(path);
  return (
    <Switch
      label={label}
      description={hint}
      error={error}
      checked={value === true}
      onChange={(event) => set(event.currentTarget.checked ? true : undefined)}
    />
  );
}

interface ListProps extends Props {
  readonly parse: (text: string) => readonly (string | number)[];
  readonly join: string;
  readonly rows?: number;
}

/** A list of short values as one text. The text is what a person edits; the list is read from it at every key. */
export function ListField({ path, label, hint, parse, join, rows }: ListProps) {
  const { value, set, error } = useField(path);
  const text = Array.isArray(value) ? value.join(join) : '';
  const Field = rows ? Textarea : TextInput;
  return (
    <Field
      key={text === '' ? 'empty' : 'filled'}
      size="sm"
      inputWrapperOrder={order}
      label={label}
      description={hint}
      error={error}
      spellCheck={false}
      {...(rows ? { autosize: true, minRows: rows } : {})}
      defaultValue={text}
      onBlur={(event) => {
        const items = parse(event.currentTarget.value);
        set(items.length === 0 ? undefined : items);
      }}
    />
  );
}
