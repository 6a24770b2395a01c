import { canonicalJson, type JsonObject } from '../../../src/canonical-json.ts';
import { readSeconds } from '../../../src/clock.ts';
import type { AdminRoute, Refusal, RouteInput } from '../../../src/issuer-api/index.ts';
import { isOpening, may, type Operator } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import type { Proposal } from './binding.ts';
import { hexDigest, randomText } from './session-token.ts';

const PROPOSAL_SECONDS = 3_600;

/** The name by which a proposal finds its route again. */
const actOf = ({ method, path }: Pick<AdminRoute, 'method' | 'path'>): string =>
  `${method} ${path}`;

/** Whether an order of this operator waits for a second person. */
export function needsSecondPerson(
  env: IssuerEnv,
  { kind }: Operator,
  { needs, stopsWith }: AdminRoute,
  { body }: RouteInput<AdminRoute>,
): boolean {
  // The credential is for the day on which there may be no second person.
  if (kind === 'credential' || needs === 'none' || !isOpening(needs)) return false;
  const members = (body ?? {}) as Readonly<Record<string, unknown>>;
  const isTrial = members.dry_run === true;
  const isStop =
    stopsWith !== undefined &&
    Object.entries(stopsWith).every(([name, value]) => members[name] === value);
  return !isTrial && !isStop && (readConfig(env).directory?.twoPeople ?? []).includes(needs);
}

/** Stores an order until another person confirms it. */
export async function propose(
  env: IssuerEnv,
  operator: Operator,
  route: AdminRoute,
  input: RouteInput<AdminRoute>,
): Promise<Result<Proposal, Refusal<'not_for_your_role' | 'proposals_full'>>> {
  const session = operator.person;
  if (session === undefined) {
    const message = 'A second person must confirm this, so a person has to order it.';
    return refuse({ code: 'not_for_your_role', message });
  }
  const act = actOf(route);
  const order = { params: input.params, query: input.query ?? {}, body: input.body ?? {} };
  const json = canonicalJson({ act, order, by: operator.name } as unknown as JsonObject);
  const at = readSeconds();
  const proposal: Proposal = {
    id: `prp_${randomText(16)}`,
    permission: route.needs,
    act,
    order: JSON.stringify(order),
    by: operator.name,
    person: session,
    digest: await hexDigest(json),
    at,
    expires: at + PROPOSAL_SECONDS,
  };
  return (await operators(env).propose(proposal, operator.source))
    ? ok(proposal)
    : refuse({ code: 'proposals_full' });
}

/** Returns the proposals that an operator may confirm. */
export async function countConfirmable(env: IssuerEnv, operator: Operator): Promise<number> {
  if ((readConfig(env).directory?.twoPeople ?? []).length === 0) return 0;
  const open = await operators(env).proposals();
  return open.filter((each) => mayConfirm(operator, each)).length;
}

function mayConfirm(operator: Operator, { by, permission }: Proposal): boolean {
  const isPerson = operator.person !== undefined && operator.name !== by;
  return isPerson && permission !== 'none' && may(operator, permission) === true;
}

export function describeProposal(proposal: Proposal, operator: Operator) {
  const { person: _, order, ...shown } = proposal;
  return {
    ...shown,
    order: JSON.parse(order) as JsonObject,
    may_confirm: mayConfirm(operator, proposal),
  };
}
