import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Case, measure } from '../rounds.ts';
import type { ReplicaAnswer, Side } from './replica.node.ts';

const CHILD = join(import.meta.dirname, 'replica.node.ts');
const SIDES: readonly Side[] = ['replica', 'set', 'neither'];
/** Look-ups in one round. Each takes less than a microsecond. */
const LOOKUPS = 50_000;
const WARM = 400_000;

export interface ReplicaRow {
  readonly entries: number;
  readonly replicaBytes: number;
  readonly setBytes: number;
  /** Time of one look-up, without slicing the id. */
  readonly replicaNanoseconds: number;
  readonly setNanoseconds: number;
}

/** Runs one process for each side, and alternates between them. */
export async function measureReplica(entries: number, rounds: number): Promise<ReplicaRow> {
  const children = SIDES.map((side) =>
    fork(CHILD, [side, String(entries)], { execArgv: ['--expose-gc'] }),
  );
  try {
    const filled = await Promise.all(
      children.map(async (child) => {
        const [answer] = (await once(child, 'message')) as [ReplicaAnswer];
        return 'bytes' in answer ? answer.bytes : Number.NaN;
      }),
    );
    const cases = children.map((child, at): Case => {
      const name = SIDES[at] ?? '';
      const expected = name === 'neither' ? 0 : LOOKUPS / 2;
      const spend = async (times: number) => {
        child.send(times);
        const [answer] = (await once(child, 'message')) as [ReplicaAnswer];
        if (!('spent' in answer)) throw new Error(`${name} sent an unexpected answer.`);
        // Half of the probes are revoked, so any other number is a wrong result.
        if (Math.abs(answer.found - expected) > LOOKUPS / 50)
          throw new Error(`${name} found a wrong number of ids.`);
        return answer.spent;
      };
      return { name, spend };
    });
    const options = { rounds, operationsPerRound: LOOKUPS, warmOperations: WARM };
    const timings = await measure(cases, options);
    const nanoseconds = (side: Side) => 1_000 * (timings.median(side) - timings.median('neither'));
    const [replicaBytes = Number.NaN, setBytes = Number.NaN] = filled;
    return {
      entries,
      replicaBytes,
      setBytes,
      replicaNanoseconds: nanoseconds('replica'),
      setNanoseconds: nanoseconds('set'),
    };
  } finally {
    for (const child of children) child.disconnect();
  }
}
