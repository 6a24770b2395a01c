import type { IRequest } from 'itty-router';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import { IMMUTABLE, servedShard } from './served-shard.ts';

/**
 * The tree of a shard as C2SP tlog-tiles has it, for anyone who checks that the log has one
 * history. Its leaves are as public as the feed: each has what a head said at its position.
 */
export const treeCheckpoint = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  serve(request, env, 'checkpoint', {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-cache',
  });

/** Serves hashes and leaves that the newest checkpoint covers: others could still change. */
export const treeTile = (request: IRequest, env: IssuerEnv): Promise<Response> =>
  serve(request, env, `tile/${String(request.params.tile)}`, IMMUTABLE);

async function serve(
  request: IRequest,
  env: IssuerEnv,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const shard = servedShard(request, env);
  const bytes = shard === undefined ? undefined : await revocationLog(env, shard).treeFile(path);
  if (!bytes) return problem({ code: 'log_part_unknown' }, { 'cache-control': 'no-store' });
  return new Response(bytes, { headers });
}
