import { ADMIN_API, timestamped } from '../../issuer-api/index.ts';
import { ok, type Result } from '../../result.ts';
import { readCount } from '../audit/count.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import { readWorkflowFilters, WORKFLOW_FLAGS, type WorkflowFilters } from './filters.ts';
import { type Listed, workflowTable } from './table.ts';

const { listWorkflows } = ADMIN_API.workflows;

const LISTED_DEFAULT = 50;
const LISTED_MAX = 10_000;

export const workflowsList = defineCommand({
  name: 'workflows list',
  summary: 'list workflows by who, what, state and time',
  description: `Lists root workflows, the newest first, with the calls of their trees and how many were denied. All flags must match. Names are compared exactly; --q searches for words.

The index has the workflows that live or ended within two days. Older ones follow from the audit logs, by agent, subject, owner, state and time only, as long as the logs have their closing record.`,
  flags: {
    ...WORKFLOW_FLAGS,
    limit: {
      kind: 'text',
      value: 'COUNT',
      description: `print at most so many, up to ${LISTED_MAX}; by default ${LISTED_DEFAULT}`,
    },
    ...ISSUER_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    'hewn workflows list',
    'hewn workflows list --show denied --owner team:growth --since 24h',
    'hewn workflows list --q "churn report" --tool mcp/files/write_file --json',
  ],
  run: async ({ flags }, context) => {
    const filters = readWorkflowFilters(flags, context.now());
    if (!filters.ok) return filters;
    const bounds = { default: LISTED_DEFAULT, min: 1, max: LISTED_MAX };
    const limit = readCount('limit', flags.limit, bounds);
    if (!limit.ok) return limit;
    const listed = await readPages(context, flags, filters.value, limit.value);
    if (!listed.ok) return listed;
    const { rows, isCut } = listed.value;
    if (flags.json) {
      context.out(showJson(timestamped(listWorkflows.answer.entries.workflows, rows)));
    } else context.out(rows.length === 0 ? 'no workflow matches' : workflowTable(context, rows));
    if (isCut) context.err(`the newest ${rows.length}: raise --limit, or narrow the list`);
    return YES;
  },
});

/** Reads pages until there are enough workflows. They come newest first. */
async function readPages(
  context: CommandContext,
  flags: IssuerFlags,
  filters: WorkflowFilters,
  limit: number,
): Promise<Result<{ readonly rows: readonly Listed[]; readonly isCut: boolean }, string>> {
  const found: Listed[] = [];
  let after: string | undefined;
  do {
    const query = { ...filters, ...(after !== undefined && { after }) };
    const page = await callIssuer(context, flags, listWorkflows, { query });
    if (!page.ok) return page;
    found.push(...page.value.workflows);
    after = page.value.next;
    context.progress?.(`${found.length} workflows`);
  } while (after !== undefined && found.length < limit);
  return ok({
    rows: found.sort((a, b) => b.started - a.started).slice(0, limit),
    isCut: found.length > limit || after !== undefined,
  });
}
