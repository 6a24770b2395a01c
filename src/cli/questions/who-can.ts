import { nearest } from '../../deployment/index.ts';
import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { type CommandContext, defineCommand, NO, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import {
  type Column,
  partyColumn,
  renderTable,
  showAge,
  showTimestamp,
} from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';
import { STATE_TONES } from '../workflows/state.ts';
import { describeSpan } from './span.ts';

const { whoCan } = ADMIN_API.questions;
type Answer = RouteAnswer<typeof whoCan>;
type Held = Answer['held'][number];
type ByPolicy = Answer['by_policy'][number];
type Unused = Answer['unused'][number];

export const whoCanCommand = defineCommand({
  name: 'who-can',
  summary: 'show who can use a tool or a dataset now, and who would get it by the policy',
  operands: '[TOOL] [DATASET]',
  description: `Answers from three sides. Held now: the grants of living workflows. By the policy: what the active policy would decide if an agent asked now, for every agent that has asked for anything before; the issuer asks its own engine. Never used: grants that were given, and that no call has used.

A dataset also matches those that contain it and those within it. Records have no claims of identities, so a rule that reads claims is marked and not decided.`,
  flags: {
    dataset: { kind: 'text', value: 'PATH', description: 'the dataset, without a tool' },
    agent: { kind: 'text', value: 'NAME', description: 'only this agent' },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn who-can mcp/mail/send_message',
    'hewn who-can mcp/files/read_text_file files/reports',
    'hewn who-can --dataset files/private',
    'hewn who-can --agent local-idp#report-agent --json',
  ],
  exitCodes: { 0: 'some agent can, now or by the policy', 1: 'no agent can' },
  run: async ({ flags, operands }, context) => {
    const [tool, inTool, ...more] = operands;
    if (more.length > 0) return refuse('name one tool and one dataset. See --help');
    if (inTool !== undefined && flags.dataset !== undefined) {
      return refuse('the dataset is there twice: as an operand and as --dataset');
    }
    const dataset = inTool ?? flags.dataset;
    const { agent } = flags;
    if (tool === undefined && dataset === undefined && agent === undefined) {
      return refuse('name a tool, or pass --dataset or --agent. See --help');
    }
    const query = {
      ...(tool !== undefined && { tool }),
      ...(dataset !== undefined && { dataset }),
      ...(agent !== undefined && { agent }),
    };
    const answer = await callIssuer(context, flags, whoCan, { query });
    if (!answer.ok) return answer;
    const { held, by_policy: byPolicy } = answer.value;
    if (flags.json) context.out(showAnswer(whoCan, answer.value));
    else {
      context.out(render(context, answer.value).join('\n'));
      context.err(describeSpan(context, answer.value.over));
    }
    const isNamed = held.length + byPolicy.length + answer.value.unused.length > 0;
    const unknown =
      isNamed || tool === undefined ? undefined : await unknownTool(context, flags, tool);
    if (unknown !== undefined) context.err(unknown);
    return held.length > 0 || byPolicy.some(isGiven) ? YES : NO;
  },
});

/**
 * Says that the issuer knows no tool of this name, which may be misspelt. Undefined if it knows
 * one, or if its first page of tools is not all of them.
 */
async function unknownTool(
  context: CommandContext,
  flags: IssuerFlags,
  tool: string,
): Promise<string | undefined> {
  const listed = await callIssuer(context, flags, ADMIN_API.questions.listTools, { query: {} });
  if (!listed.ok || listed.value.next !== undefined) return undefined;
  const names = listed.value.tools.map((one) => one.tool);
  if (names.includes(tool)) return undefined;
  const close = nearest(tool, names);
  const hint = close === undefined ? '' : ` Did you mean ${visibleLine(close)}?`;
  return `no tool of the name ${JSON.stringify(tool)} is in the active catalogue or was granted.${hint}`;
}

const isGiven = ({ verdict }: ByPolicy): boolean => verdict === 'granted' || verdict === 'approval';

function render(context: CommandContext, answer: Answer): readonly string[] {
  const { held, held_complete: isHeldWhole, by_policy: byPolicy, unused } = answer;
  const given = byPolicy.filter(isGiven);
  const refused = byPolicy.filter((row) => !isGiven(row));
  const parts = [
    section('Held now', 'no living workflow holds it', context, heldColumns(context), held),
    ...(isHeldWhole ? [] : ['only the first are listed']),
    section('By the policy', 'no rule would grant it', context, policyColumns, given),
  ];
  if (answer.version === null) parts.push('no policy is in force, so nothing is granted');
  if (refused.length > 0) {
    parts.push(section('Refused by the policy', '', context, refusedColumns, refused));
  }
  if (answer.unused_known && unused.length > 0) {
    parts.push(section('Granted and never used', '', context, unusedColumns(context), unused));
  }
  return parts;
}

const section = <Row>(
  title: string,
  empty: string,
  context: CommandContext,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string =>
  rows.length === 0 ? `${title}: ${empty}` : `${title}:\n${renderTable(context, columns, rows)}`;

const showConstraints = (constraints: Held['grant']['constraints'] = {}): string =>
  Object.entries(constraints)
    .map(([pointer, constraint]) => `${pointer} ${JSON.stringify(constraint)}`)
    .join(', ');

const grantColumns = <Row extends Pick<Held, 'grant'>>(): readonly Column<Row>[] => [
  { head: 'TOOL', cell: ({ grant }) => `${grant.action} ${grant.tool}`, cut: 'middle' },
  { head: 'DATASET', cell: ({ grant }) => grant.dataset, cut: 'middle' },
];

const heldColumns = (context: CommandContext): readonly Column<Held>[] => [
  { head: 'WORKFLOW', cell: ({ workflow }) => workflow },
  { head: 'STATE', cell: ({ state }) => state, tone: ({ state }) => STATE_TONES[state] },
  partyColumn('AGENT', ({ agent }) => agent),
  partyColumn('SUBJECT', ({ subject }) => subject),
  ...grantColumns<Held>(),
  {
    head: 'ENDS',
    cell: ({ ends_at: ends }) => showTimestamp(context, ends),
    short: ({ ends_at: ends }) => showAge(context.now().getTime(), Date.parse(ends)),
  },
  {
    head: 'LIMITS',
    cell: ({ grant }) => showConstraints(grant.constraints),
    cut: 'end',
    isOptional: true,
  },
];

const placeOf = ({ rule }: ByPolicy): string => (rule ? `${rule.file}:${rule.line}` : '');

const policyColumns: readonly Column<ByPolicy>[] = [
  partyColumn('AGENT', ({ agent }) => agent),
  { head: 'IF', cell: ({ conditions }) => conditions.join(', ') },
  ...grantColumns<ByPolicy>(),
  {
    head: 'ANSWER',
    cell: ({ verdict }) => (verdict === 'approval' ? 'after approval' : verdict),
    tone: ({ verdict }) => (verdict === 'approval' ? 'waits' : undefined),
  },
  { head: 'RULE', cell: placeOf, cut: 'middle' },
  {
    head: 'LIMITS',
    cell: ({ grant, limits }) =>
      [
        showConstraints(grant.constraints),
        limits === undefined ? '' : `at most ${limits.lifetime_seconds} s`,
      ]
        .filter((text) => text !== '')
        .join(', '),
    cut: 'end',
    isOptional: true,
  },
];

const refusedColumns: readonly Column<ByPolicy>[] = [
  partyColumn('AGENT', ({ agent }) => agent),
  { head: 'IF', cell: ({ conditions }) => conditions.join(', ') },
  ...grantColumns<ByPolicy>(),
  { head: 'CODE', cell: ({ verdict }) => verdict },
  { head: 'NEAREST RULE', cell: placeOf, cut: 'middle', isOptional: true },
  {
    head: 'LACKS',
    cell: ({ lacking = [] }) => lacking.join(', '),
    cut: 'end',
    isOptional: true,
  },
];

const unusedColumns = (context: CommandContext): readonly Column<Unused>[] => [
  partyColumn('AGENT', ({ agent }) => agent),
  { head: 'TOOL', cell: ({ action, tool }) => `${action} ${tool}`, cut: 'middle' },
  { head: 'DATASET', cell: ({ dataset }) => dataset, cut: 'middle' },
  { head: 'GIVEN', cell: ({ given }) => String(given), align: 'right' },
  {
    head: 'LAST GIVEN',
    cell: ({ last_given: last }) => showTimestamp(context, last),
    short: ({ last_given: last }) => showAge(context.now().getTime(), Date.parse(last)),
  },
];
