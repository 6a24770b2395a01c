import { ADMIN_API, type RouteCall } from '../../issuer-api/index.ts';
import { STATES } from '../../lifecycle/index.ts';
import { ok, type Result } from '../../result.ts';
import type { FlagValues } from '../command.ts';
import { readTime } from '../time.ts';

const { listWorkflows } = ADMIN_API.workflows;

/** What selects workflows, as the routes take it. */
export type WorkflowFilters = Omit<NonNullable<RouteCall<typeof listWorkflows>['query']>, 'after'>;

const SHOWN = listWorkflows.query.entries.show.wrapped.options;

/** Which workflows a command is about. All that is stated must hold. */
export const WORKFLOW_FLAGS = {
  q: {
    kind: 'text',
    value: 'WORDS',
    description: 'only those with each of these words in their id, task, names, tools or codes',
  },
  agent: { kind: 'text', value: 'NAME', description: 'only those of this agent' },
  subject: { kind: 'text', value: 'NAME', description: 'only those of this subject' },
  owner: { kind: 'text', value: 'NAME', description: 'only those of this owner' },
  tool: {
    kind: 'text',
    value: 'NAME',
    description: 'only those that were granted this tool, or tried to call it',
  },
  dataset: {
    kind: 'text',
    value: 'PATH',
    description: 'only those that touch this dataset, one above it or one below it',
  },
  code: { kind: 'text', value: 'CODE', description: 'only those with a denial of this code' },
  show: {
    kind: 'text',
    value: 'WHICH',
    choices: SHOWN,
    description: `only those that are ${SHOWN.join(', ')}`,
  },
  state: {
    kind: 'text',
    value: 'STATE',
    choices: STATES,
    description: `only those that are ${STATES.join(', ')}`,
  },
  since: {
    kind: 'text',
    value: 'TIME',
    description: 'only those that began since then: 7d, 24h, 30m, or RFC 3339',
  },
  until: { kind: 'text', value: 'TIME', description: 'only those that began before then' },
} as const;

/** Returns the filters of a command; empty if no flag narrows anything. */
export function readWorkflowFilters(
  flags: FlagValues<typeof WORKFLOW_FLAGS>,
  now: Date,
): Result<WorkflowFilters, string> {
  const from = readTime('since', flags.since, now);
  if (!from.ok) return from;
  const until = readTime('until', flags.until, now);
  if (!until.ok) return until;
  const { q, agent, subject, owner, tool, dataset, code, show, state } = flags;
  return ok({
    ...(q !== undefined && { q }),
    ...(agent !== undefined && { agent }),
    ...(subject !== undefined && { subject }),
    ...(owner !== undefined && { owner }),
    ...(tool !== undefined && { tool }),
    ...(dataset !== undefined && { dataset }),
    ...(code !== undefined && { code }),
    ...(show !== undefined && { show }),
    ...(state !== undefined && { state }),
    ...(from.value !== undefined && { from: new Date(from.value).toISOString() }),
    ...(until.value !== undefined && { until: new Date(until.value).toISOString() }),
  });
}
