import type { GrantExplanation, NearRule, PolicyInput, RefusalReason } from '../../policy/index.ts';
import { type Result, refuse } from '../../result.ts';
import { type Command, NO, readFlags, type Surroundings, showJson, YES } from '../command.ts';
import { POLICY_FOLDER, readPolicy, readStdin, readText } from './files.ts';
import { showGrant, showTerms, showWhole } from './outcome.ts';
import { parseJson, readWritten } from './request.ts';

const HELP = `hewn policy explain [--policy PATH]... [--catalogue FILE] [--json] (--request FILE | flags)

Says what the policy decides on one request and why: the rule behind each grant, the facts that the
request states, and where no rule matched, the nearest ones with what is missing for each. Conditions
are tried one by one: a hint at what to look at, not a proof.

  hewn policy explain --workload local-idp#report-agent --user local-idp#alice \\
    --task "churn report" --audience http://127.0.0.1:8787 \\
    --tool mcp/files/read_text_file --action read --dataset files/private
  hewn policy explain --request request.json --json

--workload-claims and --user-claims take JSON, such as '{"groups":["finance"]}'. FILE is JSON, - is
standard input; --time is now where it is not given:
  {"workload":"local-idp#report-agent","user":"local-idp#alice","task":"churn report",
   "audience":"http://127.0.0.1:8787","time":"2026-11-23T10:00:00Z",
   "requests":[{"tool":"mcp/files/read_text_file","action":"read","dataset":"files/reports"}]}

Exit code: 0 all granted, 1 something is refused, 2 it could not be asked.`;

const FLAGS = {
  policy: { type: 'string', multiple: true },
  request: { type: 'string' },
  workload: { type: 'string' },
  user: { type: 'string' },
  'workload-claims': { type: 'string' },
  'user-claims': { type: 'string' },
  task: { type: 'string' },
  audience: { type: 'string' },
  time: { type: 'string' },
  tool: { type: 'string' },
  action: { type: 'string' },
  dataset: { type: 'string' },
  catalogue: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const policyExplain: Command = {
  name: 'policy explain',
  summary: 'say which rule decides on a request, and what is missing',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0)
      return { ok: false, error: `what is ${positionals[0]}? See --help` };
    const { policy: paths = [POLICY_FOLDER], catalogue, json, request, ...asked } = values;
    const policy = await readPolicy(at, paths, catalogue);
    if (!policy.ok) return policy;
    const input = request === undefined ? fromFlags(asked, at) : await fromFile(request, at);
    if (!input.ok) return input;
    const grants = policy.value.explain(input.value);
    const { granted: _, refused: _refused, ...whole } = policy.value.decide(input.value);
    const { owner } = whole;
    if (json === true) at.out(showJson({ grants, ...whole }));
    else {
      for (const grant of grants) at.out(showExplanation(grant).join('\n'));
      if (owner !== undefined) at.out(showWhole(whole));
    }
    return grants.every(({ decided }) => decided.granted) && owner !== undefined ? YES : NO;
  },
};

function fromFlags(
  asked: Readonly<Record<string, string | undefined>>,
  at: Surroundings,
): Result<PolicyInput, string> {
  const { tool, action, dataset, ...who } = asked;
  const { 'workload-claims': ofWorkload, 'user-claims': ofUser, ...rest } = who;
  const claims: Record<string, unknown> = {};
  for (const [name, text] of [
    ['workload_claims', ofWorkload],
    ['user_claims', ofUser],
  ] as const) {
    if (text === undefined) continue;
    const json = parseJson(text);
    if (!json.ok) return refuse(`--${name.replace('_', '-')}: ${json.error}`);
    claims[name] = json.value;
  }
  const read = readWritten({
    time: at.now().toISOString(),
    ...rest,
    ...claims,
    requests: [{ tool, action, dataset }],
  });
  return read.ok ? read : { ok: false, error: `${read.error}. See --help` };
}

async function fromFile(path: string, at: Surroundings): Promise<Result<PolicyInput, string>> {
  const text = path === '-' ? await readStdin(at) : await readText(at, path);
  if (!text.ok) return text;
  const json = parseJson(text.value);
  const now = { time: at.now().toISOString() };
  const isObject = json.ok && typeof json.value === 'object';
  const read = json.ok ? readWritten(isObject ? { ...now, ...json.value } : json.value) : json;
  return read.ok ? read : { ok: false, error: `${path}: ${read.error}` };
}

function showExplanation({ grant, decided, facts, nearest }: GrantExplanation): readonly string[] {
  const stated = ['  the request states', ...facts.map((fact) => `    ${fact}`)];
  if (decided.granted) {
    const { at, rule } = decided;
    const by = [`  by ${at.file}:${at.line}`, `    ${rule}`];
    const { openSinks, approvalRequired, grant: given } = decided;
    const constraints = given.constraints?.constraints ?? {};
    const terms = showTerms({ constraints, openSinks, approvalRequired });
    return [`granted  ${showGrant(grant)}${terms}`, ...by, ...stated];
  }
  const { reason } = decided;
  const by =
    'at' in reason ? [`  by ${reason.at.file}:${reason.at.line}`, `    ${reason.rule}`] : [];
  return [
    `refused (${reason.code})  ${showGrant(grant)}${whichSink(reason)}`,
    ...by,
    ...(facts.length > 0 ? stated : []),
    ...(nearest.length > 0 ? ['  the nearest rules'] : []),
    ...nearest.flatMap((rule) => showNear(rule, '    ')),
  ];
}

const whichSink = (reason: RefusalReason): string =>
  'pointer' in reason ? `  ${reason.pointer === '' ? 'all arguments' : reason.pointer}` : '';

const WHY = {
  matched: 'has   ',
  unmatched: 'LACKS ',
  apart: 'APART ',
  false: 'FALSE ',
  unknown: '?     ',
} as const;
const MEANING = {
  matched: '',
  unmatched: '  (no fact is like it)',
  unknown: '  (not tried)',
  apart: '  (not together with the ones before)',
  false: '  (of no match of the facts)',
} as const;

function showNear({ rule, at, conditions }: NearRule, indent: string): readonly string[] {
  return [
    `${indent}${at.file}:${at.line}  ${rule}`,
    ...conditions.flatMap(({ text, outcome, statedBy = [] }) => [
      `${indent}  ${WHY[outcome]}${text}${MEANING[outcome]}`,
      ...statedBy.flatMap((one) => showNear(one, `${indent}      `)),
    ]),
  ];
}
