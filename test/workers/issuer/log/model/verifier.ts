import {
  FeedClient,
  type FeedFloor,
  type FeedQuery,
  type Head,
} from '../../../../../src/feed/index.ts';
import { publicJwk } from '../../../../../src/signing-keys.ts';
import { env, get } from '../scene.ts';

/** Whether its requests reach the log. `stale`: a cache answers with an older head. */
export type Way = 'open' | 'cut' | 'stale';

/** A verifier that follows the log across its own restarts, and detects if the log goes back. */
export class Verifier {
  way: Way = 'open';
  readonly #hasFloor: boolean;
  readonly #witnesses: string | undefined;
  readonly #heads: string[] = [];
  #floor: FeedFloor | undefined;
  #feed: FeedClient | undefined;
  #newest: Pick<Head, 'epoch' | 'seq' | 'issued_at'> = { epoch: 0, seq: 0, issued_at: 0 };

  constructor(options: { hasFloor: boolean; witnesses?: string }) {
    this.#hasFloor = options.hasFloor;
    this.#witnesses = options.witnesses;
  }

  /** Restarts it. Only its floor survives. */
  restart(): void {
    this.#feed = undefined;
  }

  /** Returns whether it now has everything that the log had when it asked. */
  async refresh(): Promise<boolean> {
    this.#feed ??= await this.#start();
    const refreshed = await this.#feed.refresh();
    if (refreshed.ok) this.#mustNotGoBack(refreshed.value);
    else if (this.way === 'open') throw new Error(`refused: ${JSON.stringify(refreshed.error)}`);
    return refreshed.ok && this.way === 'open';
  }

  stops(question: FeedQuery): boolean {
    return this.#feed?.find(question) !== undefined;
  }

  #mustNotGoBack({ epoch, seq, issued_at }: Head): void {
    const before = this.#newest;
    if (epoch < before.epoch || seq < before.seq || issued_at < before.issued_at) {
      const [then, now] = [before, { epoch, seq, issued_at }].map((at) => JSON.stringify(at));
      throw new Error(`a verifier went back from ${then} to ${now}`);
    }
    this.#newest = { epoch, seq, issued_at };
  }

  async #start(): Promise<FeedClient> {
    const { x } = await publicJwk(env.FEED_KEY);
    const jwk = { kty: 'OKP', crv: 'Ed25519', x };
    const feedKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
    const floor = {
      load: async () => this.#floor,
      save: async (reached: FeedFloor) => {
        this.#floor = reached;
      },
    };
    return new FeedClient({
      retryMilliseconds: 0, // A story asks again at once.
      issuer: env.ISSUER,
      feedKey,
      fetch: (path: string) => this.#ask(path),
      ...(this.#hasFloor && { floor }),
      ...(this.#witnesses !== undefined && { witnesses: this.#witnesses }),
    });
  }

  async #ask(path: string): Promise<Response> {
    if (this.way === 'cut') throw new TypeError('the log is out of reach');
    if (!path.endsWith('/head')) return get(path);
    const [oldest] = this.#heads;
    if (this.way === 'stale' && oldest !== undefined) return new Response(oldest);
    const response = await get(path);
    if (response.ok) this.#heads.push(await response.clone().text());
    if (this.#heads.length > 4) this.#heads.shift();
    return response;
  }
}
