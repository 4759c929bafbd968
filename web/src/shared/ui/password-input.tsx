// biome-ignore lint/style/noRestrictedImports: this is the one that all others use.
import { PasswordInput as MantinePasswordInput, type PasswordInputProps } from '@mantine/core';

/** A field for a password. Mantine's own does not tell a screen reader that what was typed is refused. */
export function PasswordInput(props: PasswordInputProps) {
  return <MantinePasswordInput {...props} aria-invalid={props.error ? true : undefined} />;
}
