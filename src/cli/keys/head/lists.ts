import { printableJson } from '../../../approval/index.ts';
import type { ApproverKey, ReceiptKey } from '../../../feed/index.ts';
import { ADMIN_API } from '../../../issuer-api/index.ts';
import { type Screen, showSeconds } from '../../terminal/index.ts';

/** What the keys of a list sign. */
export const KEY_USES = ['receipt', 'approver'] as const;

export type KeyUse = (typeof KEY_USES)[number];

const { keys } = ADMIN_API;

/** The routes of each list. */
export const KEY_ROUTES_BY_USE = {
  receipt: { list: keys.listReceiptKeys, remove: keys.removeReceiptKey },
  approver: { list: keys.listApproverKeys, remove: keys.removeApproverKey },
} as const;

/** Returns a key in lines for a person. */
export function linesOfKey(
  screen: Screen,
  use: KeyUse,
  key: ReceiptKey | ApproverKey,
): readonly string[] {
  const holder = 'gateway' in key ? ['gateway', key.gateway] : ['approver', key.approver];
  const datasets =
    'datasets' in key
      ? [`  datasets    ${key.datasets?.map(printableJson).join(', ') ?? 'all'}`]
      : [];
  return [
    `${use} ${key.id}: ${key.public_key}`,
    `  ${holder[0]?.padEnd(10)}  ${printableJson(holder[1] ?? '')}`,
    ...datasets,
    `  until       ${key.until === null ? 'it is withdrawn' : showSeconds(screen, key.until)}`,
  ];
}
