import type { UnixSeconds } from '../clock.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { type Policy, quorumTime } from './policy.ts';
import { type NoteFault, openNote } from './sign.ts';

/** A checkpoint that a log of the policy signed. */
export interface VerifiedCheckpoint extends Checkpoint {
  /** The text that was signed. */
  readonly text: string;
  /** When each witness of the policy saw it, the newest time of each, by its name there. */
  readonly cosigned: ReadonlyMap<string, UnixSeconds>;
  /**
   * The time of the quorum: see `quorumTime`. Undefined if too few witnesses cosigned; infinite if
   * the policy asks for none.
   */
  readonly quorumTime: UnixSeconds | undefined;
}

/** Why a checkpoint does not count. */
export type CheckpointFault =
  | NoteFault
  | 'checkpoint_malformed'
  /** The policy has no log of this origin, or none of its keys signed. */
  | 'log_unknown'
  /** Too few witnesses cosigned it. */
  | 'quorum_missing';

/**
 * Verifies a checkpoint by a policy: one of the policy's logs signed it, whose key name is the
 * origin. Answers with the quorum's time, or without one: `requireQuorum` refuses then.
 * Cosignatures from after `latest` do not count, if it is given: no honest witness has seen the
 * future.
 */
export async function verifyCheckpoint(
  note: string | Uint8Array,
  policy: Policy,
  latest: UnixSeconds = Number.POSITIVE_INFINITY,
): Promise<Result<VerifiedCheckpoint, Exclude<CheckpointFault, 'quorum_missing'>>> {
  const { logs, witnesses } = policy;
  const opened = await openNote(
    note,
    [...logs, ...witnesses].map(({ key }) => key),
  );
  if (!opened.ok) return opened;
  const { text, verified } = opened.value;
  const read = readCheckpoint(text);
  if (!read.ok) return read;
  const isByLog = verified.some(({ key }) => key.use === 'log' && key.name === read.value.origin);
  if (!isByLog) return refuse('log_unknown');
  const cosigned = new Map<string, UnixSeconds>();
  for (const { key, time } of verified) {
    const witness = witnesses.find((one) => one.key === key);
    if (!witness || time === undefined || time > latest) continue;
    cosigned.set(witness.name, Math.max(time, cosigned.get(witness.name) ?? 0));
  }
  return ok({ ...read.value, text, cosigned, quorumTime: quorumTime(policy, cosigned) });
}

/** Verifies a checkpoint as `verifyCheckpoint` does, and refuses one without a quorum. */
export async function requireQuorum(
  note: string | Uint8Array,
  policy: Policy,
  latest?: UnixSeconds,
): Promise<Result<VerifiedCheckpoint & { readonly quorumTime: UnixSeconds }, CheckpointFault>> {
  const verified = await verifyCheckpoint(note, policy, latest);
  if (!verified.ok) return verified;
  const { quorumTime: time } = verified.value;
  return time === undefined
    ? refuse('quorum_missing')
    : ok({ ...verified.value, quorumTime: time });
}
