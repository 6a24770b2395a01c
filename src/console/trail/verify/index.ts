/**
 * Checks in the browser that records are in the logs of the issuer: the bytes of each entry, its
 * place in the tree, the signature of the log, the cosignatures of witnesses, and that each record
 * on the page says what its entry says. The code is that of `hewn audit verify`; the page loads it
 * when a person asks for the check.
 */
import { openWith } from '../../../audit/entry/index.ts';
import type { AuditRecord } from '../../../audit/index.ts';
import { policyFor, readTrust } from '../../../audit/proof/index.ts';
import { canonicalJson, type Json } from '../../../canonical-json.ts';
import { utf8 } from '../../../encoding.ts';
import type { ADMIN_API, RouteAnswer } from '../../../issuer-api/index.ts';
import { checkInclusion, fromBase64, leafHash, verifyCheckpoint } from '../../../tlog/index.ts';

export type Proofs = RouteAnswer<typeof ADMIN_API.proofs.proveRecords>;

/** A record as the page shows it. */
export interface ShownRecord {
  readonly log: string;
  readonly index: number;
  readonly record: AuditRecord;
}

/** Why a record is not proven. */
export type RecordFault =
  | 'no_proof'
  | 'checkpoint_invalid'
  | 'witnesses_missing'
  | 'not_in_log'
  | 'entry_malformed'
  | 'differs';

/** What a log has signed, as far as it holds. */
export interface CheckedLog {
  readonly log: string;
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  /** The verifier key that the issuer states. A reader compares it with one from elsewhere. */
  readonly key: string;
  readonly witnesses: readonly string[];
}

export interface Verdict {
  readonly proven: number;
  readonly logs: readonly CheckedLog[];
  /** The records that are not proven, each with the reason. */
  readonly faults: readonly {
    readonly log: string;
    readonly index: number;
    readonly why: RecordFault;
  }[];
}

/** Checks the records of a page with what the issuer answered for them. */
export async function verifyRecords(
  shown: readonly ShownRecord[],
  proofs: Proofs,
): Promise<Verdict> {
  const logs = new Map<string, CheckedLog & { readonly rootBytes: Uint8Array }>();
  const badLogs = new Map<string, RecordFault>();
  for (const log of proofs.logs) {
    const checked = await checkLog(log);
    if (typeof checked === 'string') badLogs.set(log.log, checked);
    else logs.set(log.log, checked);
  }
  const given = new Map(proofs.records.map((one) => [`${one.log}:${one.index}`, one]));
  const faults = shown.flatMap(({ log, index, record }) => {
    const proof = given.get(`${log}:${index}`);
    const checked = logs.get(log);
    const why =
      badLogs.get(log) ?? (proof && checked ? faultOf(record, proof, checked) : 'no_proof');
    return why === undefined ? [] : [{ log, index, why }];
  });
  return {
    proven: shown.length - faults.length,
    logs: [...logs.values()].map(({ rootBytes: _, ...log }) => log),
    faults,
  };
}

async function checkLog(
  log: Proofs['logs'][number],
): Promise<(CheckedLog & { readonly rootBytes: Uint8Array }) | RecordFault> {
  const trust = readTrust(log.key, log.witnesses);
  if (!trust.ok) return 'checkpoint_invalid';
  const verified = await verifyCheckpoint(log.checkpoint, policyFor(trust.value, log.log as never));
  if (!verified.ok || verified.value.origin !== log.origin) return 'checkpoint_invalid';
  const { size, root, cosigned } = verified.value;
  if (cosigned.size < log.quorum) return 'witnesses_missing';
  const witnesses = trust.value.witnesses.map(({ name }) => name);
  return {
    log: log.log,
    origin: log.origin,
    size,
    root: log.root,
    rootBytes: root,
    key: log.key,
    witnesses: witnesses.filter((_, n) => cosigned.has(`w${n}`)),
  };
}

function faultOf(
  shown: AuditRecord,
  { index, entry, openings, proof }: Proofs['records'][number],
  { size, rootBytes }: { readonly size: number; readonly rootBytes: Uint8Array },
): RecordFault | undefined {
  const bytes = utf8(entry);
  const path = proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
  const claim = { index, size, leaf: leafHash(bytes), root: rootBytes };
  if (!checkInclusion(claim, path)) return 'not_in_log';
  const opened = openWith(bytes, openings as never);
  if (!opened.ok) return 'entry_malformed';
  const isSame =
    canonicalJson(opened.value.record as unknown as Json) ===
    canonicalJson(shown as unknown as Json);
  return isSame ? undefined : 'differs';
}
