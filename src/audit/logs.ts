import { utf8 } from '../encoding.ts';
import { rootWorkflowOf } from '../root-workflow.ts';
import { sha256 } from '../tlog/index.ts';
import type { AuditRecord } from './kinds/index.ts';

/**
 * The name of a log. `control` and its continuations hold what gives and takes power; the decision
 * logs of an epoch hold what verifiers decided, one for each shard of the workflows; `root` holds
 * the checkpoints of the others; `old` holds the records of releases before 0.4.0; a feed log holds
 * the entries of a shard of the feed.
 */
export type LogName =
  | 'control'
  | `control-${number}`
  | `decisions-${number}-${number}`
  | 'root'
  | 'old'
  | `feed-${number}`;

/** The log that is written to first before power is given. */
export const CONTROL_LOG = 'control' satisfies LogName;
/** The log of the other logs' checkpoints. */
export const ROOT_LOG = 'root' satisfies LogName;
/** The log of the records that were written before there were several logs. */
export const OLD_LOG = 'old' satisfies LogName;

/** More shards are a new epoch with new logs: the shard of a workflow never changes within one. */
export const DECISION_EPOCH = 1;
/**
 * A power of two. Few, because a gateway sends its batch to each log in it: 20 workflows make 4
 * requests with 4 shards, and 12 with 16.
 */
export const DECISION_SHARDS = 4;

/** The decision logs of this epoch. */
export const DECISION_LOGS: readonly LogName[] = Array.from(
  { length: DECISION_SHARDS },
  (_, shard): LogName => `decisions-${DECISION_EPOCH}-${shard}`,
);

/**
 * Returns the decision log of a workflow, so that its whole trail is in one log. Takes the id of
 * a root or of a child, which begins with its root's. A record
 * without a workflow goes by the name of its verifier.
 */
export function decisionLogOf(workflow: string | undefined, verifier: string): LogName {
  const name = workflow === undefined ? verifier : rootWorkflowOf(workflow);
  const [first = 0] = sha256(utf8(name));
  return `decisions-${DECISION_EPOCH}-${first % DECISION_SHARDS}`;
}

const NAME =
  /^(?:control(?:-(?:[2-9]|[1-9]\d{1,8}))?|decisions-[1-9]\d{0,8}-(?:0|[1-9]\d{0,4})|root|old|feed-(?:0|[1-9]\d{0,4}))$/;

/** Returns whether a text names a log, in its one spelling. */
export const isLogName = (text: string): text is LogName => NAME.test(text);

/** What a log is for; its rules of retention go by it. */
export type LogKind = 'control' | 'decisions' | 'root' | 'old' | 'feed';

/** Returns what a log is for. */
export const logKindOf = (log: LogName): LogKind => log.split('-', 1)[0] as LogKind;

/** Returns the log that continues a full control log: `control-2` after `control`. */
export function nextControlLog(log: LogName): LogName {
  if (logKindOf(log) !== 'control') throw new TypeError(`${log} is not continued by another log.`);
  return `control-${log === CONTROL_LOG ? 2 : Number(log.slice('control-'.length)) + 1}`;
}

/**
 * Returns what stands for the issuer in the origins of its logs. Each generation has other origins,
 * so a witness that must not cosign a log any more, because it has seen another history of it,
 * begins again. Verifiers and auditors have to be told: their keys name the generation.
 */
export const logsBaseOf = (issuer: string, generation: number | undefined): string =>
  generation === undefined ? issuer : `${issuer.replace(/\/+$/, '')}/${generation}`;

/** Returns whether an origin is the same log in an earlier generation. */
export function isEarlierOrigin(earlier: string, origin: string): boolean {
  const [before, now] = [partsOf(earlier), partsOf(origin)];
  const isSameLog = before.base === now.base && before.log === now.log;
  return isSameLog && before.generation < now.generation;
}

const partsOf = (origin: string) => {
  const [, base = '', generation = '0', log = ''] =
    /^(.*?)(?:\/(\d+))?\/((?:audit|feed)\/[^/]+)$/.exec(origin) ?? [];
  return { base, generation: Number(generation), log };
};

/**
 * Returns the origin of a log, its name to the world: the issuer's URL without its scheme and the
 * slash at its end, and the path of the log. A log with another origin is another log, so an
 * issuer that moves begins new ones. `issuer` is what `logsBaseOf` returns.
 */
export function originOf(issuer: string, log: LogName): string {
  const base = issuer.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\/+$/, '');
  return `${base}/${logKindOf(log) === 'feed' ? log.replace('-', '/') : `audit/${log}`}`;
}

/**
 * The logs that a kind of record belongs to. `calls`: a decision log, by the workflow. `refusals`
 * are counted where they happened: those of calls in a decision log, those of the token endpoint
 * in the control log. `root`: the log of the other logs' checkpoints.
 */
const LOGS_OF_KINDS: Readonly<
  Record<AuditRecord['event'], 'control' | 'calls' | 'refusals' | 'root'>
> = {
  mint: 'control',
  refusal: 'control',
  refusals: 'refusals',
  revocation: 'control',
  transition: 'control',
  closing: 'control',
  watermark: 'control',
  denial: 'control',
  key: 'control',
  deviation: 'control',
  rule_armed: 'control',
  gap: 'calls',
  dispatch: 'calls',
  outcome: 'calls',
  stream: 'control',
  version: 'control',
  log_opened: 'control',
  erasure: 'control',
  hold: 'control',
  operator: 'control',
  checkpoint: 'root',
  approval_asked: 'control',
  approval_decided: 'control',
  decision: 'calls',
};

/**
 * Returns the log that a record belongs to. A kind that this release does not know goes to the
 * control log, which is never full.
 */
export function logOf(record: AuditRecord): LogName {
  const place = Object.hasOwn(LOGS_OF_KINDS, record.event)
    ? LOGS_OF_KINDS[record.event]
    : 'control';
  if (place === 'root') return ROOT_LOG;
  const isOfCalls =
    place === 'calls' ||
    (record.event === 'refusals' && record.reasons.some(({ at }) => at === 'call'));
  if (!isOfCalls) return CONTROL_LOG;
  const { workflow, verifier } = record as {
    readonly workflow?: unknown;
    readonly verifier?: unknown;
  };
  return decisionLogOf(
    typeof workflow === 'string' ? workflow : undefined,
    typeof verifier === 'string' ? verifier : record.id,
  );
}
