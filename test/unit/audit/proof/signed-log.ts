import { createHash } from 'node:crypto';
import { openingsOf, type SubjectKey, toEntry } from '../../../../src/audit/entry/index.ts';
import { type AuditRecord, type LogName, originOf } from '../../../../src/audit/index.ts';
import { formatReceipt } from '../../../../src/audit/proof/index.ts';
import { fromUtf8, toHex } from '../../../../src/encoding.ts';
import {
  addSignatures,
  cosign,
  EMPTY_FRONTIER,
  extendFrontier,
  formatNote,
  formatVerifierKey,
  leafHash,
  noteSigner,
  proveConsistencyIn,
  proveInclusionIn,
  readNote,
  rootOf,
  signCheckpoint,
  toBase64,
} from '../../../../src/tlog/index.ts';
import { ALICE } from '../entry/records.ts';

/** A log in memory with a witness, and what an auditor gets of it. */
const ISSUER = 'https://issuer.example';
export const SEEN = 1_790_000_000;

const sha = (text: string) => createHash('sha256').update(text).digest();
const privateKey = (name: string): string => `ed25519-private/${sha(name).toString('hex')}`;

export const keyOf = (person: string): SubjectKey => ({
  id: toHex(sha(`id of ${person}`)).slice(0, 32),
  key: new Uint8Array(sha(`key of ${person}`)),
});

const witnessSigner = () =>
  noteSigner('witness.example/w1', 'witness', privateKey('hewn witness key'));
const logSigner = (log: LogName) =>
  noteSigner(originOf(ISSUER, log), 'log', privateKey('hewn log key'));

export const LOG_KEY = formatVerifierKey(await logSigner('control'));
export const WITNESS_KEY = formatVerifierKey(await witnessSigner());

export const decision = (n: number, more: object = {}): AuditRecord => ({
  event: 'decision',
  id: `vx-1.${n}`,
  at: 1_790_000_000_000 + n,
  verifier: 'vx-1',
  n,
  subject: ALICE,
  task: 'answer letters',
  blocks: [],
  allowed: true,
  ...more,
});

export interface SignedLog {
  readonly log: LogName;
  readonly entries: readonly {
    readonly entry: Uint8Array<ArrayBuffer>;
    readonly side: Uint8Array<ArrayBuffer>;
  }[];
}

export async function logOfRecords(
  records: readonly AuditRecord[],
  log: LogName = 'decisions-1-1',
): Promise<SignedLog> {
  return { log, entries: await Promise.all(records.map((record) => toEntry(record, keyOf))) };
}

const leavesOf = ({ entries }: SignedLog) => entries.map(({ entry }) => leafHash(entry));

/** Returns the checkpoint of the first `size` records, signed and cosigned. */
export async function checkpointOf(log: SignedLog, size = log.entries.length): Promise<string> {
  const root = rootOf(leavesOf(log).slice(0, size));
  const origin = originOf(ISSUER, log.log);
  const note = readNote(await signCheckpoint({ origin, size, root }, await logSigner(log.log)));
  if (!note.ok) throw new Error(note.error);
  const cosigned = await cosign(note.value.text, SEEN, await witnessSigner());
  return formatNote(addSignatures(note.value, [cosigned]));
}

const openings = async ({ entry, side }: SignedLog['entries'][number], erased: boolean) => {
  const opened = await openingsOf(entry, side, (id) =>
    !erased && id === keyOf(ALICE).id ? keyOf(ALICE).key : undefined,
  );
  return opened.ok ? opened.value : [];
};

/** Returns the lines of an export of the records from `from` to `to`. */
export async function exportOf(
  log: SignedLog,
  { from = 0, to = log.entries.length, size = log.entries.length, erased = false } = {},
): Promise<string[]> {
  const leaves = leavesOf(log);
  const header = {
    log: log.log,
    checkpoint: await checkpointOf(log, size),
    from,
    to,
    before: extendFrontier(EMPTY_FRONTIER, leaves.slice(0, from)).hashes.map(toBase64),
    growth: proveConsistencyIn(to, leaves.slice(0, size)).map(toBase64),
  };
  const lines = log.entries.slice(from, to).map(async (fixed, place) =>
    JSON.stringify({
      log: log.log,
      index: from + place,
      entry: fromUtf8(fixed.entry),
      openings: await openings(fixed, erased),
    }),
  );
  return [JSON.stringify(header), ...(await Promise.all(lines))];
}

export async function receiptOf(log: SignedLog, index: number, erased = false): Promise<string> {
  const fixed = log.entries[index];
  if (!fixed) throw new Error('no such record');
  return formatReceipt({
    entry: fromUtf8(fixed.entry) ?? '',
    openings: await openings(fixed, erased),
    index,
    proof: proveInclusionIn(index, leavesOf(log)),
    checkpoint: await checkpointOf(log),
  });
}
