import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { type Column, renderTable, withoutProvider } from '../terminal/index.ts';
import { partyColumns, readPages } from './pages.ts';
import { describeSpan } from './span.ts';

const { listSubjects, listOwners } = ADMIN_API.questions;
type Subject = RouteAnswer<typeof listSubjects>['subjects'][number];
type Owner = RouteAnswer<typeof listOwners>['owners'][number];

const AGENTS: Column<{ readonly agents: readonly string[] }> = {
  head: 'AGENTS',
  cell: ({ agents }) => agents.join(', '),
  short: ({ agents }) => agents.map(withoutProvider).join(', '),
  cut: 'end',
  isOptional: true,
};

export const subjectsCommand = defineCommand({
  name: 'subjects',
  summary: 'list the people on whose behalf workflows run, and when they were last seen',
  description:
    'Lists every subject for whom a capability was asked: the workflows that live now, the mints, the refused requests, and the agents that act for them. Agents that act for no person are listed under their owner. The issuer counts the newest requests of its control logs, and says if there are older ones.',
  flags: {
    match: { kind: 'text', value: 'TEXT', description: 'only subjects whose name contains TEXT' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: ['hewn subjects', 'hewn subjects --match alice --json'],
  run: async ({ flags }, context) => {
    const listed = await readPages(
      flags.match,
      (query) => callIssuer(context, flags, listSubjects, { query }),
      ({ subjects }) => subjects,
    );
    if (!listed.ok) return listed;
    const { rows, over } = listed.value;
    const columns = [
      ...partyColumns<Subject>(context, 'SUBJECT', ({ subject }) => subject),
      AGENTS,
    ];
    if (flags.json) context.out(showJson({ subjects: rows, over }));
    else {
      context.out(rows.length > 0 ? renderTable(context, columns, rows) : 'no subject matches');
      context.err(describeSpan(context, over));
    }
    return YES;
  },
});

export const ownersCommand = defineCommand({
  name: 'owners',
  summary: 'list the owners who answer for workflows, and whether the policy still names them',
  description:
    'Lists every owner of a workflow: the workflows that live now, the mints, the refused requests and the agents. An owner that the active policy can no longer state is marked as gone: what still runs in its name has no one who answers for it. The issuer counts the newest requests of its control logs, and says if there are older ones.',
  flags: {
    match: { kind: 'text', value: 'TEXT', description: 'only owners whose name contains TEXT' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn owners',
    "hewn owners --json | jq -r '.owners[] | select(.in_policy | not).owner'",
  ],
  run: async ({ flags }, context) => {
    const listed = await readPages(
      flags.match,
      (query) => callIssuer(context, flags, listOwners, { query }),
      ({ owners }) => owners,
    );
    if (!listed.ok) return listed;
    const { rows, over } = listed.value;
    const columns = [
      ...partyColumns<Owner>(context, 'OWNER', ({ owner }) => owner, stateOf),
      AGENTS,
    ];
    if (flags.json) context.out(showJson({ owners: rows, over }));
    else {
      context.out(rows.length > 0 ? renderTable(context, columns, rows) : 'no owner matches');
      context.err(describeSpan(context, over));
    }
    return YES;
  },
});

const stateOf = ({ denied, in_policy: isStated }: Owner): string => {
  if (denied) return 'denied';
  return isStated ? '' : 'gone';
};
