import type { AuditRecord, DecisionRecord, Outcome } from '../../audit/index.ts';
import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { DENIALS, type DenialCode } from '../../denials/index.ts';
import { shortIdentity } from '../identity-words.ts';
import { plural } from '../plural.ts';
import { span } from '../time.ts';

/** What a record of a workflow is on its page. */
export interface TimelineEvent {
  readonly id: string;
  readonly at: UnixMilliseconds;
  /** `step`: something that is not a call, such as a mint or a suspension. */
  readonly kind: 'allowed' | 'denied' | 'unknown' | 'stopped' | 'step';
  /** What happened, in words. It may quote what an agent wrote. */
  readonly words: string;
  readonly tool?: string;
  readonly datasets?: readonly string[];
  /** What became of an allowed call. */
  readonly effect?: string;
  readonly more?: string;
  /** Of a denial: its code. The page asks why with the id of the event. */
  readonly code?: string;
  /** The message that the agent received. */
  readonly message?: string;
  /** Of a question to a person: its id. */
  readonly approval?: string;
  /** Whether the call changed something, or may have. */
  readonly changes: boolean;
}

type Of<Event extends AuditRecord['event']> = Extract<AuditRecord, { readonly event: Event }>;

const list = (names: readonly string[]): string =>
  names.length <= 2 ? names.join(' and ') : `${names[0]} and ${names.length - 1} more`;

const PAST: Readonly<Record<string, string>> = { read: 'read', write: 'wrote' };

/** Returns what a call did, or tried to do, from its action and datasets. */
function callWords(
  call: Pick<DecisionRecord, 'action' | 'tool' | 'datasets' | 'method'>,
  tense: 'past' | 'tried',
): string {
  const target = call.datasets?.length ? list(call.datasets) : undefined;
  const { action, tool = call.method ?? 'a tool' } = call;
  if (action !== undefined && target !== undefined) {
    const verb = Object.hasOwn(PAST, action) ? PAST[action] : undefined;
    if (tense === 'tried') return `tried to ${verb ? action : `${action} on`} ${target}`;
    return verb ? `${verb} ${target}` : `${action} on ${target}`;
  }
  return tense === 'tried' ? `tried to call ${tool}` : `called ${tool}`;
}

/** Returns a number of bytes in the largest unit that leaves at least one whole. */
export function bytesWords(bytes: number): string {
  if (bytes < 1000) return plural(bytes, 'byte');
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
}

const CAUSES: Readonly<Record<string, string>> = {
  timeout: 'the server did not answer in time',
  connection: 'the connection ended before the server answered',
  status: 'the server answered with an error',
  too_large: 'the answer was too large to read',
  unreadable: 'the answer could not be read',
};

/** Returns what became of a call, in words. */
export function effectWords(outcome: Outcome): string {
  const took = `${bytesWords(outcome.bytes)}, ${Math.round(outcome.milliseconds).toLocaleString('en')} ms`;
  switch (outcome.result) {
    case 'ok':
      return `answered, ${took}`;
    case 'tool_error':
      return `the tool reported an error, ${took}`;
    case 'protocol_error':
      return `the server reported a protocol error, ${took}`;
    case 'upstream_refused':
      return `the server refused it with status ${outcome.status}, so nothing was done`;
    case 'unknown':
    case 'upstream_unreachable':
    case 'too_large': {
      const cause = outcome.cause ?? (outcome.result === 'too_large' ? 'too_large' : 'connection');
      return `unknown: ${CAUSES[cause] ?? cause}. The call may have happened`;
    }
  }
}

const isUnknown = ({ result }: Outcome): boolean =>
  result === 'unknown' || result === 'upstream_unreachable' || result === 'too_large';

/**
 * The message that the agent received. A code that only a newer verifier has is shown by itself.
 */
const messageOf = (code: string): { readonly message?: string } =>
  Object.hasOwn(DENIALS, code) ? { message: DENIALS[code as DenialCode].message } : {};

function decisionEvent(record: DecisionRecord): Omit<TimelineEvent, 'id' | 'at'> {
  const { allowed, observed, outcome, code, tool, datasets, action, tier } = record;
  const call = {
    ...(tool !== undefined && { tool }),
    ...(datasets && datasets.length > 0 && { datasets }),
  };
  const denial = code === undefined ? {} : { code, ...messageOf(code) };
  if (!allowed && !observed) {
    return {
      ...call,
      ...denial,
      kind: 'denied',
      words: callWords(record, 'tried'),
      changes: false,
    };
  }
  return {
    ...call,
    kind: outcome && isUnknown(outcome) ? 'unknown' : 'allowed',
    words: callWords(record, 'past'),
    ...(outcome && { effect: effectWords(outcome) }),
    ...(observed && {
      ...denial,
      more: 'It would have been denied. It was made because its route only observes.',
    }),
    changes: action !== 'read' || (tier ?? 0) >= 2,
  };
}

/** Returns an actor as people say it: `rule:out-of-scope@1` is the rule out-of-scope. */
export function actorWords(actor: string): string {
  const [, rule] = /^rule:(.+?)(?:@\d+)?$/.exec(actor) ?? [];
  if (rule !== undefined) return `the rule ${rule}`;
  if (actor.startsWith('parent:')) return 'the workflow above it';
  return ACTORS[actor] ?? actor;
}
const ACTORS: Readonly<Record<string, string>> = {
  agent: 'its agent',
  clock: 'the clock',
  holder: 'its agent',
  operator: 'an operator',
  issuer: 'the issuer',
};

const MOVES: { readonly [Move in Of<'transition'>['move']]: string } = {
  start: 'Began',
  suspend: 'Suspended',
  resume: 'Resumed',
  complete: 'Finishing',
  finish: 'Completed',
  fail: 'Failed',
  revoke: 'Revoked',
  expire: 'Expired',
};

const because = (reason: string | undefined): { readonly more?: string } =>
  reason === undefined ? {} : { more: reason };

const DEVIATIONS: { readonly [Effect in Of<'deviation'>['effect']]: string } = {
  acted: 'and acted',
  shadow: 'and only watches',
  absorbed: 'when the workflow was stopped already',
  breaker: 'and the breaker holds it back',
};

type Words<Event extends AuditRecord['event']> = (
  record: Of<Event>,
) => Omit<TimelineEvent, 'id' | 'at'>;

const step = (words: string, more?: string): Omit<TimelineEvent, 'id' | 'at'> => ({
  kind: 'step',
  words,
  ...(more !== undefined && { more }),
  changes: false,
});

const agentOf = ({ agent }: Of<'mint'>): string =>
  agent === undefined ? 'its agent' : shortIdentity(agent);

/** What each kind of record is on the page. Kinds that concern no workflow have no entry. */
const WORDS: { readonly [Event in AuditRecord['event']]?: Words<Event> } = {
  mint: (record) =>
    step(
      record.stepUp
        ? `Capability issued to ${agentOf(record)} after a step-up`
        : `Capability issued to ${agentOf(record)}`,
      [
        plural(record.grants.length, 'grant'),
        record.refused.length > 0 && `${record.refused.length} refused`,
        record.holder === undefined ? 'bound to no key' : 'bound to the agent’s key',
        `lives ${span(toMilliseconds(record.expires) - record.at)}`,
        record.approval && `approved by ${record.approval.by}`,
      ]
        .filter(Boolean)
        .join('; '),
    ),
  decision: decisionEvent,
  dispatch: (record) => ({
    kind: 'unknown',
    words: `was about to make a call: ${callWords(record, 'past')}`,
    more: 'No decision names it yet, so the call may have happened.',
    ...(record.tool !== undefined && { tool: record.tool }),
    changes: true,
  }),
  refusal: (record) => ({
    kind: 'denied',
    words: 'was refused a capability',
    more: record.code,
    changes: false,
  }),
  transition: (record) => ({
    kind: record.move === 'suspend' || record.move === 'fail' ? 'stopped' : 'step',
    words: `${MOVES[record.move]} by ${actorWords(record.actor)}`,
    ...because(record.reason),
    changes: false,
  }),
  revocation: (record) => ({
    kind: 'stopped',
    words:
      record.kind === 'block'
        ? `One token revoked by ${actorWords(record.actor)}`
        : `Revoked by ${actorWords(record.actor)}`,
    ...because(record.reason),
    changes: false,
  }),
  deviation: (record) => ({
    kind: record.effect === 'acted' ? 'stopped' : 'step',
    words: `The rule ${record.rule} held ${DEVIATIONS[record.effect]}`,
    more: `It counts ${plural(record.evidence.length, 'record')}.`,
    changes: false,
  }),
  approval_asked: (record) => ({
    ...step('Asked a person for more', record.grants.map(grantWords).join('; ')),
    approval: record.approval,
  }),
  approval_decided: (record) => ({
    ...step(
      `${record.decision === 'approve' ? 'Approved' : 'Refused'} by ${record.by}`,
      record.reason,
    ),
    approval: record.approval,
  }),
  closing: (record) =>
    step('Closed', `${plural(record.mints, 'capability', 'capabilities')} issued in all.`),
};

const grantWords = (grant: { readonly action: string; readonly dataset: string }): string =>
  `${grant.action} ${grant.dataset}`;

/** Returns a record as an event. Returns undefined for one that the page does not show. */
export function eventOf(record: AuditRecord): TimelineEvent | undefined {
  const words = WORDS[record.event] as
    | ((one: AuditRecord) => Omit<TimelineEvent, 'id' | 'at'>)
    | undefined;
  return words && { id: record.id, at: record.at, ...words(record) };
}
