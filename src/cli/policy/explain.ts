import type { GrantExplanation, NearRule, PolicyInput, RefusalReason } from '../../policy/index.ts';
import { showGrant, showTerms, showWhole } from '../../questions/index.ts';
import { type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { POLICY_FOLDER, readPolicy, readStdin, readText } from './files.ts';
import { CATALOGUE_FLAG, POLICY_FLAG } from './flags.ts';
import { parseJson, readWritten } from './request.ts';

export const policyExplain = defineCommand({
  name: 'policy explain',
  summary: 'explain which rule decides on a request, and what is missing',
  description: `Prints what the policy decides on one request and why: the rule behind each grant, the facts that the request states, and, if no rule matched, the nearest rules with the condition that each one lacks. Conditions are tried one by one, so this is a hint and not a proof.

The request comes from --request FILE, or from the other flags. FILE is JSON; - is standard input:

  {"workload":"local-idp#report-agent","user":"local-idp#alice","task":"churn report",
   "audience":"http://127.0.0.1:8787","time":"2026-11-23T10:00:00Z",
   "requests":[{"tool":"mcp/files/read_text_file","action":"read","dataset":"files/reports"}]}`,
  flags: {
    request: { kind: 'text', value: 'FILE', description: 'read the request from this file' },
    workload: {
      kind: 'text',
      value: 'ISSUER#SUBJECT',
      description: 'the agent, such as local-idp#report-agent',
    },
    user: { kind: 'text', value: 'ISSUER#SUBJECT', description: 'the person, if there is one' },
    'workload-claims': {
      kind: 'text',
      value: 'JSON',
      description: 'claims of the agent, such as {"groups":["finance"]}',
    },
    'user-claims': { kind: 'text', value: 'JSON', description: 'claims of the person' },
    task: { kind: 'text', value: 'TEXT', description: 'the task that the agent states' },
    audience: { kind: 'text', value: 'URL', description: 'the resource server' },
    time: { kind: 'text', value: 'TIME', description: 'when it asks; by default now' },
    tool: { kind: 'text', value: 'NAME', description: 'the tool it asks for' },
    action: { kind: 'text', value: 'NAME', description: 'the action, such as read' },
    dataset: { kind: 'text', value: 'PATH', description: 'the dataset, such as files/reports' },
    ...POLICY_FLAG,
    ...CATALOGUE_FLAG,
    ...JSON_FLAG,
  },
  examples: [
    `hewn policy explain --workload local-idp#report-agent --user local-idp#alice \\
  --task "churn report" --audience http://127.0.0.1:8787 \\
  --tool mcp/files/read_text_file --action read --dataset files/private`,
    'hewn policy explain --request request.json --json',
  ],
  exitCodes: { 0: 'everything is granted', 1: 'something is refused' },
  run: async ({ flags }, context) => {
    const { policy: paths, catalogue, json, request, ...asked } = flags;
    const places = paths.length > 0 ? paths : [POLICY_FOLDER];
    const policy = await readPolicy(context, places, catalogue);
    if (!policy.ok) return policy;
    const input =
      request === undefined ? fromFlags(asked, context) : await fromFile(request, context);
    if (!input.ok) return input;
    const grants = policy.value.explain(input.value);
    const { granted: _, refused: _refused, ...whole } = policy.value.decide(input.value);
    const { owner } = whole;
    if (json) context.out(showJson({ grants, ...whole }));
    else {
      for (const grant of grants) context.out(renderExplanation(grant).join('\n'));
      if (owner !== undefined) context.out(showWhole(whole));
    }
    return grants.every(({ decided }) => decided.granted) && owner !== undefined ? YES : NO;
  },
});

function fromFlags(
  asked: Readonly<Record<string, string | undefined>>,
  context: CommandContext,
): Result<PolicyInput, string> {
  const { tool, action, dataset, ...who } = asked;
  const { 'workload-claims': workloadClaims, 'user-claims': userClaims, ...rest } = who;
  const claims: Record<string, unknown> = {};
  for (const [name, text] of [
    ['workload_claims', workloadClaims],
    ['user_claims', userClaims],
  ] as const) {
    if (text === undefined) continue;
    const json = parseJson(text);
    if (!json.ok) return refuse(`--${name.replace('_', '-')}: ${json.error}`);
    claims[name] = json.value;
  }
  const read = readWritten({
    ...rest,
    time: rest.time ?? context.now().toISOString(),
    ...claims,
    requests: [{ tool, action, dataset }],
  });
  return read.ok ? read : { ok: false, error: `${read.error}. See --help` };
}

async function fromFile(
  path: string,
  context: CommandContext,
): Promise<Result<PolicyInput, string>> {
  const text = path === '-' ? await readStdin(context) : await readText(context, path);
  if (!text.ok) return text;
  const json = parseJson(text.value);
  const now = { time: context.now().toISOString() };
  const isObject = json.ok && typeof json.value === 'object';
  const read = json.ok ? readWritten(isObject ? { ...now, ...json.value } : json.value) : json;
  return read.ok ? read : { ok: false, error: `${path}: ${read.error}` };
}

function renderExplanation({
  grant,
  decided,
  facts,
  nearest,
}: GrantExplanation): readonly string[] {
  const stated = ['  facts of the request', ...facts.map((fact) => `    ${fact}`)];
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
    ...(nearest.length > 0 ? ['  nearest rules'] : []),
    ...nearest.flatMap((rule) => renderNearRule(rule, '    ')),
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
  unmatched: '  (no fact matches)',
  unknown: '  (not tried)',
  apart: '  (not together with the conditions before it)',
  false: '  (false for every match of the facts)',
} as const;

function renderNearRule({ rule, at, conditions }: NearRule, indent: string): readonly string[] {
  return [
    `${indent}${at.file}:${at.line}  ${rule}`,
    ...conditions.flatMap(({ text, outcome, statedBy = [] }) => [
      `${indent}  ${WHY[outcome]}${text}${MEANING[outcome]}`,
      ...statedBy.flatMap((one) => renderNearRule(one, `${indent}      `)),
    ]),
  ];
}
