import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';

const StartImport = graphql(`
  mutation StaffStartCustomerImport($input: StartCustomerImportInput!) {
    startCustomerImport(input: $input) {
      importRun { id }
      userErrors { code message path }
    }
  }
`);

export interface CsvFile {
  readonly name: string;
  readonly text: string;
}

/** The files of dry runs, so that the real run can follow without choosing the file again. Gone with the page. */
const files = new Map<string, CsvFile>();

export const fileOf = (importId: string): CsvFile | undefined => files.get(importId);

/** Sends a file and goes to where its progress is shown; answers what is wrong with the file as a whole. */
export function useStartImport() {
  const navigate = useNavigate();
  const [start, busy] = useAction(StartImport);
  const send = useCallback(
    async (file: CsvFile, dryRun: boolean): Promise<string[]> => {
      const { payload, userErrors } = await start({ input: { csv: file.text, fileName: file.name, dryRun } });
      const run = payload?.importRun;
      if (run) {
        if (dryRun) files.set(run.id, file);
        void navigate({ to: '/staff/imports/$importId', params: { importId: run.id } });
      }
      return userErrors.map(({ message }) => message);
    },
    [start, navigate],
  );
  return [send, busy] as const;
}
