import type { UnixSeconds } from '../../clock.ts';
import { utf8 } from '../../encoding.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../limits.ts';
import { textUpTo, uint48 } from './shape.ts';

/**
 * What a watermark can stop: all tokens; those of one root key, agent, subject, owner or audience;
 * or those that grant one tool. A root key is named by its public half in lower-case hex, because
 * the key id of a token is an unsigned hint.
 *
 * The index of a scope is its byte in a record: append new scopes, and never reorder.
 */
export const WATERMARK_SCOPES = [
  'all',
  'issuer_key',
  'agent',
  'subject',
  'owner',
  'audience',
  'tool',
] as const;

/** The scope of a watermark. */
export type WatermarkScope = (typeof WATERMARK_SCOPES)[number];

/** Stops every token of a scope that was issued before a time, however many there are. */
export interface Watermark {
  readonly scope: WatermarkScope;
  /** Empty if the scope is `all`. */
  readonly value: string;
  /** A token that was issued in this very second is not stopped. */
  readonly before: UnixSeconds;
}

/** Checks each member alone. `isWatermark` checks that they fit together. */
export const WATERMARK_FORM = {
  scope: (value: unknown): value is WatermarkScope => WATERMARK_SCOPES.includes(value as 'all'),
  value: textUpTo(FEED_WATERMARK_VALUE_BYTES_MAX),
  before: uint48(1),
};

/** Returns whether the members of a watermark are valid and fit together. */
export const isWatermark = ({ scope, value, before }: Watermark): boolean =>
  WATERMARK_FORM.before(before) &&
  WATERMARK_SCOPES.includes(scope) &&
  (value === '') === (scope === 'all') &&
  value.isWellFormed() &&
  utf8(value).length <= FEED_WATERMARK_VALUE_BYTES_MAX;
