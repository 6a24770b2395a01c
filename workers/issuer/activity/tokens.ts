import { delegationTree, type TokenNode, type TokenScope } from '../../../src/activity/index.ts';
import { printableJson } from '../../../src/approval/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { limitWords } from '../../../src/constraint-words/index.ts';
import type { ADMIN_API, Refusal, RouteAnswer } from '../../../src/issuer-api/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { activity, type IssuerEnv, workflowOf } from '../platform/env.ts';
import { searchLogs } from '../search/search.ts';
import { rootOf } from '../workflow/id.ts';
import { mayExist } from '../workflow/may-exist.ts';
import { describeAsOf } from './describe.ts';
import { searchOfTree } from './timeline.ts';

type Tokens = RouteAnswer<(typeof ADMIN_API)['activity']['listTokens']>;

/** Records that one answer is made of. */
const RECORDS_MAX = 2_000;
const RECORDS_PER_SEARCH = 500;

/** Returns the delegation tree of a workflow. */
export async function readTokens(
  env: IssuerEnv,
  id: string,
): Promise<Result<Tokens, Refusal<'workflow_unknown'>>> {
  const index = activity(env);
  const root = rootOf(id);
  const [row] = await index.find([root]);
  const asOf = await index.asOf();
  const { records, isWhole } = await readTree(env, root, row?.began);
  if (records.length === 0) return refuse({ code: 'workflow_unknown' });
  const nodes = delegationTree(records, await parentsOf(env, root, records));
  return ok({ tokens: nodes.map(describe), complete: isWhole, as_of: describeAsOf(asOf) });
}

/** Reads the records of a tree, the oldest first, up to a bound. */
export async function readTree(
  env: IssuerEnv,
  root: string,
  began: number | undefined,
): Promise<{ readonly records: readonly AuditRecord[]; readonly isWhole: boolean }> {
  const records: AuditRecord[] = [];
  let after: ReadonlyMap<never, number> | undefined;
  while (records.length < RECORDS_MAX) {
    const found = await searchLogs(env, {
      ...searchOfTree(root, began),
      ...(after && { after }),
      limit: RECORDS_PER_SEARCH,
    });
    records.push(...found.records.map(({ record }) => record));
    if (found.isEnd) return { records, isWhole: true };
    after = found.next as ReadonlyMap<never, number>;
  }
  return { records, isWhole: false };
}

/** No record says which workflow a child is below, and its own object does while it exists. */
async function parentsOf(
  env: IssuerEnv,
  root: string,
  records: readonly AuditRecord[],
): Promise<ReadonlyMap<string, string>> {
  const children = new Set(
    records.flatMap(({ event, workflow = '' }) =>
      event === 'mint' && workflow !== root ? [workflow] : [],
    ),
  );
  if (children.size === 0 || !(await mayExist(env, root, 'operator'))) return new Map();
  const views = await Promise.all(
    [...children].map(async (child) => [child, await workflowOf(env, child).view(child)] as const),
  );
  return new Map(
    views.flatMap(([child, view]) => {
      const parent = view?.ancestors.at(-1);
      return parent === undefined ? [] : [[child, parent] as const];
    }),
  );
}

function describe(node: TokenNode): Tokens['tokens'][number] {
  const { id, up, kind, workflow, agent, holder, count, scope, calls, denied } = node;
  return {
    id,
    ...(up !== undefined && { up }),
    kind,
    workflow,
    ...(agent !== undefined && { agent }),
    ...(holder !== undefined && { holder }),
    count,
    words: WORDS[kind](node),
    scope: scope.map(describeScope),
    calls,
    denied,
    ...(node.expires !== undefined && { expires: node.expires }),
    ...(node.lastAt !== undefined && { last_at: new Date(node.lastAt).toISOString() }),
  };
}

const describeScope = ({ tool, action, dataset, constraints }: TokenScope) => ({
  tool,
  action,
  dataset,
  ...(constraints && { limits: limitWords(constraints).join('; ') }),
});

const some = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const WORDS: Readonly<Record<TokenNode['kind'], (node: TokenNode) => string>> = {
  capability: ({ count, scope }) =>
    `${some(count, 'capability').replace(/ys$/, 'ies')} with ${some(scope.length, 'grant')}`,
  child: ({ agent = 'another agent', scope }) =>
    `A child workflow of ${agent} with ${some(scope.length, 'grant')}`,
  handed_on: ({ name }) =>
    name === undefined ? 'Handed on to another key' : `Handed on to ${printableJson(name)}`,
  narrowed: ({ count, calls, denied }) =>
    `${some(count, 'token')} for ${some(calls, 'call')}${denied > 0 ? `, ${denied} denied` : ''}`,
};
