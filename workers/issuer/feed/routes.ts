import type { IRequest } from 'itty-router';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import { sourceOf } from '../../../src/rates/index.ts';
import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { problem, readJson } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';
import {
  type RemoteVerifier,
  remoteVerifier,
  verifierName,
} from '../platform/verifier-credential.ts';
import { confirmationSchema, receiveConfirmation } from './receive-confirmation.ts';
import { IMMUTABLE, position, servedShard } from './served-shard.ts';
import { type Subscriber, subscriptionRequest } from './subscribers.ts';
import { treeCheckpoint, treeTile } from './tree-routes.ts';

const HEAD_CACHED_SECONDS = 1; // For polls: a head is at most this much behind the log.

export const feedRoutes: PublicHandlers<PublicApi['feed']> = {
  head: feedHead,
  delta: feedDelta,
  snapshot: feedSnapshot,
  checkpoint: treeCheckpoint,
  tile: treeTile,
  subscribe: feedSubscribe,
  confirm: feedConfirm,
};

/**
 * Serves the head, always in full: a 304 would prove nothing about freshness. A poll (`?polled`) is
 * answered from the cache of this location, so the log is asked once a second by each location and
 * not by each verifier. Any other request is answered by the log.
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
  // Built here, so no part of the caller's request decides which entry is found.
  const key = `${readConfig(env).issuer}/feed/v2/${shard}/head?polled`;
  const hit = await cached(key, shard);
  if (hit) return hit;
  const head = Response.json(await revocationLog(env, shard).head(), {
    headers: { 'cache-control': `public, max-age=${HEAD_CACHED_SECONDS}` },
  });
  ctx.waitUntil(store(key, head.clone(), shard));
  return head;
}

/** Returns undefined if the cache fails or does not exist: the log can always answer. */
async function cached(key: string, shard: number): Promise<Response | undefined> {
  try {
    return await caches.default.match(key);
  } catch (error) {
    reportUncached(shard, error);
    return undefined;
  }
}

async function store(key: string, head: Response, shard: number): Promise<void> {
  try {
    await caches.default.put(key, head);
  } catch (error) {
    reportUncached(shard, error);
  }
}

const reportUncached = (shard: number, error: unknown): void =>
  report('feed.uncached', { shard, error: (error as Error).name });

/** Serves the entries `(from, to]` of one epoch. They are immutable, so anyone may cache them. */
async function feedDelta(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  const [from, to, rest] = (request.params.range ?? '').split('-').map(position);
  const epoch = position(request.params.epoch);
  if (shard === undefined || epoch === undefined) return unknown();
  if (from === undefined || to === undefined || rest !== undefined) return unknown();
  const delta = await revocationLog(env, shard).delta(epoch, from, to);
  return delta ? new Response(delta, { headers: IMMUTABLE }) : unknown();
}

/** Serves a snapshot that a head has named, by its position and the hash of its bytes. */
async function feedSnapshot(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  const [seq, hash, rest] = (request.params.name ?? '').split('-');
  const [epoch, entry] = [position(request.params.epoch), position(seq)];
  if (shard === undefined || epoch === undefined || entry === undefined) return unknown();
  if (hash === undefined || rest !== undefined) return unknown();
  const bytes = await revocationLog(env, shard).snapshot(epoch, entry, hash);
  return bytes ? new Response(bytes, { headers: IMMUTABLE }) : unknown();
}

/**
 * Opens a socket that sends every entry as it is written (docs/reference/feed.md, "Messages and
 * files"). Anyone may open one. Limits reserve most of them for verifiers with a credential.
 */
async function feedSubscribe(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  if (shard === undefined) return unknown();
  if (request.headers.get('upgrade') !== 'websocket') {
    return problem({ code: 'upgrade_required' });
  }
  const { sourceHeader } = readConfig(env);
  const subscriber: Subscriber = (await remoteVerifier(request.headers, env))
    ? { by: 'verifier' }
    : { by: 'anonymous', source: sourceOf(request.headers, sourceHeader) };
  return revocationLog(env, shard).fetch(subscriptionRequest(request.url, subscriber));
}

/**
 * Receives how far a verifier is, so an operator sees which verifiers have a stop. It requires a
 * verifier's credential: anyone else could make a stop look confirmed, or never confirmed.
 */
async function feedConfirm(request: IRequest, env: IssuerEnv): Promise<Response> {
  const shard = servedShard(request, env);
  if (shard === undefined) return unknown();
  const sender = await remoteVerifier(request.headers, env);
  if (!sender) {
    return problem(
      { code: 'unauthorized', message: 'The credential of a verifier is required.' },
      { 'www-authenticate': 'Bearer realm="hewn-feed"' },
    );
  }
  const confirmation = await readJson(request, confirmationSchema);
  if (!confirmation.ok) return problem(confirmation.error);
  // Under the name of another verifier, its stop would look confirmed and its records lost.
  const verifier = verifierName(sender, confirmation.value.verifier);
  const audience = audienceOf(sender, confirmation.value.audience);
  await receiveConfirmation(env, shard, { ...confirmation.value, verifier, audience });
  return new Response(null, { status: 204 });
}

/** A verifier guards only what its credential is for. */
const audienceOf = ({ audiences }: RemoteVerifier, own: string | undefined): string =>
  audiences.find((one) => one === own) ?? audiences.join(', ');

/** Never cached: a range of the future must not stay missing after the log has grown. */
const unknown = (): Response => problem({ code: 'range_unknown' }, { 'cache-control': 'no-store' });
