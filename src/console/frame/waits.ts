import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { clockMinute } from '../time.ts';

/** The order was taken and has no effect yet: a second person has to confirm it. */
export interface WaitsForPerson {
  readonly kind: 'waits';
  /** The id of the proposal. */
  readonly id: string;
  readonly endsAt: UnixMilliseconds;
}

interface Given {
  readonly proposal?: { readonly id?: unknown; readonly expires?: unknown } | null;
}

/** Returns the proposal that an answer 202 has. Without one, the answer cannot be read. */
export function waitingOf(answer: unknown): WaitsForPerson | undefined {
  const { id, expires } = (answer as Given | null | undefined)?.proposal ?? {};
  return typeof id === 'string' && typeof expires === 'number'
    ? { kind: 'waits', id, endsAt: toMilliseconds(expires) }
    : undefined;
}

/** `zone` is an IANA name; the default is the zone of the browser. */
export const waitsWords = ({ endsAt }: WaitsForPerson, zone?: string): string =>
  `Nothing changed yet: another person has to confirm it by ${clockMinute(endsAt, zone)}.`;
