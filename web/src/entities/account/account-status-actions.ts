import { graphql } from '@/shared/graphql/graphql';
import { useAction } from '@/shared/ui/mutation';

const PauseAccount = graphql(`
  mutation PauseUtilityAccount($input: PauseUtilityAccountInput!) {
    pauseUtilityAccount(input: $input) {
      utilityAccount { id status statusReason nextFetchAt }
      userErrors { code message path }
    }
  }
`);

const ResumeAccount = graphql(`
  mutation ResumeUtilityAccount($input: ResumeUtilityAccountInput!) {
    resumeUtilityAccount(input: $input) {
      utilityAccount { id status statusReason nextFetchAt }
      userErrors { code message path }
    }
  }
`);

const CloseAccount = graphql(`
  mutation CloseUtilityAccount($input: CloseUtilityAccountInput!) {
    closeUtilityAccount(input: $input) {
      utilityAccount { id status statusReason nextFetchAt }
      userErrors { code message path }
    }
  }
`);

/** Pausing, resuming and closing an account, as its customer and operators do it. */
export function useAccountStatusActions(utilityAccountId: string) {
  const [pause] = useAction(PauseAccount);
  const [resume] = useAction(ResumeAccount);
  const [close] = useAction(CloseAccount);
  const input = { input: { utilityAccountId } };
  return { pause: () => pause(input), resume: () => resume(input), close: () => close(input) };
}
