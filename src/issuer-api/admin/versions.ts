import * as v from 'valibot';
import { ADMIN_REQUEST_BYTES_MAX } from '../../limits.ts';
import {
  isVersionId,
  VERSION_BYTES_MAX,
  VERSION_FILES_MAX,
  VERSION_SOURCES,
} from '../../version/index.ts';
import type { AdminRoutes } from '../route.ts';
import { count, jsonObject, position, reason, timestamp } from '../values.ts';

/** A version, and why it is loaded. */
export const VERSION_BODY_BYTES_MAX = VERSION_BYTES_MAX + ADMIN_REQUEST_BYTES_MAX;

const id = {
  schema: v.pipe(v.string(), v.check(isVersionId), v.description('the id of a version')),
  problem: 'version_unknown',
} as const;

const by = v.picklist(VERSION_SOURCES);
const orderedBy = v.optional(
  v.pipe(
    by,
    v.description(`what brings the version: ${VERSION_SOURCES.join(', ')}; by default operator`),
  ),
  'operator',
);

const expects = v.pipe(
  v.nullable(v.pipe(v.string(), v.check(isVersionId))),
  v.description('the id of the version that the caller believes to be active, or null for none'),
);

const summary = {
  id: v.pipe(v.string(), v.description('SHA-256 of the RFC 8785 form of the version, in hex')),
  catalogue_hash: v.pipe(v.string(), v.description('SHA-256 of the catalogue, in hex')),
  files: v.pipe(v.array(v.string()), v.description('the names of the policy files')),
  bytes: count,
  loaded_at: timestamp,
  loaded_by: v.pipe(v.string(), v.description('the actor, as the audit log names it')),
  by,
  reason: v.string(),
  active: v.pipe(v.boolean(), v.description('whether the issuer decides by it')),
  last_active: v.pipe(v.nullable(timestamp), v.description('when it was activated last')),
};

const activation = v.object({
  n: v.pipe(count, v.description('its position in the history')),
  version: v.string(),
  before: v.pipe(
    v.nullable(v.string()),
    v.description('the version that it replaced; null if there was none'),
  ),
  catalogue_hash: v.string(),
  at: timestamp,
  actor: v.string(),
  by,
  reason: v.string(),
  state: v.pipe(
    v.picklist(['recording', 'active', 'ended', 'abandoned']),
    v.description(
      '`recording`: the audit log does not have it yet; `active`: it is in force; `ended`: another replaced it; `abandoned`: it never was in force, because it was not recorded',
    ),
  ),
  in_feed: v.pipe(
    v.boolean(),
    v.description('whether the revocation log names its catalogue to the verifiers yet'),
  ),
});

const warnings = v.pipe(
  v.array(v.object({ file: v.string(), line: v.optional(count), found: v.string() })),
  v.description('what loads, and probably does not mean what its author intends'),
);

export const VERSION_ROUTES = {
  listVersions: {
    method: 'GET',
    path: '/versions',
    needs: 'read',
    summary: 'Lists the stored versions of policy and catalogue, the newest first.',
    params: {},
    answer: v.object({ versions: v.array(v.object(summary)) }),
    problems: [],
  },
  loadVersion: {
    method: 'POST',
    path: '/versions',
    needs: 'load-policy',
    summary: 'Stores a version, if its policy loads with its catalogue. Nothing decides by it yet.',
    description: `At most ${VERSION_FILES_MAX} files and ${VERSION_BYTES_MAX / 1024} KiB. A version that is stored already stays as it is. Versions that were never active, or not for long, may be dropped for it.`,
    params: {},
    body: v.strictObject({
      // A record would silently drop a member named `__proto__`; the store refuses it.
      policy: v.pipe(
        jsonObject,
        v.description('an object with the text of each policy file, by its name'),
      ),
      catalogue: v.pipe(v.string(), v.description('the text of the catalogue, in TOML')),
      by: orderedBy,
      reason,
    }),
    bodyBytesMax: VERSION_BODY_BYTES_MAX,
    answer: v.object({
      id: v.string(),
      catalogue_hash: v.string(),
      loaded: v.pipe(v.boolean(), v.description('false if it was stored already')),
      recorded: v.pipe(v.boolean(), v.description('whether the audit log has the record yet')),
      dropped: v.pipe(v.array(v.string()), v.description('versions that were dropped for it')),
      warnings,
    }),
    problems: ['version_invalid'],
  },
  showActiveVersion: {
    method: 'GET',
    path: '/versions/active',
    needs: 'read',
    summary: 'Shows which version is active, and what each source activated last.',
    params: {},
    answer: v.object({
      active: v.pipe(
        v.nullable(activation),
        v.description('null: the issuer decides by the sources of its entry file, if it has any'),
      ),
      recording: v.pipe(
        v.nullable(activation),
        v.description('an activation that the audit log does not have yet'),
      ),
      last_by: v.pipe(
        v.object({
          operator: v.optional(v.string()),
          deploy: v.optional(v.string()),
          dev: v.optional(v.string()),
          serve: v.optional(v.string()),
        }),
        v.description('the version that each source put in force last'),
      ),
    }),
    problems: [],
  },
  listActivations: {
    method: 'GET',
    path: '/versions/history',
    needs: 'read',
    summary: 'Lists the activations, the newest first, 50 at a time.',
    params: {},
    query: v.object({
      before: v.optional(
        v.pipe(position, v.description('the `n` of the last activation received')),
      ),
    }),
    answer: v.object({ activations: v.array(activation) }),
    problems: [],
  },
  activateVersion: {
    method: 'POST',
    path: '/versions/:id/activate',
    needs: 'activate-policy',
    summary: 'Makes the issuer decide by a stored version, within a second.',
    description:
      'It may grant, so the audit log records it first. Activating the active version again changes nothing.',
    params: { id },
    body: v.strictObject({ expects, by: orderedBy, reason }),
    answer: v.object({
      changed: v.pipe(v.boolean(), v.description('false if it was active already')),
      activation,
    }),
    problems: ['version_unknown', 'version_conflict', 'audit_unavailable'],
  },
  showVersion: {
    method: 'GET',
    path: '/versions/:id',
    needs: 'read',
    summary: 'Shows a version with its texts.',
    params: { id },
    answer: v.object({
      ...summary,
      policy: v.record(v.string(), v.string()),
      catalogue: v.string(),
    }),
    problems: ['version_unknown'],
  },
} as const satisfies AdminRoutes;
