import { ok, type Result, refuse } from '../../result.ts';
import { type NoteKey, noteKey, type Policy, readVerifierKey } from '../../tlog/index.ts';
import { isLogName, type LogName, originOf } from '../logs.ts';

/**
 * What an auditor believes: one public key of an issuer, under which all of its logs sign, and
 * the witnesses who must have cosigned.
 */
export interface Trust {
  /** The issuer's URL without scheme, from the name of its key. */
  readonly issuer: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** All of them must have cosigned; none is needed if there are none. */
  readonly witnesses: readonly NoteKey[];
}

/** Why keys cannot be used. */
export type TrustFault =
  /** It is no verifier key of an Ed25519 key. */
  | { readonly code: 'key_malformed'; readonly key: string }
  /**
   * The first key is no log's, its name is not one of an issuer's log, or a witness's is a log's.
   */
  | { readonly code: 'key_unfit'; readonly key: string };

/**
 * Reads the verifier key of one log of an issuer, and those of witnesses. The key of one log is
 * the key of all logs of the same issuer.
 */
export function readTrust(key: string, witnesses: readonly string[]): Result<Trust, TrustFault> {
  const log = readVerifierKey(key);
  if (!log.ok) return refuse({ code: 'key_malformed', key });
  const { name, use, publicKey } = log.value;
  const issuer = issuerOf(name);
  if (use !== 'log' || issuer === undefined) return refuse({ code: 'key_unfit', key });
  const keys: NoteKey[] = [];
  for (const text of witnesses) {
    const read = readVerifierKey(text);
    if (!read.ok) return refuse({ code: 'key_malformed', key: text });
    if (read.value.use !== 'witness') return refuse({ code: 'key_unfit', key: text });
    keys.push(read.value);
  }
  return ok({ issuer, publicKey, witnesses: keys });
}

function issuerOf(origin: string): string | undefined {
  const at = origin.lastIndexOf('/');
  const log = origin.slice(at + 1);
  const issuer = origin.slice(0, at).replace(/\/audit$/, '');
  return isLogName(log) && originOf(issuer, log) === origin ? issuer : undefined;
}

/** Returns the policy under which a checkpoint of a log counts. */
export function policyFor({ issuer, publicKey, witnesses }: Trust, log: LogName): Policy {
  const key = noteKey(originOf(issuer, log), 'log', publicKey);
  const parties = witnesses.map((witness, n) => ({ name: `w${n}`, key: witness }));
  return {
    logs: [{ name: key.name, key }],
    witnesses: parties,
    groups: [{ name: 'all', threshold: parties.length, members: parties.map(({ name }) => name) }],
    quorum: parties.length === 0 ? 'none' : 'all',
  };
}

/** Returns the log of the issuer that has this origin. */
export function logOfOrigin({ issuer }: Trust, origin: string): LogName | undefined {
  const log = origin.slice(origin.lastIndexOf('/') + 1);
  return isLogName(log) && originOf(issuer, log) === origin ? log : undefined;
}
