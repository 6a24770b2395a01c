import type { PolicyInput } from '../../policy/index.ts';
import {
  comparePolicies,
  type Decided,
  effectOn,
  showOutcome,
  showWhole,
} from '../../questions/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { readPolicy, readStdin, readText } from './files.ts';
import { CATALOGUE_FLAG } from './flags.ts';
import { parseJson, readWritten } from './request.ts';

/** A request on which the two policies differ. */
export interface Change {
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly before: Decided;
  readonly after: Decided;
}

export const policyDiff = defineCommand({
  name: 'policy diff',
  summary: 'list what another policy would change for recorded requests',
  operands: 'OLD NEW',
  description:
    'Decides recorded requests under two policies and lists every difference. OLD and NEW are policy files, or folders of them.',
  flags: {
    requests: {
      kind: 'text',
      value: 'FILE',
      required: true,
      description: 'one request per line, as hewn policy record writes them; - is standard input',
    },
    ...CATALOGUE_FLAG,
    ...JSON_FLAG,
  },
  examples: [
    `git show main:policy/reports.datalog > old.datalog
hewn policy diff old.datalog policy --requests requests.jsonl`,
  ],
  exitCodes: { 0: 'nothing would change', 1: 'something would change', 2: 'a file cannot be read' },
  run: async ({ flags, operands }, context) => {
    const [old, next, ...more] = operands;
    if (old === undefined || next === undefined || more.length > 0) {
      return refuse('name two policies, OLD and NEW. See --help');
    }
    const before = await readPolicy(context, [old], flags.catalogue);
    if (!before.ok) return before;
    const after = await readPolicy(context, [next], flags.catalogue);
    if (!after.ok) return after;
    const requests = await readRequests(context, flags.requests);
    if (!requests.ok) return requests;
    const changes = comparePolicies(
      before.value,
      after.value,
      requests.value.map(({ input }) => input),
    ).map(({ index, ...change }) => ({ line: requests.value[index]?.line ?? 0, ...change }));
    const count = requests.value.length;
    if (flags.json) context.out(showJson({ requests: count, changes }));
    else {
      for (const change of changes) context.out(renderChange(change, requests.value).join('\n'));
      context.out(`${count} requests, ${changes.length} would change`);
    }
    return changes.length === 0 ? YES : NO;
  },
});

interface Recorded {
  readonly line: number;
  readonly input: PolicyInput;
}

async function readRequests(
  context: CommandContext,
  path: string,
): Promise<Result<readonly Recorded[], string>> {
  const text = path === '-' ? await readStdin(context) : await readText(context, path);
  if (!text.ok) return text;
  const recorded: Recorded[] = [];
  for (const [index, line] of text.value.split('\n').entries()) {
    if (line.trim() === '') continue;
    const json = parseJson(line);
    const read = json.ok ? readWritten(json.value) : json;
    if (!read.ok) return refuse(`${path}:${index + 1}: ${read.error}`);
    recorded.push({ line: index + 1, input: read.value });
  }
  if (recorded.length === 0) return refuse(`${path} contains no request`);
  return ok(recorded);
}

function renderChange(
  { line, before, after }: Change,
  requests: readonly Recorded[],
): readonly string[] {
  const input = requests.find((request) => request.line === line)?.input;
  const who = [input?.workload, input?.user].flatMap((one) =>
    one === undefined ? [] : [`${one.issuerName}#${one.subject}`],
  );
  const lines = [`request ${line}: ${who.join(' for ')}, ${JSON.stringify(input?.task)}`];
  for (const [index, was] of before.outcomes.entries()) {
    const is = after.outcomes[index];
    if (is === undefined || effectOn(is) === effectOn(was)) continue;
    lines.push(`  - ${showOutcome(was)}`, `  + ${showOutcome(is)}`);
  }
  const [was, is] = [showWhole(before), showWhole(after)];
  if (was !== is) lines.push(`  - ${was}`, `  + ${is}`);
  return lines;
}
