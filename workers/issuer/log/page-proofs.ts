import type { LogName } from '../../../src/audit/index.ts';
import { fromHex } from '../../../src/encoding.ts';
import { groupBy } from '../../../src/group-by.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import {
  formatVerifierKey,
  noteKey,
  proveInclusion,
  readCheckpoint,
  readNote,
  readPolicy,
  TILE_HASHES,
  toBase64,
} from '../../../src/tlog/index.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { LogAddress } from './binding.ts';
import { originIn } from './origin.ts';
import {
  type NoProof,
  type OpenedEntry,
  openedEntries,
  type Provable,
  provable,
} from './proofs.ts';
import { readState } from './read.ts';

/** What a reader needs to check the proofs of one log. */
interface ProvenLog {
  readonly log: LogName;
  readonly origin: string;
  readonly checkpoint: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Verifier keys. */
  readonly key: string;
  readonly witnesses: readonly string[];
  readonly quorum: number;
}

interface ProvenEntry extends OpenedEntry {
  readonly log: LogName;
  readonly proof: readonly Uint8Array[];
}

export interface PageProofs {
  readonly logs: readonly ProvenLog[];
  readonly records: readonly ProvenEntry[];
  readonly unproven: readonly { readonly place: LogAddress; readonly code: NoProof['code'] }[];
}

/** Proves single records of several logs, each by the newest checkpoint of its log. */
export async function proofsOf(env: IssuerEnv, places: readonly LogAddress[]): Promise<PageProofs> {
  const byLog = groupBy(places, ({ log }) => log);
  const parts = await Promise.all(
    [...byLog].map(([log, own]) => proveIn(env, log, [...new Set(own.map(({ index }) => index))])),
  );
  return {
    logs: parts.flatMap(({ logs }) => logs),
    records: parts.flatMap(({ records }) => records),
    unproven: parts.flatMap(({ unproven }) => unproven),
  };
}

async function proveIn(
  env: IssuerEnv,
  log: LogName,
  indexes: readonly number[],
): Promise<PageProofs> {
  const { size } = await readState(env, log);
  const known = indexes.filter((index) => index < size);
  const failed = (list: readonly number[], code: NoProof['code']) =>
    list.map((index) => ({ place: { log, index }, code }));
  const beyond = failed(
    indexes.filter((index) => index >= size),
    'record_unknown',
  );
  const signed = known.length > 0 ? await provable(env, log, Math.max(...known) + 1) : undefined;
  if (!signed)
    return { logs: [], records: [], unproven: [...beyond, ...failed(known, 'unsigned')] };
  const state = await readState(env, log);
  const opened: OpenedEntry[] = [];
  // A bundle is read as a whole in any case.
  for (const [, own] of groupBy(known, (index) => Math.floor(index / TILE_HASHES))) {
    const first = Math.min(...own);
    const read = await openedEntries(env, state, first, Math.max(...own) - first + 1);
    opened.push(...read.filter(({ index }) => own.includes(index)));
  }
  const missing = known.filter((index) => opened.every((one) => one.index !== index));
  return {
    logs: [await describeLog(env, log, signed)],
    records: await Promise.all(
      opened.map(async (one) => ({
        ...one,
        log,
        proof: await proveInclusion(one.index, signed.size, signed.read),
      })),
    ),
    unproven: [...beyond, ...failed(missing, 'record_unknown')],
  };
}

async function describeLog(
  env: IssuerEnv,
  log: LogName,
  { checkpoint, size }: Provable,
): Promise<ProvenLog> {
  const { logKey = '', witnesses } = readConfig(env).audit;
  const origin = originIn(env, log);
  const publicKey = fromHex(await publicHex(logKey));
  const note = readNote(checkpoint);
  const tree = note.ok ? readCheckpoint(note.value.text) : undefined;
  if (!publicKey || !tree?.ok) throw new Error(`the checkpoint of ${log} is malformed`);
  const policy = witnesses === undefined ? undefined : readPolicy(witnesses);
  const { witnesses: parties = [], groups = [], quorum = 'none' } = policy?.ok ? policy.value : {};
  const needed = groups.find(({ name }) => name === quorum)?.threshold;
  return {
    log,
    origin,
    checkpoint,
    size,
    root: toBase64(tree.value.root),
    key: formatVerifierKey(noteKey(origin, 'log', publicKey)),
    witnesses: parties.map(({ key }) => formatVerifierKey(key)),
    quorum: needed ?? (quorum === 'none' ? 0 : 1),
  };
}
