import type { ApprovalAskedRecord, ApprovalDecidedRecord } from '../../../src/audit/index.ts';
import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { escapeHidden } from '../../../src/escape-hidden.ts';
import type { ADMIN_API, RouteAnswer } from '../../../src/issuer-api/index.ts';
import { may, type Operator } from '../../../src/operators/index.ts';
import { readTree } from '../activity/tokens.ts';
import { activity, type IssuerEnv } from '../platform/env.ts';
import { newestRecords } from '../search/newest.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { rootOf } from '../workflow/id.ts';

type Shown = RouteAnswer<(typeof ADMIN_API)['approvals']['showApproval']>;

/** A question, as far as its background depends on it. */
interface Question {
  readonly id: string;
  readonly asked: UnixMilliseconds;
  readonly agent: string;
  readonly owner: string;
  readonly workflow?: string | undefined;
  readonly tools: readonly string[];
  readonly rules: readonly string[];
}

/** How far back the last answer to an agent is looked for. */
const ANSWERS_MILLISECONDS = 48 * 3_600_000;
/** The newest answers and questions, so that the question of the last answer is among them. */
const ANSWERS_MAX = 100;

/** Returns the last answer to the agent, and the record of the question that it was about. */
export async function lastAnswer(
  env: IssuerEnv,
  { id, agent }: Pick<Question, 'id' | 'agent'>,
): Promise<
  | {
      readonly answer: NonNullable<Shown['last_answer']>;
      readonly question: JsonObject | undefined;
    }
  | undefined
> {
  const from = readClock() - ANSWERS_MILLISECONDS;
  const find = async (event: string) =>
    (await newestRecords(env, { where: { agent, event }, from }, ANSWERS_MAX)).records;
  const [decided, asked] = await Promise.all([find('approval_decided'), find('approval_asked')]);
  const last = decided
    .map(({ record }) => record as ApprovalDecidedRecord)
    .findLast(({ approval }) => approval !== id);
  if (!last) return undefined;
  const question = asked
    .map(({ record }) => record as ApprovalAskedRecord)
    .find(({ approval }) => approval === last.approval);
  const { approval, decision, by, reason, at } = last;
  const answer = {
    approval,
    decision,
    ...(typeof by === 'string' && { by }),
    ...(typeof reason === 'string' && { reason }),
    at: new Date(at).toISOString(),
    words: wordsOf(last, question),
  };
  return { answer, question: question && comparable(question) };
}

/** The members of a question that its record has. */
const comparable = (record: ApprovalAskedRecord): JsonObject => {
  const { agent, subject, owner, task, audience, holder, grants } = record;
  return {
    agent: agent ?? null,
    subject: subject ?? null,
    owner: owner ?? null,
    task: task ?? null,
    audience,
    holder: holder ?? null,
    grants: Array.isArray(grants) ? grants.map((grant) => ({ ...grant })) : [],
  };
};

function wordsOf(
  { decision, by }: ApprovalDecidedRecord,
  question: ApprovalAskedRecord | undefined,
): string {
  const grants = Array.isArray(question?.grants) ? question.grants : [];
  const about = grants.map(
    ({ tool, dataset }) => `${escapeHidden(tool)} on ${escapeHidden(dataset)}`,
  );
  const yes = decision === 'approve' ? 'Approved' : 'Refused';
  const person = typeof by === 'string' ? ` by ${escapeHidden(by)}` : '';
  return `${yes}${person}${about.length > 0 ? `, for ${about.join(' and ')}` : ''}.`;
}

/** Reads of a workflow that are listed: the newest ones. */
const SOURCES_MAX = 5;

/** Returns what the workflow had read from labelled sources before it asked, in words. */
export async function cameFrom(
  env: IssuerEnv,
  { workflow, asked }: Pick<Question, 'workflow' | 'asked'>,
): Promise<readonly string[]> {
  if (workflow === undefined) return ['The workflow has not begun, so it has read nothing.'];
  const root = rootOf(workflow);
  const [row] = await activity(env).find([root]);
  const { records } = await readTree(env, root, row?.began);
  const reads = records.flatMap((record) => {
    if (record.event !== 'decision' || !record.allowed || record.at > asked) return [];
    const { labels = [], datasets, tool = '', at } = record;
    const dataset = Array.isArray(datasets) ? (datasets[0] ?? tool) : tool;
    return labels.length === 0
      ? []
      : [{ labels, dataset, seconds: Math.round((asked - at) / 1_000) }];
  });
  if (reads.length === 0) return ['No call of this workflow has read from a labelled source.'];
  const all = [...new Set(reads.flatMap(({ labels }) => labels))].sort();
  return [
    `The workflow has read ${all.map(escapeHidden).join(', ')}.`,
    ...reads
      .slice(-SOURCES_MAX)
      .map(
        ({ labels, dataset, seconds }) =>
          `It read ${escapeHidden(dataset)} (${labels.map(escapeHidden).join(', ')}) ${seconds} s before it asked.`,
      ),
  ];
}

/** Returns where the policy in force has the rules of a question. */
export async function placesOf(
  env: IssuerEnv,
  { rules }: Pick<Question, 'rules'>,
  deployed: DeployedPolicy,
): Promise<NonNullable<Shown['rules']>> {
  const version = await deployed.load(env);
  return rules.map((rule) => {
    const known = version?.policy.rules.find((one) => one.rule === rule);
    return { rule, ...(known && { file: known.at.file, line: known.at.line }) };
  });
}

/** Returns whether an operator may answer; otherwise why not, in words. */
export function mayAnswer(
  operator: Operator,
  { owner, tools }: Pick<Question, 'owner' | 'tools'>,
): true | string {
  if (may(operator, 'approve', {}) === true) return true;
  const refused = tools.find((tool) => may(operator, 'approve', { owner, tool }) !== true);
  if (refused === undefined && tools.length > 0) return true;
  const has = operator.roles.map(
    ({ role, owners }) => `${role}${owners ? ` for ${owners.join(', ')}` : ''}`,
  );
  const needs = `an approver of ${escapeHidden(owner)}${refused === undefined ? '' : ` for ${escapeHidden(refused)}`}`;
  return `This question is for ${needs}. You are ${has.join(' and ') || 'signed in without a role'}.`;
}

/** Reads a question as far as its background depends on it. */
export function backgroundOf(
  id: string,
  asked: UnixMilliseconds,
  question: JsonObject & {
    readonly agent: string;
    readonly owner: string;
    readonly workflow?: string;
  },
): Question {
  const { agent, owner, workflow, rules } = question;
  return {
    id,
    asked,
    agent,
    owner,
    workflow,
    tools: toolsOf(question),
    rules: (Array.isArray(rules) ? rules : []).filter((rule) => typeof rule === 'string'),
  };
}

/** Returns the tools that a question is about: those of its grants, and of its single calls. */
export const toolsOf = ({ grants, calls }: JsonObject): readonly string[] => [
  ...new Set(
    [grants, calls]
      .flatMap((listed) => (Array.isArray(listed) ? listed : []))
      .flatMap((one) => (isJsonObject(one) && typeof one.tool === 'string' ? [one.tool] : [])),
  ),
];
