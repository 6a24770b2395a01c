import { toMilliseconds } from '../../clock.ts';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import type { CommandContext } from '../command.ts';
import { type Column, partyColumn, renderTable, showAge, showSeconds } from '../terminal/index.ts';
import { STATE_TONES } from './state.ts';

/** A workflow as lists have it. */
export type Listed = RouteAnswer<
  (typeof ADMIN_API)['workflows']['listWorkflows']
>['workflows'][number];

/** Renders workflows as a table. */
export const workflowTable = (context: CommandContext, rows: readonly Listed[]): string =>
  renderTable(context, columnsOf(context), rows);

const columnsOf = (context: CommandContext): readonly Column<Listed>[] => [
  { head: 'ID', cell: ({ id }) => id },
  { head: 'STATE', cell: ({ state }) => state, tone: ({ state }) => STATE_TONES[state] },
  {
    head: 'BEGAN',
    cell: ({ started }) => showSeconds(context, started),
    short: ({ started }) => showAge(context.now().getTime(), toMilliseconds(started)),
  },
  { head: 'CALLS', cell: ({ calls }) => numberText(calls), align: 'right', isOptional: true },
  {
    head: 'DENIED',
    cell: ({ denials }) => numberText(denials),
    align: 'right',
    tone: ({ denials = 0 }) => (denials > 0 ? 'bad' : undefined),
  },
  {
    head: 'WAITS',
    cell: ({ waiting }) => numberText(waiting),
    align: 'right',
    isOptional: true,
    tone: ({ waiting = 0 }) => (waiting > 0 ? 'waits' : undefined),
  },
  partyColumn('AGENT', ({ agent }) => agent),
  { ...partyColumn<Listed>('SUBJECT', ({ subject }) => subject), isOptional: true },
  {
    head: 'TASK',
    cell: ({ task }) => (task === undefined ? '' : JSON.stringify(task)),
    cut: 'end',
    isOptional: true,
  },
];

/** Older workflows have no count: the index no longer has them. */
const numberText = (count: number | undefined): string =>
  count === undefined ? '-' : String(count);
