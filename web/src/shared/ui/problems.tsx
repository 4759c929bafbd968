import { Alert, type MantineSpacing } from '@mantine/core';

interface Props {
  readonly problems: readonly string[];
  readonly py?: MantineSpacing;
}

/** What is wrong with a form as a whole, or with what it has no field for; each is said once. */
export function Problems({ problems, py }: Props) {
  return [...new Set(problems)].map((problem) => (
    <Alert key={problem} color="coral" role="alert" py={py}>
      {problem}
    </Alert>
  ));
}
