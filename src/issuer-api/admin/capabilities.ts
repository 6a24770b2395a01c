import * as v from 'valibot';
import { isThumbprint } from '../../jwk-thumbprint.ts';
import {
  LIMITS_PER_GRANT_MAX,
  OPERATOR_CAPABILITY_SECONDS_MAX,
} from '../../operator-capability/index.ts';
import { PERMISSION_NAMES, type Permission } from '../../operators/index.ts';
import type { AdminRoutes } from '../route.ts';
import { nameOf, REVOCATION_ID, reason, unixSeconds } from '../values.ts';

/** `opc_` and 128 random bits in base64url. */
export const OPERATOR_CAPABILITY_ID = /^opc_[A-Za-z0-9_-]{22}$/;

const NAME_CHARACTERS_MAX = 512;
const HOURS_MAX = OPERATOR_CAPABILITY_SECONDS_MAX / 3_600;

const params = {
  id: {
    schema: v.pipe(
      v.string(),
      v.regex(OPERATOR_CAPABILITY_ID),
      v.description('the id of an operator capability'),
    ),
    problem: 'capability_unknown',
  },
} as const;

/** A capability is narrowed and handed on by its holder, so none may mint another. */
const GRANTABLE = PERMISSION_NAMES.filter((name) => name !== 'delegate');

const names = (description: string) =>
  v.exactOptional(
    v.pipe(
      v.array(nameOf(NAME_CHARACTERS_MAX, description)),
      v.minLength(1),
      v.maxLength(LIMITS_PER_GRANT_MAX),
      v.readonly(),
      v.description(`${description}, up to ${LIMITS_PER_GRANT_MAX}; without it, all`),
    ),
  );

const grant = v.strictObject({
  permission: v.pipe(
    v.picklist(GRANTABLE as [Permission, ...Permission[]]),
    v.description(`one of ${GRANTABLE.join(', ')}`),
  ),
  owners: names('the name of an owner'),
  tools: names('the name of a tool, or "mcp/files/*" for all below it'),
});

const shownGrant = v.object({
  permission: v.string(),
  owners: v.optional(v.array(v.string())),
  tools: v.optional(v.array(v.string())),
});

export const CAPABILITY_ROUTES = {
  mintCapability: {
    method: 'POST',
    path: '/capabilities',
    summary: 'Mints an operator capability for a part of what the caller may do.',
    description:
      'It is bound to the key whose thumbprint is given, and counts on the routes of this API only: with `Authorization: DPoP` and a proof for each request. Its holder narrows it and hands it on offline. It allows at most what its maker may at the moment of its use.',
    needs: 'delegate',
    scoped: true,
    params: {},
    body: v.strictObject({
      holder: v.pipe(
        v.string(),
        v.check((text) => isThumbprint(text), 'a thumbprint'),
        v.description('the RFC 7638 thumbprint of the key of its holder'),
      ),
      grants: v.pipe(
        v.array(grant),
        v.minLength(1),
        v.maxLength(GRANTABLE.length),
        v.readonly(),
        v.description('what it allows, each permission once'),
      ),
      ends_at: v.pipe(unixSeconds, v.description(`its end, at most ${HOURS_MAX} hours away`)),
      reason,
    }),
    status: 201,
    answer: v.object({
      id: v.string(),
      token: v.pipe(v.string(), v.description('the only copy: the issuer keeps its id')),
      block: v.pipe(v.string(), v.description('the revocation id of its first block')),
      audience: v.string(),
      ends_at: unixSeconds,
    }),
    problems: ['capabilities_full', 'audit_unavailable'],
  },
  listCapabilities: {
    method: 'GET',
    path: '/capabilities',
    summary: 'Lists the operator capabilities that have not ended, those that end first in front.',
    needs: 'read',
    params: {},
    answer: v.object({
      capabilities: v.array(
        v.object({
          id: v.string(),
          by: v.pipe(v.string(), v.description('who made it')),
          grants: v.array(shownGrant),
          holder: v.pipe(v.string(), v.description('thumbprint of the key of its first holder')),
          reason: v.string(),
          at: unixSeconds,
          ends_at: unixSeconds,
          stopped: v.pipe(v.boolean(), v.description('whether all of it is stopped')),
          stopped_blocks: v.pipe(
            v.array(v.string()),
            v.description('the revocation ids of its stopped blocks'),
          ),
        }),
      ),
    }),
    problems: [],
  },
  stopCapability: {
    method: 'POST',
    path: '/capabilities/:id/stop',
    summary: 'Stops an operator capability with whatever was narrowed from it.',
    description:
      'Its maker may, and anyone with the permission `end-session` for everything. With `block`, only what was narrowed from that block ends. It is in force when the answer arrives.',
    needs: 'none',
    stopsWith: {},
    params,
    body: v.strictObject({
      block: v.optional(
        v.pipe(
          v.string(),
          v.regex(REVOCATION_ID),
          v.description('the revocation id of one of its blocks'),
        ),
      ),
      reason,
    }),
    answer: v.object({
      id: v.string(),
      stopped: v.pipe(v.boolean(), v.description('false: it was stopped before')),
    }),
    problems: ['capability_unknown', 'not_for_your_role'],
  },
} as const satisfies AdminRoutes;
