import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { AuditRecord } from '../audit/index.ts';
import { DENIALS, type DenialCode } from '../denials/index.ts';

const POLL_MILLISECONDS = 250;
const REQUEST_MILLISECONDS_MAX = 10_000;

const page = v.object({
  records: v.array(v.object({ record: v.custom<AuditRecord>(() => true) })),
  next: v.string(),
  end: v.boolean(),
});

interface Source {
  readonly issuer: string;
  readonly operator: string;
}

/**
 * Follows the audit log of an issuer, and calls `onRecord` with each record that is written from
 * now on. Returns how to end it.
 */
export function followRecords(
  source: () => Source | undefined,
  onRecord: (record: AuditRecord) => void,
): () => Promise<void> {
  const end = new AbortController();
  const following = follow(source, onRecord, end.signal);
  return async () => {
    end.abort();
    await following;
  };
}

async function follow(
  source: () => Source | undefined,
  onRecord: (record: AuditRecord) => void,
  end: AbortSignal,
): Promise<void> {
  let after: string | undefined;
  while (!end.aborted) {
    const at = source();
    const found = at === undefined ? undefined : await read(at, after, end);
    // What the logs have at the start was decided before.
    if (after !== undefined) for (const { record } of found?.records ?? []) onRecord(record);
    after = found?.next ?? after;
    if (found?.end !== false) {
      await sleep(POLL_MILLISECONDS, undefined, { signal: end }).catch(() => {});
    }
  }
}

/** Undefined while the issuer does not answer, as during a restart. */
async function read(
  { issuer, operator }: Source,
  after: string | undefined,
  end: AbortSignal,
): Promise<v.InferOutput<typeof page> | undefined> {
  // The newest record of each log, for the place behind it.
  const from = after === undefined ? 'last=1' : `after=${after}`;
  try {
    const response = await fetch(`${issuer}/admin/v1/audit?${from}`, {
      headers: { authorization: `Bearer ${operator}` },
      signal: AbortSignal.any([end, AbortSignal.timeout(REQUEST_MILLISECONDS_MAX)]),
    });
    return response.ok ? v.parse(page, await response.json()) : undefined;
  } catch {
    return undefined;
  }
}

/** The part of a qualified name that people know: the subject, without its provider. */
const shortName = (name: unknown): string => {
  const text = String(name ?? '');
  return text.slice(text.indexOf('#') + 1).replace(/^spiffe:\/\/[^/]+\//, '');
};

const partyOf = ({ agent, subject }: AuditRecord): string => {
  if (agent === undefined) return 'a stranger';
  return subject === undefined || subject === agent
    ? shortName(agent)
    : `${shortName(agent)} for ${shortName(subject)}`;
};

/**
 * Returns one line for a decision: time, verdict, what, who and why. Undefined for records that a
 * developer did not cause.
 */
export function lineOfRecord(record: AuditRecord): string | undefined {
  const told = tell(record);
  if (told === undefined) return undefined;
  const [verdict, what, why] = told;
  const time = new Date(record.at).toTimeString().slice(0, 8);
  const line = `${time} ${verdict.padEnd(9)} ${what}  ${partyOf(record)}`;
  return why === undefined ? line : `${line}: ${why}`;
}

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;
const countOf = ({ length }: readonly unknown[]): string => count(length, 'grant');

type DeviationEffect = Extract<AuditRecord, { event: 'deviation' }>['effect'];

/** What a rule about the behavior of an agent did when it fired. */
const DEVIATIONS: Readonly<Record<DeviationEffect, string>> = {
  acted: 'it stops the workflow',
  shadow: 'it would stop the workflow, and is only observed',
  absorbed: 'the workflow was stopped already',
  breaker: 'it has stopped as many workflows as it may',
};

function tell(record: AuditRecord): readonly [string, string, string?] | undefined {
  switch (record.event) {
    case 'decision': {
      const what = record.tool ?? record.method ?? 'a message';
      const where = (record.datasets ?? []).join(', ');
      const call = where === '' ? what : `${what} ${where}`;
      const { allowed, observed, code = '' } = record;
      if (allowed && !observed) return ['allowed', call];
      const message = Object.hasOwn(DENIALS, code) ? DENIALS[code as DenialCode].message : '';
      // A route that observes made the call, and says why it would be denied.
      return [observed ? 'observed' : 'denied', call, `${code}: ${message}`];
    }
    case 'mint': {
      const refused = record.refused.length > 0 ? `, ${record.refused.length} refused` : '';
      const task = record.task === undefined ? '' : ` for "${record.task}"`;
      const why = record.refused.map(({ tool, code }) => `${tool}: ${code}`);
      const what = `${countOf(record.grants)}${refused}${task}`;
      return why.length > 0 ? ['minted', what, why.join(', ')] : ['minted', what];
    }
    case 'refusal': {
      const tools = [...new Set((record.grants ?? []).map(({ tool }) => tool))].join(', ');
      return ['refused', tools === '' ? 'a token request' : tools, record.code];
    }
    case 'refusals':
      return ['refused', `${count(record.count, 'request')} within a minute`];
    case 'revocation':
      return ['revoked', record.workflow ?? 'a workflow', record.reason];
    case 'approval_asked':
      return ['asked', `a person, for ${countOf(record.grants)}`];
    case 'approval_decided':
      return [record.decision === 'approve' ? 'approved' : 'declined', `by ${record.by}`];
    case 'deviation':
      return ['noticed', `the rule ${record.rule}: ${DEVIATIONS[record.effect]}`];
    default:
      return undefined;
  }
}
