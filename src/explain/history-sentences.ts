import type { DeniedCall } from './explanation.ts';
import { quoted } from './quoted.ts';

type Sentence = (call: DeniedCall) => string | undefined;

/** Describes a refusal by a rule over history, from the data of its record. */
const about =
  (state: (detail: NonNullable<DeniedCall['detail']>) => string): Sentence =>
  ({ detail }) =>
    detail?.rule === undefined
      ? undefined
      : `The rule ${quoted(detail.rule)} ${state(detail)}: ${quoted(detail.why)}`.replace(
          /\.?$/,
          '.',
        );

/** Millionths are the smallest part of a sum, and a difference of two is no longer exact. */
const usedOf = ({ most, left }: NonNullable<DeniedCall['detail']>): number =>
  Math.round((Number(most) - Number(left)) * 1_000_000) / 1_000_000;

/** What a bound counts, in words. */
const COUNTED: Readonly<Record<string, readonly [one: string, several: string]>> = {
  calls: ['call', 'calls'],
  sum: ['in all', 'in all'],
  distinct: ['different value', 'different values'],
};

/** Returns an amount of what a rule counts, such as `5 calls`. */
export function amountOf(
  { counts }: NonNullable<DeniedCall['detail']>,
  amount: string | number,
): string {
  const [one, several] = COUNTED[String(counts)] ?? ['', ''];
  return `${quoted(amount)} ${amount === 1 ? one : several}`.trimEnd();
}

export const HISTORY_SENTENCES: Readonly<Record<string, Sentence>> = {
  history_limit: about(
    (detail) =>
      `allows ${amountOf(detail, detail.most ?? '')}, of which ${usedOf(detail)} ${usedOf(detail) === 1 ? 'is' : 'are'} used`,
  ),
  history_used: about(
    ({ pointer }) => `allows each value of ${quoted(pointer)} once, and this one was used`,
  ),
  history_order: about(({ needs, of }) =>
    needs === 'after'
      ? `allows the call only after ${quoted(of)}, and no such call counts`
      : `does not allow the call after ${quoted(of)}`,
  ),
  history_unmeasured: about(({ pointers }) => `needs a value in ${quoted(pointers)}`),
  history_full: about(() => 'can remember no further call'),
};
