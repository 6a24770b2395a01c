import { toMilliseconds } from '../../clock.ts';
import { ADMIN_API, type RouteAnswer, timestamped } from '../../issuer-api/index.ts';
import { STATES } from '../../lifecycle/index.ts';
import { readCount } from '../audit/count.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { type Column, partyColumn, renderTable, showAge, showSeconds } from '../terminal/index.ts';
import { readTime } from '../time.ts';
import { STATE_TONES } from './state.ts';

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
      choices: STATES,
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
    const { agent, subject, owner, state } = flags;
    const from = readTime('since', flags.since, context.now());
    if (!from.ok) return from;
    const until = readTime('until', flags.until, context.now());
    if (!until.ok) return until;
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
      context.progress?.(`${found.length} workflows`);
    } while (after !== undefined && found.length < LISTED_MAX);
    const newest = found.sort((a, b) => b.started - a.started).slice(0, limit.value);
    if (flags.json)
      context.out(showJson(timestamped(listWorkflows.answer.entries.workflows, newest)));
    else if (newest.length === 0) context.out('no workflow matches');
    else context.out(renderTable(context, columnsOf(context), newest));
    const left = found.length - newest.length;
    if (left > 0) context.err(`${left} more: raise --limit, or narrow the list`);
    return YES;
  },
});

const columnsOf = (context: CommandContext): readonly Column<Listed>[] => [
  { head: 'ID', cell: ({ id }) => id },
  { head: 'STATE', cell: ({ state }) => state, tone: ({ state }) => STATE_TONES[state] },
  {
    head: 'BEGAN',
    cell: ({ started }) => showSeconds(context, started),
    short: ({ started }) => showAge(context.now().getTime(), toMilliseconds(started)),
  },
  partyColumn('AGENT', ({ agent }) => agent),
  partyColumn('SUBJECT', ({ subject }) => subject),
  {
    head: 'TASK',
    cell: ({ task }) => (task === undefined ? '' : JSON.stringify(task)),
    cut: 'end',
    isOptional: true,
  },
];
