import type { UnixSeconds } from '../../clock.ts';
import type { Watermark } from '../format/watermark.ts';

/** The facts of a token that a watermark can name. */
export interface WatermarkQuery {
  /** Public half of the root key that the token was verified with, in lower-case hex. */
  readonly issuerKey: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  readonly grants: readonly { readonly tool: string }[];
  readonly issuedAt: Date;
}

/** Watermarks in force. Adding one can only stop more tokens. */
export class WatermarkSet {
  readonly #byScope = new Map<
    string,
    { readonly watermark: Watermark; readonly expires: UnixSeconds }
  >();

  get size(): number {
    return this.#byScope.size;
  }

  /** Adds a watermark. Of two for one scope and value, the later times count. */
  add({ scope, value, before }: Watermark, expires: UnixSeconds): void {
    const key = `${scope} ${value}`;
    const known = this.#byScope.get(key);
    this.#byScope.set(key, {
      watermark: { scope, value, before: Math.max(before, known?.watermark.before ?? 0) },
      expires: Math.max(expires, known?.expires ?? 0),
    });
  }

  find(query: WatermarkQuery): Watermark | undefined {
    if (this.#byScope.size === 0) return undefined;
    const issuedAt = query.issuedAt.getTime() / 1000;
    for (const { watermark } of this.#byScope.values()) {
      if (issuedAt < watermark.before && matches(watermark, query)) return watermark;
    }
    return undefined;
  }

  dropExpired(now: UnixSeconds): void {
    for (const [key, { expires }] of this.#byScope) {
      if (expires < now) this.#byScope.delete(key);
    }
  }
}

function matches({ scope, value }: Watermark, query: WatermarkQuery): boolean {
  switch (scope) {
    case 'all':
      return true;
    case 'issuer_key':
      return query.issuerKey === value;
    case 'tool':
      return query.grants.some(({ tool }) => tool === value);
    case 'agent':
    case 'subject':
    case 'owner':
    case 'audience':
      return query[scope] === value;
  }
}
