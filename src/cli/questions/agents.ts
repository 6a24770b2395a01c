import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { renderTable } from '../terminal/index.ts';
import { partyColumns, readPages } from './pages.ts';
import { describeSpan } from './span.ts';

const { listAgents } = ADMIN_API.questions;

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
    const listed = await readPages(
      flags.match,
      (query) => callIssuer(context, flags, listAgents, { query }),
      ({ agents }) => agents,
    );
    if (!listed.ok) return listed;
    const { rows, over } = listed.value;
    if (flags.json) context.out(showJson({ agents: rows, over }));
    else if (rows.length === 0) context.out('no agent matches');
    else {
      const columns = [
        ...partyColumns<(typeof rows)[number]>(context, 'AGENT', ({ agent }) => agent),
        { head: 'OWNERS', cell: ownersOf, cut: 'end', isOptional: true },
        {
          head: 'TOOLS',
          cell: ({ tools }: (typeof rows)[number]) => tools.join(', '),
          cut: 'end',
          isOptional: true,
        },
      ] as const;
      context.out(renderTable(context, columns, rows));
    }
    if (!flags.json) context.err(describeSpan(context, over));
    return YES;
  },
});

const ownersOf = ({ owners }: { readonly owners: readonly string[] }): string => owners.join(', ');
