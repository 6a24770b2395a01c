import type { Watermark } from '../format/watermark.ts';

/** What of a token a watermark can name. */
export interface WatermarkQuery {
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

  find(question: WatermarkQuery): Watermark | undefined {
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

function names({ scope, value }: Watermark, question: WatermarkQuery): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'issuer_key':
      return question.issuerKey === value;
    case 'tool':
      return question.grants.some(({ tool }) => tool === value);
    case 'agent':
    case 'subject':
    case 'owner':
    case 'audience':
      return question[scope] === value;
  }
}
