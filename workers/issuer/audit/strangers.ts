import type {
  AuditRecord,
  DecisionRecord,
  RefusalRecord,
  RefusalSample,
} from '../../../src/audit/index.ts';
import { canonicalJson, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import { utf8 } from '../../../src/encoding.ts';

/** A refusal that is counted and, at most, sampled; see `CountedRefusals`. */
export interface Refused {
  /** Whom it was refused; absent for a stranger. */
  readonly agent?: string;
  readonly at: 'token' | 'call';
  readonly code: string;
  readonly sample: RefusalSample;
}

/** Everything else is of the caller's choice, and in a sample as a digest. */
const OURS: ReadonlySet<string> = new Set([
  'event',
  'id',
  'at',
  'verifier',
  'n',
  'error',
  'code',
  'allowed',
  'tier',
]);

/** A refusal in either form: at the token endpoint, or of a call at a verifier. */
type Refusal = DecisionRecord | RefusalRecord;

export const asRefusal = (record: AuditRecord): Refusal | undefined =>
  record.event === 'refusal' || (record.event === 'decision' && !record.allowed)
    ? record
    : undefined;

/** Whether nobody was proven to ask: no agent, or a token that named no workflow. */
export const isStrangers = (refusal: Refusal): boolean =>
  (refusal.event === 'refusal' ? refusal.agent : refusal.workflow) === undefined;

/** @param sha256 of bytes, in hex */
export function toRefused(
  refusal: Refusal,
  sha256: (bytes: Uint8Array<ArrayBuffer>) => string,
): Refused {
  const inSample = ([name, value]: [string, Json]) => {
    if (OURS.has(name) && (typeof value !== 'object' || value === null)) return [name, value];
    const form = utf8(canonicalJson(value));
    return [name, { sha256: sha256(form), bytes: form.length }];
  };
  const members = Object.entries(refusal as unknown as JsonObject);
  const { code = 'unknown' } = refusal;
  return {
    ...(!isStrangers(refusal) && { agent: agentOf(refusal) }),
    at: refusal.event === 'refusal' ? 'token' : 'call',
    code: typeof code === 'string' ? code : 'unknown',
    sample: Object.fromEntries(members.map(inSample)) as RefusalSample,
  };
}

/** A name that was too long for the record is there as a digest, which names it as well. */
export const agentOf = ({ agent }: Refusal): string =>
  typeof agent === 'string' ? agent : JSON.stringify(agent ?? '');
