import { IconArrowBackUp, IconBuildingBank, IconCreditCard, IconFileText, IconPoint } from '@tabler/icons-react';

/** The icon of an entry of a payment's timeline, by its kind. */
export const timelineIcon = (kind: string) => {
  const [what] = kind.split('.', 1);
  switch (what) {
    case 'attempt':
    case 'payment':
      return <IconCreditCard size={14} />;
    case 'remittance':
      return <IconBuildingBank size={14} />;
    case 'refund':
      return <IconArrowBackUp size={14} />;
    case 'document':
      return <IconFileText size={14} />;
    default:
      return <IconPoint size={14} />;
  }
};
