import { Alert } from '@mantine/core';

/** What is wrong with a form as a whole, or with what it has no field for. */
export function Problems({ problems }: { readonly problems: readonly string[] }) {
  return [...new Set(problems)].map((problem) => (
    <Alert key={problem} color="coral" role="alert" py="xs">
      {problem}
    </Alert>
  ));
}
