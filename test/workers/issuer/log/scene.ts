/** The log of this Worker, and verifiers that follow it over its routes. */
import {
  createExecutionContext,
  evictDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import worker from '../../../../deployment/issuer.ts';
import type { WatermarkRecord } from '../../../../src/audit/index.ts';
import { FeedClient, type FeedQuery } from '../../../../src/feed/index.ts';
import { publicJwk } from '../../../../src/signing-keys.ts';
import type { StopDraft } from '../../../../workers/issuer/feed/entry-draft.ts';
import {
  feedArchive,
  type IssuerEnv,
  revocationLog,
} from '../../../../workers/issuer/platform/env.ts';

export const env = untyped as unknown as IssuerEnv;
export const log = () => revocationLog(env);
export const archive = () => feedArchive(env, 0);

export const seconds = (): number => Math.floor(Date.now() / 1000);

export const workflow = (id: string, expires = seconds() + 3_600): StopDraft => ({
  kind: 'workflow',
  id,
  at: seconds(),
  expires,
});

/** Includes the work after the answer. A reset also removes the object of the cache. */
export async function get(path: string): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await worker.fetch(new Request(`${env.ISSUER}${path}`), env, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

/** A verifier's copy. `requested` lists the paths that it fetched. */
export async function follow(): Promise<{ feed: FeedClient; requested: string[] }> {
  const { x } = await publicJwk(env.FEED_KEY);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x };
  const feedKey = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
  const requested: string[] = [];
  const feed = new FeedClient({
    issuer: env.ISSUER,
    feedKey,
    fetch: (path) => {
      requested.push(path);
      return get(path);
    },
  });
  return { feed, requested };
}

export const question = (workflow: string, more: Partial<FeedQuery> = {}): FeedQuery => ({
  workflow,
  ancestors: [],
  gen: 1,
  blocks: [],
  issuerKey: '00'.repeat(32),
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  audience: 'https://gateway.example',
  grants: [],
  issuedAt: new Date(),
  ...more,
});

export const watermarkRecord = (value: string, reason = 'test'): WatermarkRecord => ({
  event: 'watermark',
  id: `watermark.${value}`,
  at: Date.now(),
  scope: 'owner',
  value,
  before: seconds(),
  actor: 'operator',
  reason,
});

export const restartLog = () => evictDurableObject(env.REVOCATION_LOG.getByName('default'));
