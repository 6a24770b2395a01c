/** The bodies of admin routes. The id in the path is unknown, so an accepted body returns 404. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IRequest } from 'itty-router';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { createApprovalRoutes } from '../../../workers/issuer/approval/routes.ts';
import type { BoundRoute } from '../../../workers/issuer/platform/admin-router.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { DeployedPolicy } from '../../../workers/issuer/version/deployed-policy.ts';
import { workflowRoutes } from '../../../workers/issuer/workflow/operator-routes.ts';
import { ISSUER_VARIABLES } from '../../issuer-variables.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { CANARY, claimSilent } from './secret.ts';

// Of workerd, and not of Node.
Object.assign(crypto.subtle, {
  timingSafeEqual: (one: ArrayBuffer, other: Uint8Array) =>
    timingSafeEqual(Buffer.from(one), other),
});

const CREDENTIAL = 'operator';

/** A binding that must be there. A route reads its body first, so it never calls an object here. */
const objects = Object.fromEntries(
  ['WORKFLOW', 'REVOCATION_LOG', 'FEED_ARCHIVE', 'AUDIT_LOG', 'LOG', 'TILE_STORE', 'SUBJECT_KEYS']
    .concat(['REPLAY_STORE', 'BREAKER', 'STATUS_LIST', 'SIGNAL_STREAMS', 'APPROVALS', 'VERSIONS'])
    .concat(['ACTIVITY', 'OPERATORS', 'TALLY', 'WATCHDOG'])
    .map((name) => [name, {}]),
);

const env = {
  ...objects,
  ...ISSUER_VARIABLES,
  AUDIENCES: '["https://api.example"]',
  OPERATOR_SHA256: createHash('sha256').update(CREDENTIAL).digest('hex'),
} as unknown as IssuerEnv;

interface Route {
  readonly route: BoundRoute;
  readonly unmodified: JsonObject;
  /** The members that its order may have. */
  readonly members: readonly string[];
}

const reason = `the key was stolen ${CANARY}`;
const answer = { digest: 'ab'.repeat(32), by: `bob ${CANARY}`, reason };
const REVOKED = ['reason', 'even_unknown'];
const ANSWERED = ['decision', 'digest', 'by', 'reason'];

const { decideApproval } = createApprovalRoutes(new DeployedPolicy(undefined));
const ROUTES: readonly [Route, ...Route[]] = [
  {
    route: workflowRoutes.revokeWorkflow,
    unmodified: { reason, even_unknown: true },
    members: REVOKED,
  },
  { route: workflowRoutes.revokeBlock, unmodified: { reason }, members: REVOKED },
  {
    route: decideApproval,
    unmodified: { decision: 'approve', until: 2_000_000_000, ...answer },
    members: [...ANSWERED, 'until'],
  },
  { route: decideApproval, unmodified: { decision: 'refuse', ...answer }, members: ANSWERED },
];

function someRequest(random: Random, text: string): readonly [IRequest, isText: boolean] {
  const isText = random.chance(0.95);
  const long = text.padEnd(text.length * random.pick([1, 1, 1, 1, 1, 100]));
  const body = isText ? long : Uint8Array.of(0xff, ...Buffer.from(text));
  const request = new Request('https://issuer.example/admin', {
    method: 'POST',
    headers: { authorization: `Bearer ${CREDENTIAL}` },
    body,
  });
  const params = { id: `no id ${CANARY}`, block: 'ab'.repeat(64) };
  return [Object.assign(request, { params }) as unknown as IRequest, isText];
}

export const adminBodies: ParserCampaign = {
  name: 'admin',
  outcomes: {
    '404 workflow_unknown': 'seen',
    '404 approval_unknown': 'seen',
    '400 invalid_request': 'seen',
    '413 body_too_large': 'seen',
  },
  cases: 4_000,
  attempt: async (random) => {
    const { route, unmodified, members } = random.pick(ROUTES);
    const changed = random.chance(0.6) ? mutateJsonOften(random, unmodified) : unmodified;
    const text = writeJson(random, changed).toWellFormed(); // A text body is sent as UTF-8.
    const [request, isText] = someRequest(random, text);
    const response = await route.handle(request, env);
    const refusal = (await response.json()) as { error: string };
    claimSilent(refusal);
    const outcome = `${response.status} ${refusal.error}`;
    if (response.status !== 404) {
      const isUnmodified = isText && text === JSON.stringify(unmodified) && response.status !== 413;
      claim(!isUnmodified, 'an unmodified order is refused', { text, outcome });
      return outcome;
    }
    claim(isText, 'a body that is not UTF-8 is accepted', text);
    const order: unknown = JSON.parse(text);
    claim(isJsonObject(order), 'an order that is not an object is accepted', text);
    claim(
      Object.keys(order).every((name) => members.includes(name)),
      'an unknown member is accepted',
      text,
    );
    const { reason: why, even_unknown: unknown, decision } = order;
    claim(
      typeof why === 'string' && why.trim() !== '',
      'an order without a reason is accepted',
      text,
    );
    claim(why.trim().length <= 512, 'a reason of unbounded length is accepted', text);
    claim(
      unknown === undefined || unknown === true,
      'an order with another value is accepted',
      text,
    );
    claim(decision === unmodified.decision, 'the decision has changed', text);
    const { digest, by, until } = order;
    // Without `by`, the answer is that of the caller.
    const isNamed = by === undefined || (typeof by === 'string' && by.trim() !== '');
    const isAnswer = typeof digest === 'string' && isNamed;
    claim(
      decision === undefined || (isAnswer && /^[0-9a-f]{64}$/.test(digest)),
      'an invalid answer is accepted',
      text,
    );
    claim(
      decision !== 'approve' || Number.isSafeInteger(until),
      'an approval without an end is accepted',
      text,
    );
    return outcome;
  },
};
