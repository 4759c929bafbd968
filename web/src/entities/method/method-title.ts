import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Method } from './method-fragment';

type Facts = Pick<Method, 'kind' | 'brand' | 'last4'>;

/** What to call a method: `Visa ···· 4242`, or by its kind where the brand is unknown or only a bank's number. */
export function methodTitle({ kind, brand, last4 }: Facts, t: TFunction): string {
  const known = brand && /\p{L}/u.test(brand) ? brand.charAt(0).toUpperCase() + brand.slice(1) : undefined;
  const name = known ?? t(`enums.methodKind.${kind}`);
  return last4 ? `${name} ···· ${last4}` : name;
}

export function useMethodTitle(): (method: Facts) => string {
  const { t } = useTranslation();
  return (method) => methodTitle(method, t);
}
