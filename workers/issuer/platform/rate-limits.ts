import * as v from 'valibot';

/** Requests of one key in a minute. A deployment changes them by the variable RATE_LIMITS. */
export interface RateLimits {
  /** Token requests of one source address. */
  readonly tokenPerSource: number;
  /** Token requests of all whose source address is not known. */
  readonly tokenShared: number;
  /** Token requests of one proven agent. */
  readonly tokenPerAgent: number;
  /** Questions to the feed's logs, and introspections, of one source address. */
  readonly questionPerSource: number;
  readonly questionShared: number;
}

const RATE_LIMITS_DEFAULT: RateLimits = {
  tokenPerSource: 600, // An office behind one address, each agent renewing every half minute.
  tokenShared: 6_000,
  tokenPerAgent: 600, // A fleet that shares one identity; one agent asks twice a minute.
  questionPerSource: 6_000, // A gateway with a hundred irreversible calls a second.
  questionShared: 60_000,
};

const perMinute = v.optional(
  v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000_000)),
);
const limits = v.strictObject({
  tokenPerSource: perMinute,
  tokenShared: perMinute,
  tokenPerAgent: perMinute,
  questionPerSource: perMinute,
  questionShared: perMinute,
} satisfies Record<keyof RateLimits, v.GenericSchema>);

/** Undefined for what is not exactly an object of known limits. */
export function readRateLimits(json: unknown): RateLimits | undefined {
  // A schema of objects takes a list for an object without members.
  const parsed = v.safeParse(limits, Array.isArray(json) ? undefined : json);
  if (!parsed.success) return undefined;
  const stated = Object.entries(parsed.output).filter(([, limit]) => limit !== undefined);
  return { ...RATE_LIMITS_DEFAULT, ...Object.fromEntries(stated) };
}

/** An HTTP field name (RFC 9110 section 5.1). */
export const isHeaderName = (text: string): boolean =>
  /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i.test(text);
