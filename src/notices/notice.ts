import type { UnixMilliseconds } from '../clock.ts';

/** What each kind of notice says, by its type as receivers see it. */
export interface NoticeData {
  /** A person is asked to approve something. */
  'approval.asked': {
    readonly approval: string;
    readonly agent: string;
    readonly subject: string;
    readonly owner: string;
    readonly task: string;
    readonly expires_at: string;
  };
  /** A deviation rule stopped a workflow. */
  'rule.suspended': {
    readonly rule: string;
    readonly workflow: string;
    readonly action: string;
  };
  /** The breaker holds a rule back, because it would stop too many workflows. */
  'breaker.tripped': {
    readonly rule: string;
    readonly stopped: number;
    readonly bound: number;
  };
  /** Someone used the credential that works without the identity provider. */
  'break_glass.used': {
    readonly operator: string;
    readonly method: string;
    readonly path: string;
  };
  /** `stale`: it has stopped to report. `forked`: it has entries that the log does not have. */
  'verifier.stale': {
    readonly cause: 'stale' | 'forked';
    readonly shard: number;
    readonly verifiers: readonly string[];
  };
  'audit.near_full': {
    readonly log: string;
    readonly percent: number;
  };
  'drill.failed': {
    readonly verdict: string;
    readonly shard: number;
    readonly verifiers: readonly string[];
    readonly bound_seconds: number;
  };
  /** An operator tests a target. */
  test: {
    readonly target: string;
  };
}

export type NoticeType = keyof NoticeData;

/** Something that a person or another system should hear of now. */
export type Notice = {
  readonly [T in NoticeType]: { readonly type: T; readonly data: NoticeData[T] };
}[NoticeType];

/** A notice that was taken: with an id that repeated deliveries share. */
export type SentNotice = Notice & { readonly id: string; readonly at: UnixMilliseconds };

/** Everything that follows from the type of a notice. */
interface NoticeKind<T extends NoticeType> {
  /** One sentence, without any text of an agent: it becomes a subject line and a notification. */
  readonly title: string;
  /** What the same notice is recognised by. */
  key(data: NoticeData[T]): string;
  /** For how long the same notice is not sent again. */
  readonly quietSeconds: number;
  /** The page of the console that shows it and has the buttons. */
  page(data: NoticeData[T]): string;
  /** For docs/reference/notifications.md: when it is sent. */
  readonly when: string;
}

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** An id in the fragment of an address. */
const segment = (id: string): string => encodeURIComponent(id);

export const NOTICES: { readonly [T in NoticeType]: NoticeKind<T> } = {
  'approval.asked': {
    title: 'An agent asks a person to approve something',
    key: ({ approval }) => approval,
    quietSeconds: DAY_SECONDS,
    page: ({ approval }) => `approvals/${segment(approval)}`,
    when: 'A question waits for a person. The answer can be given only in the console.',
  },
  'rule.suspended': {
    title: 'A deviation rule has stopped a workflow',
    key: ({ rule, workflow }) => `${rule} ${workflow}`,
    quietSeconds: DAY_SECONDS,
    page: ({ workflow }) => `w/${segment(workflow)}`,
    when: 'A rule suspended or revoked a workflow.',
  },
  'breaker.tripped': {
    title: 'The breaker holds a deviation rule back',
    key: ({ rule }) => rule,
    quietSeconds: HOUR_SECONDS,
    page: () => 'health',
    when: 'A rule would have stopped too many workflows. It stops none until it is armed again.',
  },
  'break_glass.used': {
    title: 'The break-glass credential was used',
    key: ({ operator }) => operator,
    quietSeconds: 300,
    page: () => 'trail',
    when: 'A request came with the operator credential although operators sign in.',
  },
  'verifier.stale': {
    title: 'A verifier does not follow the feed',
    key: ({ cause, shard, verifiers }) => [cause, shard, ...verifiers].join(' '),
    quietSeconds: HOUR_SECONDS,
    page: () => 'health',
    when: 'A verifier with a credential of its own has not confirmed two canaries in a row (`stale`), or reports entries that the log does not have (`forked`).',
  },
  'audit.near_full': {
    title: 'An audit log is nearly full',
    key: ({ log }) => log,
    quietSeconds: DAY_SECONDS,
    page: () => 'health',
    when: 'The object of a log is 80 % full.',
  },
  'drill.failed': {
    title: 'The scheduled drill has failed',
    key: ({ verdict, shard }) => `${verdict} ${shard}`,
    quietSeconds: HOUR_SECONDS,
    page: () => 'health',
    when: 'A canary could not be stopped, or a verifier confirmed the stop too late.',
  },
  test: {
    title: 'This is a test of Hewn notifications',
    key: () => crypto.randomUUID(),
    quietSeconds: 0,
    page: () => 'now',
    when: 'An operator tests a target. It is sent whatever the events of the target are.',
  },
};

/** The types that a target can be limited to. */
export const NOTICE_TYPES = Object.keys(NOTICES).filter((type) => type !== 'test') as [
  NoticeType,
  ...NoticeType[],
];

/** Returns everything that follows from the type of a notice. */
export function kindOf<T extends NoticeType>(type: T): NoticeKind<T> {
  return NOTICES[type];
}

/** Returns what identifies the notice: the same within the quiet time is not sent again. */
export function keyOf({ type, data }: Notice): string {
  return `${type} ${kindOf(type).key(data as never)}`;
}

/** Returns the address of the page that shows the notice. An answer needs a sign-in there. */
export const linkOf = (issuer: string, { type, data }: Notice): string =>
  `${issuer}/console/#/${kindOf(type).page(data as never)}`;
