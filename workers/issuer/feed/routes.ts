import type { IRequest } from 'itty-router';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import { sourceOf } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { credentialDigest, isCredential } from '../platform/credential.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { problem, readJson } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';
import { confirmationSchema, receiveConfirmation } from './receive-confirmation.ts';
import { type Subscriber, subscriptionRequest } from './subscribers.ts';

const HEAD_CACHED_SECONDS = 1; // For those who poll: at most that much later than the log.

export const feedRoutes: PublicHandlers<PublicApi['feed']> = {
  head: feedHead,
  delta: feedDelta,
  snapshot: feedSnapshot,
  subscribe: feedSubscribe,
  confirm: feedConfirm,
};

const IMMUTABLE = {
  'content-type': 'application/octet-stream',
  'cache-control': 'public, max-age=31536000, immutable',
};

/**
 * The head, whole every time: a 304 would prove nothing about freshness. Who polls (`?polled`) is
 * answered from the cache of this location, so that the log is asked once a second for each of
 * them and not by each verifier; who has to know is answered by the log.
 */
async function feedHead(
  request: IRequest,
  env: IssuerEnv,
  ctx: ExecutionContext,
): Promise<Response> {
  const shard = servedShard(request, env);
  if (shard === undefined) return unknown();
  if (!new URL(request.url).searchParams.has('polled')) {
    return Response.json(await revocationLog(env, shard).head(), {
      headers: { 'cache-control': 'no-store' },
    });
  }
  // Of our own making, so that nothing of a stranger's request decides what is found.
  const key = `${readConfig(env).issuer}/feed/v2/${shard}/head?polled`;
  const held = await cached(key, shard);
  if (held) return held;
  const head = Response.json(await revocationLog(env, shard).head(), {
    headers: { 'cache-control': `public, max-age=${HEAD_CACHED_SECONDS}` },
  });
  ctx.waitUntil(keep(key, head.clone(), shard));
  return head;
}

/** Undefined also where the cache fails or none is configured: the log can always answer. */
async function cached(key: string, shard: number): Promise<Response | undefined> {
  try {
    return await caches.default.match(key);
  } catch (error) {
    reportUncached(shard, error);
    return undefined;
  }
}

async function keep(key: string, head: Response, shard: number): Promise<void> {
  try {
    await caches.default.put(key, head);
  } catch (error) {
    reportUncached(shard, error);
  }
}

const reportUncached = (shard: number, error: unknown): void =>
  report('feed.uncached', { shard, error: (error as Error).name });

/** The entries `(from, to]` of one epoch: immutable, so anyone may keep them. */
async function feedDelta(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  const [from, to, rest] = (request.params.range ?? '').split('-').map(position);
  const epoch = position(request.params.epoch);
  if (shard === undefined || epoch === undefined) return unknown();
  if (from === undefined || to === undefined || rest !== undefined) return unknown();
  const delta = await revocationLog(env, shard).delta(epoch, from, to);
  return delta ? new Response(delta, { headers: IMMUTABLE }) : unknown();
}

/** A snapshot that a head has named, by its place and the hash of its bytes. */
async function feedSnapshot(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  const [seq, hash, rest] = (request.params.name ?? '').split('-');
  const [epoch, at] = [position(request.params.epoch), position(seq)];
  if (shard === undefined || epoch === undefined || at === undefined) return unknown();
  if (hash === undefined || rest !== undefined) return unknown();
  const bytes = await revocationLog(env, shard).snapshot(epoch, at, hash);
  return bytes ? new Response(bytes, { headers: IMMUTABLE }) : unknown();
}

/**
 * A socket that tells of every entry as it is written (docs/reference/feed.md, "Sockets"). Anybody
 * may have one, within bounds that leave room for verifiers, which show their credential.
 */
async function feedSubscribe(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  if (shard === undefined) return unknown();
  if (request.headers.get('upgrade') !== 'websocket') {
    return problem({ code: 'upgrade_required' });
  }
  const digest = await credentialDigest(request.headers);
  const { sourceHeader } = readConfig(env);
  const subscriber: Subscriber = isVerifier(digest, env)
    ? { by: 'verifier' }
    : { by: 'anonymous', source: sourceOf(request.headers, sourceHeader) };
  return revocationLog(env, shard).fetch(subscriptionRequest(request.url, subscriber));
}

const isVerifier = (digest: ArrayBuffer | undefined, env: IssuerEnv): boolean =>
  readConfig(env).verifiers.some(({ sha256 }) => isCredential(digest, sha256));

/**
 * A verifier says how far it is, so that an operator who revokes sees who has it. It needs a
 * verifier's credential: else strangers could make it look as if all were well, or nothing.
 */
async function feedConfirm(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  if (shard === undefined) return unknown();
  const digest = await credentialDigest(request.headers);
  if (!isVerifier(digest, env)) {
    return problem(
      { code: 'unauthorized', message: 'The credential of a verifier is required.' },
      { 'www-authenticate': 'Bearer realm="hewn-feed"' },
    );
  }
  const confirmation = await readJson(request, confirmationSchema);
  if (!confirmation.ok) return problem(confirmation.error);
  await receiveConfirmation(env, shard, confirmation.value);
  return new Response(null, { status: 204 });
}

/** Not stored by anyone: a range of the future would stay missing for who asks after it grew. */
const unknown = (): Response => problem({ code: 'range_unknown' }, { 'cache-control': 'no-store' });

/** A stranger's number must not bring an object into being. */
function servedShard({ params }: IRequest, env: IssuerEnv): number | undefined {
  const shard = position(params.shard);
  return shard !== undefined && shard < readConfig(env).shards ? shard : undefined;
}

const position = (text: string | undefined): number | undefined =>
  text !== undefined && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
