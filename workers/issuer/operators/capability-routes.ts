import { type Grant, writeAuthority } from '../../../src/capability/index.ts';
import { readSeconds, toMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import { ADMIN_API, type Refusal } from '../../../src/issuer-api/index.ts';
import {
  adminAudience,
  grantsOf,
  OPERATOR_CAPABILITY_SECONDS_MAX,
} from '../../../src/operator-capability/index.ts';
import { may, mayDelegate, type PermissionGrant } from '../../../src/operators/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { AdminContext } from '../platform/admin-context.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import { type IssuerConfig, readConfig } from '../platform/config.ts';
import { operators } from '../platform/env.ts';
import { signerOf } from '../token/signer.ts';
import { makerFor } from './presented.ts';
import { notForYourRole } from './scope.ts';
import { randomText } from './session-token.ts';

export const capabilityRoutes = bindAdmin(ADMIN_API.capabilities, {
  mintCapability: async ({ body }, context) => {
    const { env, operator } = context;
    const config = readConfig(env);
    const permitted = requireDelegation(context, body.grants);
    if (!permitted.ok) return permitted;
    const at = readSeconds();
    if (body.ends_at <= at || body.ends_at > at + OPERATOR_CAPABILITY_SECONDS_MAX) {
      const hours = OPERATOR_CAPABILITY_SECONDS_MAX / 3_600;
      return invalid(`"ends_at" must be in the future and at most ${hours} hours away.`);
    }
    const grants = grantsOf(body.grants);
    if (!grants.ok) return invalid(DESCRIBED[grants.error.code]);
    const order = { id: `opc_${randomText(16)}`, by: operator.name, at, ...body };
    const signed = await sign(config, order, grants.value);
    if (!signed.ok) return signed;
    const { token, revocationId: block } = signed.value;
    const { holder, reason, ends_at: ends } = body;
    const { id, by } = order;
    const kept = { id, block, by, holder, reason, at, ends, grants: body.grants, stopped: [] };
    const maker = makerFor(operator, config);
    const added = await operators(env).addCapability({ ...kept, maker }, operator.source);
    if (!added.ok) return added;
    return ok({ id, token, block, audience: adminAudience(config.issuer), ends_at: ends });
  },

  listCapabilities: async (_input, { env }) => {
    const all = await operators(env).capabilities();
    return ok({
      capabilities: all.map(({ id, by, grants, holder, reason, at, ends, block, stopped }) => ({
        id,
        by,
        grants,
        holder,
        reason,
        at,
        ends_at: ends,
        stopped: stopped.includes(block),
        stopped_blocks: stopped,
      })),
    });
  },

  stopCapability: async ({ params: { id }, body: { block, reason } }, { env, operator }) => {
    const known = await operators(env).capability(id);
    if (!known) return refuse({ code: 'capability_unknown' });
    const isMaker = operator.name === known.by && operator.capability === undefined;
    if (!isMaker && may(operator, 'end-session', {}) !== true) {
      return notForYourRole(operator, 'end-session', {});
    }
    const act = { by: operator.name, source: operator.source, reason };
    return ok({ id, stopped: await operators(env).stopCapability(id, block, act) });
  },
});

/** Each person of an order must be allowed to pass on all of it. */
function requireDelegation(
  { operator, second }: AdminContext,
  grants: readonly PermissionGrant[],
): Result<null, Refusal<'not_for_your_role'>> {
  for (const each of second ? [operator, second] : [operator]) {
    const grant = grants.find((one) => mayDelegate(each, one) !== true);
    if (grant) return notForYourRole(each, grant.permission, undefined);
  }
  return ok(null);
}

interface Minting {
  readonly id: string;
  readonly by: string;
  readonly at: UnixSeconds;
  readonly ends_at: UnixSeconds;
  readonly holder: string;
  readonly reason: string;
}

/** No policy is asked: what an operator may is decided by roles, and this is a part of it. */
async function sign(
  config: IssuerConfig,
  { id, by, at, ends_at: ends, holder, reason }: Minting,
  grants: readonly Grant[],
) {
  const authority = writeAuthority(
    {
      issuer: config.issuer,
      workflow: id,
      agent: AGENT,
      subject: by,
      owner: AGENT,
      task: taskOf(reason),
      gen: 1,
      issuedAt: new Date(toMilliseconds(at)),
      audience: adminAudience(config.issuer),
      ancestors: [],
      holder,
      grants,
    },
    new Date(toMilliseconds(ends)),
    OPERATOR_CAPABILITY_SECONDS_MAX,
  );
  if (authority.ok) return ok(await signerOf(config).sign(authority.value));
  return invalid(
    authority.error.code === 'authority_over_limit'
      ? 'The grants are too long for one token. Name fewer owners and tools.'
      : 'A name in the grants, or the reason, has a character that a token cannot have.',
  );
}

/** In place of an agent and an owner: no workload has this name. */
const AGENT = 'hewn/admin';
const TASK_CHARACTERS_MAX = 128;

/** A token has a short text without line breaks. The record has the whole reason. */
const taskOf = (reason: string): string =>
  reason
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .slice(0, TASK_CHARACTERS_MAX)
    .toWellFormed();

const DESCRIBED = {
  owner_unfit: 'An owner in "grants" has a character that a token cannot have.',
  limits_count: 'A grant names too many owners, tools or patterns of tools.',
  permission_twice: '"grants" names a permission twice. Join its owners and tools.',
} as const;

const invalid = (message: string) => refuse({ code: 'invalid_request', message } as const);
