import * as v from 'valibot';
import { ACTIONS, checkGrant, type Grant, parseArgumentConstraints } from '../capability/index.ts';
import { GRANTS_MAX, TASK_BYTES_MAX } from '../limits.ts';
import type { KeyFault } from './fault.ts';
import type { Deployment } from './model.ts';
import { nearest } from './nearest.ts';
import { STEP_UP_MODES } from './profile.ts';
import type { Settings } from './settings.ts';

const grant = v.strictObject({
  tool: v.string(),
  action: v.picklist(ACTIONS),
  dataset: v.string(),
  constraints: v.exactOptional(v.record(v.string(), v.unknown())),
});

/** Keys of `[profiles.NAME]`. Nothing of them is deployed. */
export const PROFILE_SETTINGS = {
  task: {
    schema: v.pipe(v.string(), v.minLength(1), v.maxLength(TASK_BYTES_MAX)),
    required: true,
    purpose: 'What the agent is for, in a few words for people and policies. `--task` replaces it.',
  },
  grants: {
    schema: v.pipe(
      v.array(grant),
      v.minLength(1, 'a list of at least one grant'),
      v.maxLength(GRANTS_MAX),
    ),
    required: true,
    purpose:
      'What is requested: `[{ tool = "mcp/notes/read_note", action = "read", dataset = "notes/team" }]`. The policy decides what of it is granted.',
  },
  servers: {
    schema: v.pipe(v.array(v.string()), v.minLength(1, 'a list of at least one server')),
    absent: 'the MCP servers that `grants` names',
    purpose: 'The MCP servers that the agent gets, by the names of the upstreams of one gateway.',
  },
  identity: {
    schema: v.pipe(v.string(), v.minLength(1)),
    absent: 'with `hewn dev`: its only agent',
    purpose:
      'Where the token of the agent comes from: `dev:NAME`, `env:NAME`, `file:PATH`, `github`, `gitlab`, `kubernetes`, `google`, `azure` or `spiffe`.',
  },
  user: {
    schema: v.pipe(v.string(), v.minLength(1)),
    absent: 'with `hewn dev`: its only user',
    purpose: 'Where the token of the user comes from that the agent acts for, in the same form.',
  },
  stepUp: {
    schema: v.picklist(STEP_UP_MODES),
    absent: '`ask`',
    purpose:
      'Who decides whether more is requested after a denial: a person at the terminal (`ask`), its policy alone (`policy`), or no one (`never`). Without a terminal, `ask` is `policy`.',
  },
} as const satisfies Settings;

/** What must hold in a profile beside the form of its values. */
export function profileFaults({ profiles, environments }: Deployment): readonly KeyFault[] {
  const servers = [
    ...new Set(
      environments.flatMap(({ gateways }) =>
        gateways.flatMap(({ upstreams }) => Object.keys(upstreams)),
      ),
    ),
  ];
  return Object.entries(profiles).flatMap(([name, profile]): KeyFault[] => {
    const path = ['profiles', name];
    const missing = (['task', 'grants'] as const)
      .filter((key) => profile[key] === undefined)
      .map((key) => ({ path: [...path, key], found: 'missing', allowed: `a key "${key}"` }));
    return [
      ...missing,
      ...(profile.grants ?? []).flatMap((each, index) => {
        const why = grantFault(each);
        const at = [...path, 'grants', index];
        return why === undefined ? [] : [{ path: at, found: why, allowed: 'a valid grant' }];
      }),
      ...(profile.servers ?? []).flatMap((server, index): KeyFault[] => {
        if (servers.includes(server)) return [];
        const suggestion = nearest(server, servers);
        const fault = {
          path: [...path, 'servers', index],
          found: `no upstream ${JSON.stringify(server.slice(0, 64))}`,
          allowed: servers.join(', ') || 'none: there is no gateway',
        };
        return [suggestion === undefined ? fault : { ...fault, suggestion }];
      }),
    ];
  });
}

function grantFault(grant: Grant): string | undefined {
  const checked = checkGrant(grant);
  if (!checked.ok) return `the ${checked.error.kind} is not valid: ${checked.error.why}`;
  if (!('constraints' in grant) || grant.constraints === undefined) return undefined;
  const parsed = parseArgumentConstraints(grant.constraints);
  return parsed.ok ? undefined : `the constraints are not valid: ${parsed.error.why}`;
}
