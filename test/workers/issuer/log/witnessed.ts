import { runInDurableObject } from 'cloudflare:test';
import { Buffer } from 'node:buffer';
import { vi } from 'vitest';
import { FeedClient } from '../../../../src/feed/index.ts';
import { feedOrigin } from '../../../../src/feed/log/index.ts';
import { publicJwk } from '../../../../src/signing-keys.ts';
import { readConfig } from '../../../../workers/issuer/platform/config.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import {
  COSIGNATURE,
  ED25519,
  type SigningKey,
  sha256,
  signingKey,
  verifierKeyOf,
} from '../../../witness/note.ts';
import type { Cosigned } from '../../../witness/store.ts';
import { Witness, type WitnessMemory } from '../../../witness/witness.ts';
import { env, get, log } from './scene.ts';

/** As a witness keeps it, without a disk: workerd has none. */
class Memory implements WitnessMemory {
  readonly #newest = new Map<string, Cosigned>();

  /** The number of logs of which it has cosigned a checkpoint. */
  get size(): number {
    return this.#newest.size;
  }

  forget(): void {
    this.#newest.clear();
  }

  newest(origin: string): Cosigned | undefined {
    return this.#newest.get(origin);
  }

  advance(origin: string, check: (newest: Cosigned | undefined) => Cosigned | undefined): void {
    const next = check(this.newest(origin));
    if (next) this.#newest.set(origin, next);
  }
}

/** How a witness answers: not at all, or after it has stored what it then does not deliver. */
export type WitnessWeather = 'up' | 'down' | 'lost';

export interface WitnessedScene {
  readonly origin: string;
  readonly policy: string;
  /** By witness. */
  readonly weather: WitnessWeather[];
  readonly memories: readonly Memory[];
  /** Returns a verifier that demands two of three witnesses. */
  follow(): Promise<FeedClient>;
  /** Lets the log of this test run without witnesses again. */
  undo(): Promise<void>;
}

/** Gives the log of these tests three witnesses. */
export async function withWitnesses(): Promise<WitnessedScene> {
  const origin = feedOrigin(env.ISSUER, 0);
  const seed = Buffer.from((env.LOG_KEY ?? '').replace('ed25519-private/', ''), 'hex');
  const logs = [verifierKeyOf(signingKey(origin, ED25519, seed))];
  const keys: readonly SigningKey[] = [0, 1, 2].map((index) =>
    signingKey(`witness.example/w${index}`, COSIGNATURE, sha256(`w${index}`)),
  );
  const memories = keys.map(() => new Memory());
  const now = () => Math.floor(Date.now() / 1000);
  const witnesses = keys.map(
    (key, index) => new Witness({ key, logs, store: memories[index] ?? new Memory(), now }),
  );
  const weather: WitnessWeather[] = ['up', 'up', 'up'];
  const policy = [
    `log ${logs[0]}`,
    ...keys.map((key, n) => `witness w${n} ${verifierKeyOf(key)} https://w${n}.witness.example`),
    'group all 2 w0 w1 w2',
    'quorum all',
  ].join('\n');
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const index = Number(/^https:\/\/w(\d)\.witness/.exec(String(input))?.[1]);
    const witness = witnesses[index];
    if (!witness || weather[index] === 'down') throw new TypeError('unreachable');
    const { status, body } = witness.addCheckpoint(Buffer.from(String(init?.body)));
    if (weather[index] === 'lost') throw new TypeError('the connection was cut');
    return new Response(body, { status });
  });
  const set = (witnessed: string | undefined) =>
    runInDurableObject(log(), (instance) => {
      const own = (instance as unknown as { env: IssuerEnv }).env;
      Object.assign(readConfig(own).audit, { witnesses: witnessed });
    });
  await set(policy);
  const { x } = await publicJwk(env.FEED_KEY);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x };
  const feedKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
  return {
    origin,
    policy,
    weather,
    memories,
    follow: async () =>
      new FeedClient({
        issuer: env.ISSUER,
        feedKey,
        witnesses: policy,
        fetch: (path) => get(path),
      }),
    undo: () => set(undefined),
  };
}
