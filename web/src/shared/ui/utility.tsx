import { ThemeIcon } from '@mantine/core';
import {
  IconBolt,
  IconDeviceMobile,
  IconDeviceTv,
  IconDroplet,
  IconFlame,
  IconReceipt,
  IconRecycle,
  IconShield,
  IconTemperature,
  IconWifi,
} from '@tabler/icons-react';
import type { Enum } from '@/shared/graphql/graphql';

export type UtilityType = Enum<'UtilityType'>;

const looks = {
  ELECTRICITY: { icon: IconBolt, color: 'yellow' },
  GAS: { icon: IconFlame, color: 'orange' },
  WATER: { icon: IconDroplet, color: 'blue' },
  MOBILE: { icon: IconDeviceMobile, color: 'violet' },
  BROADBAND: { icon: IconWifi, color: 'indigo' },
  INSURANCE: { icon: IconShield, color: 'teal' },
  HEATING: { icon: IconTemperature, color: 'red' },
  WASTE: { icon: IconRecycle, color: 'green' },
  TELEVISION: { icon: IconDeviceTv, color: 'grape' },
  OTHER: { icon: IconReceipt, color: 'gray' },
} as const satisfies Record<UtilityType, unknown>;

export const utilityTypes = Object.keys(looks) as UtilityType[];

/** A type the server knows and this version does not is shown as "other", not as a crash. */
export const utilityLook = (type: UtilityType) => looks[type] ?? looks.OTHER;

export function UtilityIcon({ type, size = 42 }: { readonly type: UtilityType; readonly size?: number }) {
  const { icon: Icon, color } = utilityLook(type);
  return (
    <ThemeIcon variant="light" color={color} size={size} radius={Math.round(size * 0.3)} aria-hidden="true">
      <Icon size={Math.round(size * 0.55)} stroke={1.7} />
    </ThemeIcon>
  );
}
