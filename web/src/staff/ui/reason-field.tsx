import { Textarea, type TextareaProps } from '@mantine/core';

/** Why somebody of ours did it, for the record of what was done. */
export function ReasonField(field: TextareaProps) {
  return <Textarea autosize minRows={2} maxLength={500} {...field} />;
}
