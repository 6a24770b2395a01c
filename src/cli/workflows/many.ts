import {
  ADMIN_API,
  type RouteAnswer,
  type RouteCall,
  timestamped,
} from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type Answer,
  type CommandContext,
  type CommandInput,
  NO,
  showJson,
  YES,
} from '../command.ts';
import { DRY_RUN_FLAG } from '../flags.ts';
import { orderIssuer } from '../proposals/order.ts';
import { renderTable } from '../terminal/index.ts';
import { readWorkflowFilters, WORKFLOW_FLAGS, type WorkflowFilters } from './filters.ts';
import type { MOVE_FLAGS } from './move.ts';
import { type Listed, workflowTable } from './table.ts';

const { suspendMany, resumeMany, revokeMany } = ADMIN_API.selectors;

const ORDERS = {
  suspend: { route: suspendMany, done: 'suspended' },
  resume: { route: resumeMany, done: 'resumed' },
  revoke: { route: revokeMany, done: 'revoked' },
} as const;

export type ManyOrder = keyof typeof ORDERS;

/** Of a command that takes an ID, or filters instead. */
export const MANY_FLAGS = {
  ...WORKFLOW_FLAGS,
  ...DRY_RUN_FLAG,
  yes: { kind: 'switch', description: 'with filters: do not ask' },
} as const;

/** A paragraph of their help. */
export const MANY_HELP =
  'Without ID, carries the order out for every workflow that all filters match. What would be hit is listed first, with what is left alone and why, and a person at a terminal is asked. --dry-run only lists. --yes does not ask.';

type ManyFlags = typeof MANY_FLAGS & typeof MOVE_FLAGS;

/** Returns the filters of a command that was called without an ID. */
export function readSelector(
  { flags, operands }: CommandInput<ManyFlags>,
  context: CommandContext,
): Result<WorkflowFilters | undefined, string> {
  const filters = readWorkflowFilters(flags, context.now());
  if (!filters.ok) return filters;
  const isFiltered = Object.keys(filters.value).length > 0;
  if (operands.length > 0 && isFiltered) return refuse('name an ID, or filters, and not both');
  if (operands.length > 0 && flags['dry-run']) return refuse('--dry-run is for filters');
  return ok(operands.length === 0 && isFiltered ? filters.value : undefined);
}

type Part = RouteAnswer<typeof suspendMany>;
type Body = RouteCall<typeof suspendMany>['body'];

interface Whole {
  readonly matched: readonly Listed[];
  readonly done: Part['done'];
  readonly skipped: Part['skipped'];
}

/**
 * Carries an order out for everything that matches. What would be hit is always listed first; a
 * person is then asked, and a script says `--yes`.
 */
export async function moveMany(
  context: CommandContext,
  { flags }: CommandInput<ManyFlags>,
  order: ManyOrder,
  selector: WorkflowFilters,
): Promise<Answer> {
  const { done: word } = ORDERS[order];
  const body = { reason: flags.reason, selector };
  const isAsked = !flags['dry-run'] && !flags.yes;
  if (flags['dry-run'] || isAsked) {
    const tried = await sendAll(context, flags, order, { ...body, dry_run: true });
    if (!tried.ok) return tried.error;
    const hit = hitBy(tried.value);
    if (flags['dry-run']) {
      if (flags.json) context.out(jsonOf(order, tried.value));
      else print(context, tried.value, hit, `${countOf(hit.length)} would be ${word}`);
      return hit.length > 0 ? YES : NO;
    }
    print(context, tried.value, hit, `${countOf(hit.length)} would be ${word}`);
    if (hit.length === 0) return NO;
    if (context.confirm === undefined) {
      return refuse('pass --yes to carry it out, or --dry-run to list only');
    }
    const question = `${order} ${countOf(hit.length)}?`;
    if (!(await context.confirm(question))) return NO;
  }
  const sent = await sendAll(context, flags, order, body);
  if (!sent.ok) return sent.error;
  const { done } = sent.value;
  if (flags.json) context.out(jsonOf(order, sent.value));
  else if (isAsked) context.out(`${countOf(done.length)} ${word}`);
  else print(context, sent.value, hitBy(sent.value), `${countOf(done.length)} ${word}`);
  return done.length > 0 ? YES : NO;
}

/** Sends the order in parts until all that matches was reached. */
async function sendAll(
  context: CommandContext,
  flags: CommandInput<ManyFlags>['flags'],
  order: ManyOrder,
  body: Body,
): Promise<Result<Whole, Answer>> {
  const { route, done: word } = ORDERS[order];
  const whole = { matched: [] as Listed[], done: [...NONE], skipped: [...NOT_REACHED] };
  let after: string | undefined;
  do {
    const part: Result<Part, Answer> = await orderIssuer(context, flags, route, {
      body: { ...body, ...(after !== undefined && { after }) },
    });
    if (!part.ok) {
      const reached = whole.done.length;
      if (reached === 0 || body.dry_run || part.error.ok) return part;
      const why = part.error.error;
      return refuse(
        refuse(`${countOf(reached)} ${word}, and then: ${why}. Run it again to continue`),
      );
    }
    whole.matched.push(...part.value.matched);
    whole.done.push(...part.value.done);
    whole.skipped.push(...part.value.skipped);
    after = part.value.next;
    context.progress?.(`${whole.done.length} of ${whole.matched.length} ${word}`);
  } while (after !== undefined);
  return ok(whole);
}

const NONE: Part['done'] = [];
const NOT_REACHED: Part['skipped'] = [];

/** What the order reaches, in the state that it gives: all that matches without what is skipped. */
function hitBy({ matched, done, skipped }: Whole): readonly Listed[] {
  const left = new Set(skipped.map(({ id }) => id));
  const states = new Map(done.map(({ id, state }) => [id, state]));
  return matched
    .filter(({ id }) => !left.has(id))
    .map((row) => ({ ...row, state: states.get(row.id) ?? row.state }));
}

function print(
  context: CommandContext,
  { skipped }: Whole,
  hit: readonly Listed[],
  summary: string,
): void {
  if (hit.length > 0) context.out(workflowTable(context, hit));
  if (skipped.length > 0) {
    context.out(
      renderTable(
        context,
        [
          { head: 'LEFT ALONE', cell: ({ id }) => id },
          { head: 'WHY', cell: ({ words }) => words, cut: 'end', tone: () => 'waits' },
        ],
        skipped,
      ),
    );
  }
  const left = skipped.length === 0 ? '' : `, ${skipped.length} left alone`;
  context.out(`${summary}${left}`);
}

const jsonOf = (order: ManyOrder, { matched, done, skipped }: Whole): string => {
  const { entries } = ORDERS[order].route.answer;
  return showJson({ matched: timestamped(entries.matched, matched), done, skipped });
};

const countOf = (count: number): string => `${count} workflow${count === 1 ? '' : 's'}`;
