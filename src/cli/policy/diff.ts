import type { Policy, PolicyInput } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Command, NO, readFlags, type Surroundings, showJson, YES } from '../command.ts';
import { readPolicy, readStdin, readText } from './files.ts';
import {
  type Decided,
  decideInOrder,
  type Outcome,
  showOutcome,
  showTerms,
  showWhole,
} from './outcome.ts';
import { parseJson, readWritten } from './request.ts';

const HELP = `hewn policy diff OLD NEW --requests FILE [--catalogue FILE] [--json]

Runs recorded requests through two policies and lists what would change. OLD and NEW are policy files
or folders of them. FILE has one request a line, as hewn policy record writes them; - is standard
input.

  git show main:policy/reports.datalog > old.datalog
  hewn policy diff old.datalog policy --requests requests.jsonl

Exit code: 0 nothing would change, 1 something would, 2 a file cannot be read.`;

/** A request on which the two policies differ. */
export interface Change {
  /** Its line in the file, from 1. */
  readonly line: number;
  readonly before: Decided;
  readonly after: Decided;
}

export const policyDiff: Command = {
  name: 'policy diff',
  summary: 'what would change for recorded requests',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, {
      requests: { type: 'string' },
      catalogue: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const [old, next, ...more] = positionals;
    if (old === undefined || next === undefined || more.length > 0) {
      return refuse('name two policies, OLD and NEW. See --help');
    }
    if (values.requests === undefined) return refuse('--requests FILE is missing. See --help');
    const before = await readPolicy(at, [old], values.catalogue);
    if (!before.ok) return before;
    const after = await readPolicy(at, [next], values.catalogue);
    if (!after.ok) return after;
    const requests = await readRequests(at, values.requests);
    if (!requests.ok) return requests;
    const changes = comparePolicies(before.value, after.value, requests.value);
    const count = requests.value.length;
    if (values.json === true) at.out(showJson({ requests: count, changes }));
    else {
      for (const change of changes) at.out(showChange(change, requests.value).join('\n'));
      at.out(`${count} requests, ${changes.length} would change`);
    }
    return changes.length === 0 ? YES : NO;
  },
};

interface Recorded {
  readonly line: number;
  readonly input: PolicyInput;
}

async function readRequests(
  at: Surroundings,
  path: string,
): Promise<Result<readonly Recorded[], string>> {
  const text = path === '-' ? await readStdin(at) : await readText(at, path);
  if (!text.ok) return text;
  const recorded: Recorded[] = [];
  for (const [index, line] of text.value.split('\n').entries()) {
    if (line.trim() === '') continue;
    const json = parseJson(line);
    const read = json.ok ? readWritten(json.value) : json;
    if (!read.ok) return refuse(`${path}:${index + 1}: ${read.error}`);
    recorded.push({ line: index + 1, input: read.value });
  }
  if (recorded.length === 0) return refuse(`${path} has no request`);
  return ok(recorded);
}

export function comparePolicies(
  before: Policy,
  after: Policy,
  requests: readonly Recorded[],
): readonly Change[] {
  return requests.flatMap(({ line, input }) => {
    const change = {
      line,
      before: decideInOrder(before, input),
      after: decideInOrder(after, input),
    };
    return essence(change.before) === essence(change.after) ? [] : [change];
  });
}

/** What a holder would notice: not which rule it was that decided. */
const essence = ({ outcomes, ...whole }: Decided): string =>
  JSON.stringify([outcomes.map(terms), showWhole(whole)]);

const terms = (outcome: Outcome): string => `${outcome.verdict}${showTerms(outcome)}`;

function showChange(
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
    if (is === undefined || terms(is) === terms(was)) continue;
    lines.push(`  - ${showOutcome(was)}`, `  + ${showOutcome(is)}`);
  }
  const [was, is] = [showWhole(before), showWhole(after)];
  if (was !== is) lines.push(`  - ${was}`, `  + ${is}`);
  return lines;
}
