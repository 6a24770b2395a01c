import { utf8 } from '../encoding.ts';
import { FEED_WATERMARK_VALUE_BYTES_MAX } from '../limits.ts';
import { isTextUpTo, isUint48From } from './shape.ts';

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

export const isWatermark = ({ scope, value, before }: Watermark): boolean =>
  WATERMARK_SCOPES.includes(scope) &&
  isTextUpTo(value, FEED_WATERMARK_VALUE_BYTES_MAX) &&
  (value === '') === (scope === 'all') &&
  value.isWellFormed() &&
  utf8(value).length <= FEED_WATERMARK_VALUE_BYTES_MAX &&
  isUint48From(before, 1);

/** What of a token a watermark can name. */
export interface WatermarkQuestion {
  /** Public half of the root key that the token was verified under, lower-case hex. */
  readonly issuerKey: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  readonly grants: readonly { readonly tool: string }[];
  readonly issuedAt: Date;
}

/** The watermarks in force. Adding one can only stop more. */
export class WatermarkSet {
  readonly #held = new Map<string, { readonly watermark: Watermark; readonly expires: number }>();

  get size(): number {
    return this.#held.size;
  }

  /** `expires` is in Unix seconds; of two of one scope and value, the further one counts. */
  add({ scope, value, before }: Watermark, expires: number): void {
    const key = `${scope} ${value}`;
    const known = this.#held.get(key);
    this.#held.set(key, {
      watermark: { scope, value, before: Math.max(before, known?.watermark.before ?? 0) },
      expires: Math.max(expires, known?.expires ?? 0),
    });
  }

  find(question: WatermarkQuestion): Watermark | undefined {
    if (this.#held.size === 0) return undefined;
    const issuedAt = question.issuedAt.getTime() / 1000;
    for (const { watermark } of this.#held.values()) {
      if (issuedAt < watermark.before && names(watermark, question)) return watermark;
    }
    return undefined;
  }

  dropExpired(nowSeconds: number): void {
    for (const [key, { expires }] of this.#held) {
      if (expires < nowSeconds) this.#held.delete(key);
    }
  }
}

function names({ scope, value }: Watermark, question: WatermarkQuestion): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'issuer_key':
      return question.issuerKey === value;
    case 'tool':
      return question.grants.some(({ tool }) => tool === value);
    default:
      return question[scope] === value;
  }
}
