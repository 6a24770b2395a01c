import { STATUS_SHARDS_MAX } from '../../../src/limits.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { TreeState } from './binding.ts';

/**
 * What is wrong with the tree of a shard. `stopped`: another history was found. `quorum_missing`:
 * too few witnesses have seen the newest checkpoint, so verifiers that demand them deny more and
 * more. `witness_silent`: a witness has not.
 */
export type TreeFault = 'stopped' | 'quorum_missing' | 'witness_silent';

/** Returns what is wrong with the tree of a shard, the worst first. None without witnesses. */
export function faultsOfTree(tree: TreeState | undefined): readonly TreeFault[] {
  // No one has asked for a head yet.
  if (!tree || tree.size === 0) return [];
  const found: readonly (readonly [TreeFault, boolean])[] = [
    ['stopped', tree.stopped !== undefined],
    ['quorum_missing', tree.seenAt === undefined],
    ['witness_silent', silentIn(tree).length > 0],
  ];
  return found.flatMap(([fault, isFound]) => (isFound ? [fault] : []));
}

/** Returns the names of the witnesses that have not cosigned the newest checkpoint of a shard. */
export const silentIn = ({ size, witnesses }: TreeState): readonly string[] =>
  witnesses.filter((one) => one.size < size).map(({ name }) => name);

/** Returns the shards that something is wrong with. Rejects if one does not answer. */
export async function faultyShards(env: IssuerEnv) {
  const { audit, shards } = readConfig(env);
  if (audit.witnesses === undefined) return [];
  const states = await Promise.all(
    Array.from({ length: Math.min(shards, STATUS_SHARDS_MAX) }, async (_, shard) => ({
      shard,
      faults: faultsOfTree((await revocationLog(env, shard).status()).tree),
    })),
  );
  return states.filter(({ faults }) => faults.length > 0);
}
