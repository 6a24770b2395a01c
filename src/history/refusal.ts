/** The rule that refuses a call. */
interface OfRule {
  readonly rule: string;
  /** Why the rule exists: its `reason`. */
  readonly why: string;
}

/** Why a rule over history refuses a call. `src/denials` has a row for each code. */
export type HistoryRefusal = OfRule & Refused;

type Refused =
  /** Too many calls, too much altogether, or too many different values. */
  | {
      readonly code: 'history_limit';
      readonly counts: 'calls' | 'sum' | 'distinct';
      readonly most: number;
      /** What would have been allowed: so many more calls or values, or so much of the sum. */
      readonly left: number;
      /** When one more call, or any sum, may be allowed again; absent without a time. */
      readonly seconds?: number;
    }
  /** The value of this argument was used before. */
  | { readonly code: 'history_used'; readonly pointer: string }
  /** An earlier call is missing, or forbids this one. */
  | {
      readonly code: 'history_order';
      readonly needs: 'after' | 'not_after';
      /** The earlier call: its tool, or its tools with commas. */
      readonly of: string;
      readonly seconds?: number;
    }
  /** The verifier did not measure these arguments, or they have no value that counts. */
  | {
      readonly code: 'history_unmeasured';
      readonly pointers: readonly string[];
    }
  /** The rule can remember no further call. */
  | { readonly code: 'history_full' };

/** Every code of a refusal. */
export const HISTORY_CODES = [
  'history_limit',
  'history_used',
  'history_order',
  'history_unmeasured',
  'history_full',
] as const satisfies readonly HistoryRefusal['code'][];

/** Says what would be allowed instead, in one sentence for the caller. */
export function allowedInstead(refusal: HistoryRefusal): string {
  const { rule } = refusal;
  switch (refusal.code) {
    case 'history_limit': {
      const { most, left } = refusal;
      return `The rule ${rule} allows ${most}, of which ${left} ${left === 1 ? 'is' : 'are'} left${later(refusal)}.`;
    }
    case 'history_used':
      return `The rule ${rule} allows each value of ${refusal.pointer} once, and this one was used.`;
    case 'history_order':
      return refusal.needs === 'after'
        ? `The rule ${rule} allows the call after ${refusal.of}.`
        : `The rule ${rule} does not allow the call after ${refusal.of}${later(refusal)}.`;
    case 'history_unmeasured':
      return `The rule ${rule} needs a value in ${refusal.pointers.join(', ')}.`;
    case 'history_full':
      return `The rule ${rule} can remember no further call.`;
  }
}

const later = ({ seconds }: { readonly seconds?: number }): string =>
  seconds === undefined ? '' : `; it may allow more in ${seconds} s`;

/** Returns the refusal if a denial is one. */
export const historyRefusalOf = (denial: { readonly code: string }): HistoryRefusal | undefined =>
  HISTORY_CODES.some((code) => code === denial.code) ? (denial as HistoryRefusal) : undefined;
