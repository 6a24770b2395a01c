import { setTimeout } from 'node:timers/promises';
import type { ExportedRecord } from '../../audit/export/index.ts';
import { toMilliseconds } from '../../clock.ts';
import { ADMIN_API, type RouteAnswer, timestamped } from '../../issuer-api/index.ts';
import { isTerminal } from '../../lifecycle/index.ts';
import { refuse } from '../../result.ts';
import { lineOf } from '../audit/show.ts';
import { type Answer, type CommandContext, defineCommand, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';
import { paint, showTime } from '../terminal/index.ts';
import { readWorkflowFilters, WORKFLOW_FLAGS, type WorkflowFilters } from './filters.ts';
import { readWorkflowId } from './id.ts';
import { type Listed, workflowTable } from './table.ts';

const { listWorkflows, showWorkflow } = ADMIN_API.workflows;
const { listChanges, listWorkflowRecords } = ADMIN_API.activity;

const POLL_MILLISECONDS = 1_000;
/** An issuer that restarts is back by then. */
const FAILURES_MAX = 30;
const ROWS_DEFAULT = 20;
/** The heading, the line above it and the prompt below. */
const ROWS_AROUND = 4;

export const workflowsWatch = defineCommand({
  name: 'workflows watch',
  summary: 'follow the list of workflows, or what one of them does',
  operands: '[ID]',
  description: `Without ID, shows the newest workflows that match and keeps the list up to date: on a terminal in place, elsewhere one line for each change. With ID, prints each record of the workflow and of those below it as it is written, and ends when the workflow does.

Asks the issuer once a second. Ctrl-C ends it.`,
  flags: { ...WORKFLOW_FLAGS, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: [
    'hewn workflows watch',
    'hewn workflows watch --show denied',
    'hewn workflows watch wf_7Qx...',
    "hewn workflows watch --json | jq -r 'select(.denials > 0) | .id'",
  ],
  exitCodes: { 0: 'the workflow has ended, or no one reads the output' },
  run: async ({ flags, operands }, context) => {
    const filters = readWorkflowFilters(flags, context.now());
    if (!filters.ok) return filters;
    if (operands.length === 0) return watchList(context, flags, filters.value);
    const id = readWorkflowId(operands);
    if (!id.ok) return id;
    const [filter] = Object.keys(filters.value);
    if (filter !== undefined) return refuse(`with an ID, leave out the filters`);
    return watchOne(context, flags, id.value);
  },
});

interface WatchFlags extends IssuerFlags {
  readonly json: boolean;
}

/** Calls until the output is closed. Gives up when the issuer has not answered for a while. */
async function poll(
  context: CommandContext,
  once: () => Promise<'again' | 'end' | { readonly failed: string }>,
): Promise<Answer> {
  const { sleep = setTimeout } = context;
  let failures = 0;
  while (context.outClosed?.aborted !== true) {
    const result = await once();
    if (result === 'end') return YES;
    const failed = typeof result === 'object' ? result.failed : undefined;
    failures = failed === undefined ? 0 : failures + 1;
    // The first question says at once what is wrong, such as a credential.
    if (failed !== undefined && failures === FAILURES_MAX) return refuse(failed);
    if (failed !== undefined) context.progress?.(`no answer, asking again: ${failed}`);
    await sleep(POLL_MILLISECONDS);
  }
  return YES;
}

async function watchList(
  context: CommandContext,
  flags: WatchFlags,
  filters: WorkflowFilters,
): Promise<Answer> {
  const rows = new Map<string, Listed>();
  const load = async (): Promise<string | undefined> => {
    const page = await callIssuer(context, flags, listWorkflows, { query: filters });
    if (!page.ok) return page.error;
    rows.clear();
    for (const row of page.value.workflows) rows.set(row.id, row);
    return undefined;
  };
  // Before the list, so that no change is between the two.
  const begun = await callIssuer(context, flags, listChanges, { query: filters });
  if (!begun.ok) return begun;
  const failed = await load();
  if (failed !== undefined) return refuse(failed);
  let next = begun.value?.next;
  show(context, flags, rows, [...rows.values()]);
  return poll(context, async () => {
    const query = { ...filters, ...(next !== undefined && { after: next }) };
    const changes = await callIssuer(context, flags, listChanges, { query });
    if (!changes.ok) return { failed: changes.error };
    if (changes.value === undefined) {
      // Ages move on even if nothing happens.
      show(context, flags, rows, []);
      return 'again';
    }
    const { workflows, others, reload } = changes.value;
    next = changes.value.next;
    if (reload) {
      const again = await load();
      if (again !== undefined) return { failed: again };
    }
    for (const row of workflows) rows.set(row.id, row);
    for (const id of others) rows.delete(id);
    show(context, flags, rows, reload ? [...rows.values()] : workflows);
    return 'again';
  });
}

/** Paints the list again on a terminal, and prints what changed elsewhere. */
function show(
  context: CommandContext,
  { json }: WatchFlags,
  rows: ReadonlyMap<string, Listed>,
  changed: readonly Listed[],
): void {
  if (json) {
    for (const row of changed) context.out(JSON.stringify(timestamped(ROW, row)));
    return;
  }
  if (!context.outIsTerminal) {
    for (const row of changed) context.out(changeLine(context, row));
    return;
  }
  const most = Math.max(1, (context.rows ?? ROWS_DEFAULT + ROWS_AROUND) - ROWS_AROUND);
  const newest = [...rows.values()].sort((a, b) => b.started - a.started);
  const table =
    newest.length === 0 ? 'no workflow matches yet' : workflowTable(context, newest.slice(0, most));
  const more = newest.length > most ? `, ${newest.length - most} more` : '';
  const head = `${showTime(context, context.now().getTime())}${more}. Ctrl-C ends it.`;
  context.out(`${HOME_AND_CLEAR}${paint(context, 'quiet', head)}\n${table}`);
}

const ROW = listWorkflows.answer.entries.workflows.item;
const HOME_AND_CLEAR = '\u001b[H\u001b[2J';

function changeLine(context: CommandContext, row: Listed): string {
  const { id, state, calls = 0, denials = 0, waiting = 0, last_call: last, started } = row;
  const at = showTime(context, toMilliseconds(last ?? started));
  return `${at}  ${id}  ${state}  ${calls} calls, ${denials} denied, ${waiting} waiting`;
}

type Records = RouteAnswer<typeof listWorkflowRecords>;

async function watchOne(context: CommandContext, flags: WatchFlags, id: string): Promise<Answer> {
  const params = { id };
  let cursor: string | undefined;
  const first = await callIssuer(context, flags, listWorkflowRecords, { params });
  if (!first.ok) return first;
  const print = ({ records, next }: Records): void => {
    for (const one of records) {
      context.out(
        flags.json
          ? JSON.stringify(one)
          : lineOf(context, one as unknown as ExportedRecord, { isOneWorkflow: true }),
      );
    }
    cursor = next;
  };
  print(first.value);
  let isBehind = !first.value.end;
  return poll(context, async () => {
    const query = cursor === undefined ? {} : { cursor };
    const page = await callIssuer(context, flags, listWorkflowRecords, { params, query });
    if (!page.ok) return { failed: page.error };
    print(page.value);
    isBehind = !page.value.end;
    if (isBehind || page.value.records.length > 0) return 'again';
    const shown = await callIssuer(context, flags, showWorkflow, { params });
    if (!shown.ok) return { failed: shown.error };
    if (!isTerminal(shown.value.state)) return 'again';
    context.err(`${id} has ended: ${shown.value.state}`);
    return 'end';
  });
}
