import { utf8 } from '../../encoding.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../../limits.ts';
import { textUpTo, uint48 } from './shape.ts';

/**
 * What a watermark can stop: the tokens of one root key (its public half in lower-case hex, because
 * a token's key id is a hint that nobody signed), of one agent, subject, owner or audience, those
 * that grant one tool, or all of them.
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

export type WatermarkScope = (typeof WATERMARK_SCOPES)[number];

/** Everything of a scope that was issued before a time is dead: one entry for any number. */
export interface Watermark {
  readonly scope: WatermarkScope;
  /** Empty where the scope is `all`. */
  readonly value: string;
  /** Unix seconds; a token of this very second lives. */
  readonly before: number;
}

/** Its members by themselves; `isWatermark` says whether they fit each other. */
export const WATERMARK_FORM = {
  scope: (value: unknown): value is WatermarkScope => WATERMARK_SCOPES.includes(value as 'all'),
  value: textUpTo(FEED_WATERMARK_VALUE_BYTES_MAX),
  before: uint48(1),
};

export const isWatermark = ({ scope, value, before }: Watermark): boolean =>
  WATERMARK_FORM.before(before) &&
  WATERMARK_SCOPES.includes(scope) &&
  (value === '') === (scope === 'all') &&
  value.isWellFormed() &&
  utf8(value).length <= FEED_WATERMARK_VALUE_BYTES_MAX;
