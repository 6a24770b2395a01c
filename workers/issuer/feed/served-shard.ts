import type { IRequest } from 'itty-router';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';

/** The headers of bytes that never change. */
export const IMMUTABLE = {
  'content-type': 'application/octet-stream',
  'cache-control': 'public, max-age=31536000, immutable',
};

/** Returns the shard if it is served. Any other number must not create a Durable Object. */
export function servedShard({ params }: IRequest, env: IssuerEnv): number | undefined {
  const shard = position(params.shard);
  return shard !== undefined && shard < readConfig(env).shards ? shard : undefined;
}

/** Returns a number of a path, in its one spelling. */
export const position = (text: string | undefined): number | undefined =>
  text !== undefined && /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
