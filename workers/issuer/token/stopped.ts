import type { VerifiedCapability } from '../../../src/capability/index.ts';
import { type IssuerEnv, revocationLog } from '../platform/config.ts';

/**
 * Whether a token of ours is stopped: by the log that its workflow is in, or by the first one,
 * which has the watermarks that stop tokens of every shard.
 */
export async function isStopped(
  env: IssuerEnv,
  { authority, issuerKey, revocationIds: blocks }: VerifiedCapability,
): Promise<boolean> {
  const shards = [...new Set([0, authority.shard ?? 0])];
  const answers = await Promise.all(
    shards.map((shard) => revocationLog(env, shard).isStopped({ ...authority, issuerKey, blocks })),
  );
  return answers.includes(true);
}
