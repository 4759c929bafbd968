import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { PayQuote } from '@/entities/payment/quote-fragment';
import type { Format } from '@/shared/i18n/format';
import { useFormat } from '@/shared/i18n/format';

type Facts = Pick<PayQuote, 'reasonCode' | 'rule' | 'partlyPaid' | 'multiple'>;

/** What a quote says, in the language of whoever reads it: why nothing can be paid, or which amounts can. */
export function quoteWords({ reasonCode, rule, partlyPaid, multiple }: Facts, t: TFunction, money: Format['money']) {
  if (reasonCode) return t(`pay.reason.${reasonCode}`);
  const words = t(partlyPaid ? `pay.ruleOfRest.${rule}` : `pay.rule.${rule}`);
  return multiple ? `${words} ${t('pay.inSteps', { step: money(multiple) })}` : words;
}

export function useQuoteWords(): (quote: Facts) => string {
  const { t } = useTranslation();
  const { money } = useFormat();
  return (quote) => quoteWords(quote, t, money);
}
