import * as v from 'valibot';
import { wholeNumber } from './whole-number.ts';

/** What one call of an upstream, or of one of its tools, may take. */
export interface CallLimits {
  /** How long the gateway waits for an answer. */
  readonly seconds: number;
  /** How long in all while the server reports progress. Each report restarts `seconds`. */
  readonly progressSeconds: number;
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** Calls at a time, in one isolate. Absent: no bound besides those of the platform. */
  readonly concurrent?: number;
}

export type StatedLimits = Partial<CallLimits>;

const LIMITS_DEFAULT = {
  seconds: 30, // As long as the token of a step lives.
  progressSeconds: 300,
  requestBytes: 256 * 1024,
  answerBytes: 4 * 1024 * 1024, // An MCP answer is buffered whole in an isolate of 128 MB.
} as const satisfies CallLimits;

const SECONDS_MAX = 900;
const PROGRESS_SECONDS_MAX = 3_600;
const BYTES_MIN = 1_024;
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024; // In memory it takes up to three times as much.
const CONCURRENT_MAX = 10_000;

/** The limits that an upstream or a tool may state. */
export const limitsSchema = v.strictObject({
  seconds: v.exactOptional(wholeNumber(1, SECONDS_MAX)),
  progressSeconds: v.exactOptional(wholeNumber(1, PROGRESS_SECONDS_MAX)),
  requestBytes: v.exactOptional(wholeNumber(BYTES_MIN, REQUEST_BYTES_MAX)),
  answerBytes: v.exactOptional(wholeNumber(BYTES_MIN, ANSWER_BYTES_MAX)),
  concurrent: v.exactOptional(wholeNumber(1, CONCURRENT_MAX)),
});

/** Returns the limits of an upstream: what it states, and the defaults. */
export function upstreamLimits(stated: StatedLimits = {}): CallLimits {
  const limits = { ...LIMITS_DEFAULT, ...stated };
  return { ...limits, progressSeconds: Math.max(limits.seconds, limits.progressSeconds) };
}

/**
 * Returns the limits of a tool of this upstream. A tool narrows: what it states above the limit of
 * its upstream has no effect. Its `concurrent` counts its own calls, beside those of the upstream.
 */
export function toolLimits(upstream: CallLimits, { concurrent, ...stated }: StatedLimits = {}) {
  const least = (name: 'seconds' | 'progressSeconds' | 'requestBytes' | 'answerBytes'): number =>
    Math.min(upstream[name], stated[name] ?? upstream[name]);
  return {
    seconds: least('seconds'),
    progressSeconds: least('progressSeconds'),
    requestBytes: least('requestBytes'),
    answerBytes: least('answerBytes'),
    ...(concurrent !== undefined && { concurrent }),
  } satisfies CallLimits;
}
