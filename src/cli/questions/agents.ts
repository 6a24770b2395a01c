import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import {
  type Column,
  partyColumn,
  renderTable,
  showAge,
  showTimestamp,
} from '../terminal/index.ts';
import { describeSpan } from './span.ts';

const { listAgents } = ADMIN_API.questions;
type Agent = RouteAnswer<typeof listAgents>['agents'][number];

const LISTED_MAX = 10_000;

export const agentsCommand = defineCommand({
  name: 'agents',
  summary: 'list the agents, what they were granted, and when they were last seen',
  description:
    'Lists every agent that has asked for a capability or has a living workflow: the workflows that it has now, its mints, its refused requests, its owners and its tools. The issuer counts the newest requests of its control logs, and says if there are older ones.',
  flags: {
    match: { kind: 'text', value: 'TEXT', description: 'only agents whose name contains TEXT' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn agents', 'hewn agents --match report --json'],
  run: async ({ flags }, context) => {
    const agents: Agent[] = [];
    let over: RouteAnswer<typeof listAgents>['over'] | undefined;
    let after: string | undefined;
    do {
      const query = {
        ...(flags.match !== undefined && { q: flags.match }),
        ...(after !== undefined && { after }),
      };
      const page = await callIssuer(context, flags, listAgents, { query });
      if (!page.ok) return page;
      agents.push(...page.value.agents);
      ({ next: after, over } = page.value);
    } while (after !== undefined && agents.length < LISTED_MAX);
    if (flags.json) context.out(showJson({ agents, over }));
    else if (agents.length === 0) context.out('no agent matches');
    else context.out(renderTable(context, columnsOf(context), agents));
    if (!flags.json && over) context.err(describeSpan(context, over));
    return YES;
  },
});

const columnsOf = (context: CommandContext): readonly Column<Agent>[] => [
  partyColumn('AGENT', ({ agent }) => agent),
  { head: 'LIVING', cell: ({ living }) => String(living), align: 'right' },
  { head: 'MINTS', cell: ({ mints }) => String(mints), align: 'right' },
  {
    head: 'REFUSED',
    cell: ({ refusals }) => String(refusals),
    align: 'right',
    tone: ({ refusals }) => (refusals > 0 ? 'waits' : undefined),
  },
  {
    head: 'LAST SEEN',
    cell: ({ last_seen: last }) => (last === undefined ? '' : showTimestamp(context, last)),
    short: ({ last_seen: last }) =>
      last === undefined ? '' : showAge(context.now().getTime(), Date.parse(last)),
  },
  {
    head: 'STATE',
    cell: ({ denied }) => (denied ? 'denied' : ''),
    tone: ({ denied }) => (denied ? 'bad' : undefined),
  },
  { head: 'OWNERS', cell: ({ owners }) => owners.join(', '), cut: 'end', isOptional: true },
  { head: 'TOOLS', cell: ({ tools }) => tools.join(', '), cut: 'end', isOptional: true },
];
