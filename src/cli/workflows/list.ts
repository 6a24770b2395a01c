import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { STATES } from '../../lifecycle/index.ts';
import { refuse } from '../../result.ts';
import { readCount } from '../audit/count.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { readTime } from '../time.ts';
import { visibleLine } from '../visible.ts';

const { listWorkflows } = ADMIN_API.workflows;
type Listed = RouteAnswer<typeof listWorkflows>['workflows'][number];

const LISTED_DEFAULT = 50;
const LISTED_MAX = 10_000;

export const workflowsList = defineCommand({
  name: 'workflows list',
  summary: 'list workflows by agent, subject, owner, state and time',
  description: `Lists root workflows, the newest first: ID, state, start, agent, subject and task. All flags must match, and names are compared exactly. A workflow that ended is listed as long as the audit log has its closing record.

Workflows that are not closed come from the control log's object, the others from the log.`,
  flags: {
    agent: { kind: 'text', value: 'NAME', description: 'only those of this agent' },
    subject: { kind: 'text', value: 'NAME', description: 'only those of this subject' },
    owner: { kind: 'text', value: 'NAME', description: 'only those of this owner' },
    state: {
      kind: 'text',
      value: 'STATE',
      description: `only those that are ${STATES.join(', ')}`,
    },
    since: {
      kind: 'text',
      value: 'TIME',
      description: 'only those that began since then: 7d, 24h, 30m, or RFC 3339',
    },
    until: { kind: 'text', value: 'TIME', description: 'only those that began before then' },
    limit: {
      kind: 'text',
      value: 'COUNT',
      description: `print at most so many, up to ${LISTED_MAX}; by default ${LISTED_DEFAULT}`,
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn workflows list',
    'hewn workflows list --agent https://idp.example#report-agent --state active --since 24h',
  ],
  run: async ({ flags }, context) => {
    const { agent, subject, owner } = flags;
    const from = readTime('since', flags.since, context.now());
    if (!from.ok) return from;
    const until = readTime('until', flags.until, context.now());
    if (!until.ok) return until;
    const state = STATES.find((one) => one === flags.state);
    if (flags.state !== undefined && state === undefined) {
      return refuse(`--state must be one of ${STATES.join(', ')} (got ${flags.state})`);
    }
    const bounds = { default: LISTED_DEFAULT, min: 1, max: LISTED_MAX };
    const limit = readCount('limit', flags.limit, bounds);
    if (!limit.ok) return limit;
    const filter = {
      ...(agent !== undefined && { agent }),
      ...(subject !== undefined && { subject }),
      ...(owner !== undefined && { owner }),
      ...(state !== undefined && { state }),
      ...(from.value !== undefined && { from: new Date(from.value).toISOString() }),
      ...(until.value !== undefined && { until: new Date(until.value).toISOString() }),
    };
    const found: Listed[] = [];
    let after: string | undefined;
    do {
      const query = { ...filter, ...(after !== undefined && { after }) };
      const page = await callIssuer(context, flags, listWorkflows, { query });
      if (!page.ok) return page;
      found.push(...page.value.workflows);
      after = page.value.next;
    } while (after !== undefined && found.length < LISTED_MAX);
    const newest = found.sort((a, b) => b.started - a.started).slice(0, limit.value);
    if (flags.json) context.out(showJson(newest));
    else context.out(newest.map(lineOf).join('\n') || 'no workflow matches');
    const left = found.length - newest.length;
    if (left > 0) context.err(`${left} more: raise --limit, or narrow the list`);
    return YES;
  },
});

const STATE_CHARACTERS = Math.max(...STATES.map(({ length }) => length));

function lineOf({ id, state, started, agent, subject, task }: Listed): string {
  const since = new Date(started * 1000).toISOString().slice(0, 19);
  const party = [agent, subject].filter((name) => name !== undefined).join(' for ');
  const what = task === undefined ? '' : JSON.stringify(task);
  return visibleLine([id, state.padEnd(STATE_CHARACTERS), `${since}Z`, party, what].join('  '));
}
