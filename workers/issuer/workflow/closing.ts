import type { ClosingRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds, UnixSeconds } from '../../../src/clock.ts';
import type { WorkflowStart } from './binding.ts';

/** The longest capability: when the last one has expired, no agent is left that could act. */
export const WORKFLOW_IDLE_SECONDS = 3_600;

/** How long after its end a root is closed: late records and questions still find it. */
export const CLOSED_AFTER_SECONDS = 3_600;

/** Returns the facts of a workflow without the words of its user, which go when it ends. */
export const withoutPrompt = ({ prompt: _, ...start }: WorkflowStart): WorkflowStart => start;

/** Returns the end of a root that no one used after its first capability. */
export const endsUntouched = ({ ends, startedAt, renewWithin }: WorkflowStart): UnixSeconds =>
  Math.min(ends, startedAt + (renewWithin ?? WORKFLOW_IDLE_SECONDS));

/** What the closing record says besides the parties. */
type Closed = Pick<
  ClosingRecord,
  'state' | 'endedAt' | 'mints' | 'renewals' | 'renewedAt' | 'children'
>;

/** Returns the last record of a root workflow. It has the same id however often it is written. */
export function closingOf(
  { id, agent, subject, owner, task, startedAt }: WorkflowStart,
  closed: Closed,
  at: UnixMilliseconds,
): ClosingRecord {
  const parties = { workflow: id, agent, subject, owner, task };
  return { event: 'closing', id: `closing.${id}`, at, ...parties, startedAt, ...closed };
}
