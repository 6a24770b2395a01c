import type { AuditRecord } from '../../audit/index.ts';
import type { MarkKind } from '../mark-kind.ts';
import { plural } from '../plural.ts';

/** A record as a line: the shape beside it, and what happened, in words. */
export interface RecordLine {
  readonly kind: MarkKind;
  readonly words: string;
  /** The reason that a person or an agent stated. */
  readonly reason?: string;
}

type Of<Event extends AuditRecord['event']> = Extract<AuditRecord, { readonly event: Event }>;

/** A record may be cut to what the log takes, so any member can be missing or have another form. */
const text = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A new kind of record does not compile until it has words. */
const WORDS: { readonly [Event in AuditRecord['event']]: (record: Of<Event>) => RecordLine } = {
  mint: ({ grants, stepUp, approval }) => ({
    kind: 'ended',
    words: `capability issued with ${plural(list(grants).length, 'grant')}${stepUp ? ', a step-up' : ''}${approval ? `, approved by ${text(approval.by)}` : ''}`,
  }),
  refusal: ({ code }) => ({ kind: 'deny', words: `capability refused: ${text(code)}` }),
  refusals: ({ count, reasons }) => ({
    kind: 'deny',
    words: `${plural(count, 'more refusal')} within a minute: ${list(reasons)
      .map((reason) => text((reason as { code?: unknown }).code))
      .join(', ')}`,
  }),
  revocation: ({ kind, target, actor, reason }) => ({
    kind: 'stop',
    words: `${kind} revoked by ${text(actor)}${kind === 'block' ? `: ${text(target).slice(0, 16)}…` : ''}`,
    reason: text(reason),
  }),
  transition: ({ move, from, to, actor, reason, superseded }) => ({
    kind: move === 'suspend' ? 'pause' : move === 'resume' ? 'run' : 'ended',
    words: `${text(move)} by ${text(actor)}: ${text(from)} to ${text(to)}${superseded ? ', stopped again before it took effect' : ''}`,
    ...(reason !== undefined && { reason: text(reason) }),
  }),
  closing: ({ state, mints, children }) => ({
    kind: 'ended',
    words: `workflow closed as ${text(state)}: ${plural(mints, 'capability', 'capabilities')}, ${plural(children, 'workflow')} below`,
  }),
  watermark: ({ scope, value, withdrawn, actor, reason }) => ({
    kind: withdrawn ? 'ended' : 'stop',
    words: `watermark for ${text(scope)} ${text(value)} ${withdrawn ? 'withdrawn' : 'set'} by ${text(actor)}`,
    reason: text(reason),
  }),
  denial: ({ change, scope, value, actor, reason }) => ({
    kind: change === 'set' ? 'stop' : 'run',
    words: `denial of ${text(scope)} ${text(value)} ${change} by ${text(actor)}`,
    reason: text(reason),
  }),
  key: ({ change, list, key, holder, actor, reason }) => ({
    kind: change === 'added' ? 'ended' : 'stop',
    words: `key ${key} of ${text(list)} for ${text(holder)} ${text(change)} by ${text(actor)}`,
    reason: text(reason),
  }),
  deviation: ({ rule, version, action, effect }) => ({
    kind: effect === 'acted' ? 'stop' : 'wait',
    words: `rule ${text(rule)}@${version} held: ${text(action)}, ${text(effect)}`,
  }),
  rule_armed: ({ rule, actor, reason }) => ({
    kind: 'run',
    words: `rule ${text(rule)} armed again by ${text(actor)}`,
    reason: text(reason),
  }),
  gap: ({ verifier, after, before }) => ({
    kind: 'deny',
    words: `records ${after + 1} to ${before - 1} of ${text(verifier)} never arrived`,
  }),
  dispatch: (record) => ({ kind: 'run', words: `about to call ${callWords(record)}` }),
  outcome: ({ outcome }) => ({
    kind: outcome?.result === 'ok' ? 'ok' : outcome?.result === 'unknown' ? 'unknown' : 'deny',
    words: `the call ended: ${text(outcome?.result)}, status ${outcome?.status}`,
  }),
  stream: ({ stream, change, actor }) => ({
    kind: 'ended',
    words: `stream ${text(stream)} ${text(change)} by ${text(actor)}`,
  }),
  version: ({ change, version, actor, reason }) => ({
    kind: change === 'abandoned' ? 'stop' : 'ended',
    words: `policy version ${text(version).slice(0, 12)} ${text(change)} by ${text(actor)}`,
    reason: text(reason),
  }),
  log_opened: ({ log, after }) => ({
    kind: 'ended',
    words: `log ${text(log)} continues ${text(after?.log)} after ${after?.size} records`,
  }),
  erasure: ({ actor }) => ({
    kind: 'ended',
    words: `what the records of a person said was erased by ${text(actor)}`,
  }),
  hold: ({ change, actor, reason }) => ({
    kind: 'pause',
    words: `legal hold ${text(change)} by ${text(actor)}`,
    reason: text(reason),
  }),
  operator: ({ change, actor, source, route }) => ({
    kind: change === 'break_glass' ? 'deny' : 'ended',
    words: `operator ${text(actor)}: ${text(change).replaceAll('_', ' ')}${route === undefined ? '' : ` for ${text(route)}`}, by ${text(source)}`,
  }),
  checkpoint: ({ log }) => ({ kind: 'ended', words: `checkpoint of the log ${text(log)}` }),
  approval_asked: ({ grants, stepUp }) => ({
    kind: 'wait',
    words: `a question to a person: ${plural(list(grants).length, 'grant')}${stepUp ? ', a step-up' : ''}`,
  }),
  approval_decided: ({ decision, by, reason }) => ({
    kind: decision === 'approve' ? 'ok' : 'stop',
    words: `${decision === 'approve' ? 'approved' : 'refused'} by ${text(by)}`,
    reason: text(reason),
  }),
  decision: (record) => {
    const { allowed, observed, code } = record;
    if (observed)
      return {
        kind: 'wait',
        words: `observed, would be denied (${text(code)}): ${callWords(record)}`,
      };
    return allowed
      ? { kind: 'ok', words: `allowed: ${callWords(record)}` }
      : { kind: 'deny', words: `denied (${text(code)}): ${callWords(record)}` };
  },
};

interface Call {
  readonly tool?: unknown;
  readonly method?: unknown;
  readonly action?: unknown;
  readonly datasets?: unknown;
}

function callWords({ tool, method, action, datasets }: Call): string {
  const what = text(tool ?? method) || 'a message';
  const where = list(datasets).map(text).join(' and ');
  return [text(action), where && `${where} with`, what].filter((part) => part !== '').join(' ');
}

/** Returns a record as a line for a person. One of a newer issuer shows its kind and no more. */
export function recordLine(record: AuditRecord): RecordLine {
  const words = WORDS[record.event] as ((record: AuditRecord) => RecordLine) | undefined;
  return words
    ? words(record)
    : { kind: 'unknown', words: text((record as { event: unknown }).event) };
}

/** Every kind of record, for the filter of the page. */
export const RECORD_EVENTS = Object.keys(WORDS) as readonly AuditRecord['event'][];
