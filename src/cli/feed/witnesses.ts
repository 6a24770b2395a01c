import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { UnixSeconds } from '../../clock.ts';
import type { Head } from '../../feed/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type Policy,
  readCheckpoint,
  readNote,
  readPolicy,
  verifyCheckpoint,
} from '../../tlog/index.ts';
import type { CommandContext } from '../command.ts';

export const WITNESSES_FLAG = {
  witnesses: {
    kind: 'text',
    value: 'FILE',
    description:
      'require that the witnesses of this policy have seen the head: the text of FEED_WITNESSES',
  },
} as const;

/** A witness below the checkpoint of a head. */
export interface Seen {
  readonly witness: string;
  readonly at: UnixSeconds;
  /** False if no policy names the key of the witness: then anyone could have written the line. */
  readonly verified: boolean;
}

/** The policy of `--witnesses`, and its text for a client of the feed. */
export interface WitnessPolicy {
  readonly text: string;
  readonly policy: Policy;
}

/** Reads the file of `--witnesses`. */
export async function readWitnesses(
  { cwd }: CommandContext,
  file: string | undefined,
): Promise<Result<WitnessPolicy | undefined, string>> {
  if (file === undefined) return ok(undefined);
  const text = await readFile(resolve(cwd, file), 'utf8').catch(() => undefined);
  if (text === undefined) return refuse(`cannot read the policy ${file}`);
  const policy = readPolicy(text);
  if (policy.ok) return ok({ text, policy: policy.value });
  return refuse(
    `${file}: line ${policy.error.line} of the policy is invalid: ${policy.error.code}`,
  );
}

/** Returns which witnesses have seen a head, the newest first. */
export async function seenBy(head: Head, policy?: Policy): Promise<readonly Seen[]> {
  const note = noteOf(head, 'checkpoint');
  if (note === undefined) return [];
  const found = policy ? await verifiedIn(note, policy) : statedIn(note);
  return [...found].sort((a, b) => b.at - a.at);
}

async function verifiedIn(note: string, policy: Policy): Promise<readonly Seen[]> {
  const checkpoint = await verifyCheckpoint(note, policy);
  if (!checkpoint.ok) return [];
  return [...checkpoint.value.cosigned].map(([witness, at]) => ({ witness, at, verified: true }));
}

/** A line of a witness begins with its time, eight bytes. The line of the log has none. */
const LINE_BYTES = 8 + 64;

function statedIn(note: string): readonly Seen[] {
  const read = readNote(note);
  if (!read.ok) return [];
  return read.value.signatures
    .filter(({ signature }) => signature.length === LINE_BYTES)
    .map(({ name, signature }) => {
      const at = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
      return { witness: name, at, verified: false };
    });
}

/** Returns the checkpoint of the audit logs in a head: the log and its size. */
export function auditedIn(head: Head): { readonly log: string; readonly size: number } | undefined {
  const note = readNote(noteOf(head, 'audit') ?? '');
  const checkpoint = note.ok ? readCheckpoint(note.value.text) : note;
  if (!checkpoint.ok) return undefined;
  return { log: checkpoint.value.origin, size: checkpoint.value.size };
}

function noteOf({ extensions = [] }: Head, name: string): string | undefined {
  const value = extensions.find((one) => one.name === name && one.version === 1)?.value;
  const { note } = Object(value) as { readonly note?: unknown };
  return typeof note === 'string' ? note : undefined;
}
