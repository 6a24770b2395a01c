import type { JsonObject } from '../../canonical-json.ts';
import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import type { Permission, powersOf } from '../../operators/index.ts';

/** An order that waits for a second person, as the issuer answers. */
export interface Proposal {
  readonly id: string;
  readonly permission: string;
  readonly act: string;
  readonly order: JsonObject;
  readonly by: string;
  readonly digest: string;
  readonly at: UnixSeconds;
  readonly expires: UnixSeconds;
  readonly may_confirm: boolean;
}

/** An order that waits for a second person, as the page shows it. */
export interface ShownProposal {
  readonly id: string;
  readonly title: string;
  /** Method and path of the order, as the admin API has them. */
  readonly act: string;
  /** Everything that the order says, except its reason. */
  readonly lines: readonly OrderLine[];
  readonly by: string;
  /** The reason of the person who ordered it, if the order has one. */
  readonly reason: string | undefined;
  readonly digest: string;
  readonly orderedAt: UnixMilliseconds;
  readonly endsAt: UnixMilliseconds;
  /** True, or why this person may not confirm it. */
  readonly mayConfirm: true | string;
  /** True, or why this person may not withdraw it. */
  readonly mayWithdraw: true | string;
}

export interface OrderLine {
  readonly name: string;
  readonly value: string;
}

/** Who looks at the proposals. */
export interface Viewer {
  readonly name: string;
  readonly may: ReturnType<typeof powersOf>;
}

/** Orders that a deployment may put under the rule of two people, by method and path. */
export const ORDER_TITLES: Readonly<Record<string, string>> = {
  'POST /workflows/:id/resume': 'Resume a workflow',
  'POST /workflows/resume': 'Resume every workflow that a filter matches',
  'POST /denials/lift': 'Lift a denial',
  'POST /watermarks/withdraw': 'Withdraw a watermark',
  'POST /receipt-keys': 'Publish the receipt key of a gateway',
  'POST /receipt-keys/:id/remove': 'Withdraw the receipt key of a gateway',
  'POST /approver-keys': 'Publish a key for approvals',
  'POST /approver-keys/:id/remove': 'Withdraw a key for approvals',
  'POST /approvals/:id': 'Answer a request for approval',
  'POST /passkeys': 'Add a passkey',
  'POST /capabilities': 'Mint an operator capability',
  'POST /versions/:id/activate': 'Activate a version of the policy',
  'POST /audit/erasures': 'Erase what the trail says about a person',
  'POST /audit/holds': 'Set a legal hold',
  'POST /audit/holds/:hold/release': 'Release a legal hold',
};

const PARTS: readonly string[] = ['params', 'query', 'body'];

/** Returns a proposal as the page shows it to a person. */
export function shownProposal(
  proposal: Proposal,
  viewer: Viewer,
  now: UnixMilliseconds,
): ShownProposal {
  const { id, act, order, by, digest, at, expires } = proposal;
  const { reason, ...body } = isObject(order.body) ? order.body : {};
  const hasReason = typeof reason === 'string';
  return {
    id,
    title: Object.hasOwn(ORDER_TITLES, act) ? (ORDER_TITLES[act] ?? act) : act,
    act,
    lines: linesOf(hasReason ? { ...order, body } : order),
    by,
    reason: hasReason ? reason : undefined,
    digest,
    orderedAt: toMilliseconds(at),
    endsAt: toMilliseconds(expires),
    mayConfirm: isEnded(proposal, now) ? ENDED : mayConfirm(proposal, viewer),
    mayWithdraw: isEnded(proposal, now) ? ENDED : mayWithdraw(proposal, viewer),
  };
}

const ENDED = 'Its hour is over. It has to be ordered again.';

const isEnded = ({ expires }: Proposal, now: UnixMilliseconds): boolean =>
  toMilliseconds(expires) <= now;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Each member of the order is a line. Members of `params`, `query` and `body` stand alone. */
function linesOf(order: JsonObject): readonly OrderLine[] {
  return Object.entries(order).flatMap(([part, value]) =>
    PARTS.includes(part) && isObject(value)
      ? Object.entries(value).map(([name, each]) => ({ name, value: textOf(each) }))
      : [{ name: part, value: textOf(value) }],
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const holds = ({ may }: Viewer, permission: string): boolean =>
  may[permission as Permission] !== undefined;

/** The issuer decides who may confirm. The page only finds the words for a refusal. */
function mayConfirm({ may_confirm, by, permission }: Proposal, viewer: Viewer): true | string {
  if (may_confirm) return true;
  if (by === viewer.name) return 'You ordered it, so another person has to confirm it.';
  if (!holds(viewer, permission)) {
    return `None of your roles has the permission ${permission}, which both people need.`;
  }
  return 'Only a person who has signed in can confirm it, and you use a credential.';
}

function mayWithdraw({ by, permission }: Proposal, viewer: Viewer): true | string {
  if (by === viewer.name || holds(viewer, permission)) return true;
  return `Only ${by} and people with the permission ${permission} can withdraw it.`;
}

/** Returns the reasons for which buttons are disabled, each once. */
export const reasonsOf = ({ mayConfirm, mayWithdraw }: ShownProposal): readonly string[] => [
  ...new Set([mayConfirm, mayWithdraw].filter((reason) => typeof reason === 'string')),
];
