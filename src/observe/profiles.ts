import { groupBy } from '../group-by.ts';
import type { ObservedCall } from './observed-call.ts';
import type { LearnSettings, Party } from './proposal.ts';

/** The calls of one kind of workflow. */
export interface PartyCalls extends Party {
  readonly calls: readonly ObservedCall[];
}

/**
 * Groups calls of agents into profiles, in a stable order. Calls without a token state no task:
 * their profile is for any task.
 */
export function groupByParty(
  calls: readonly ObservedCall[],
  { by, support }: Pick<LearnSettings, 'by' | 'support'>,
): readonly PartyCalls[] {
  const agents = groupBy(calls, ({ agent = '', user }) =>
    JSON.stringify([agent, user === undefined ? null : user.slice(0, user.indexOf('#'))]),
  );
  const groups = [...agents].flatMap(([key, own]) => {
    const [agent, issuer] = JSON.parse(key) as [string, string | null];
    const party = { agent, userIssuer: issuer ?? undefined };
    const ofTasks = own.filter(({ task }) => task !== undefined);
    const isByTask = by === 'task' || (by === 'auto' && doTasksRepeat(ofTasks, support));
    if (!isByTask) return [{ ...party, calls: own }];
    const tasks = groupBy(own, ({ task }) => task);
    return [...tasks].map(([task, ofTask]) => ({
      ...party,
      ...(task !== undefined && { task }),
      calls: ofTask,
    }));
  });
  return groups.sort((a, b) => compare(nameOf(a), nameOf(b)));
}

/** Whether two profiles are of one agent, for the users of one identity issuer. */
export const isSameAgent = (one: Party, other: Party): boolean =>
  one.agent === other.agent && one.userIssuer === other.userIssuer;

const nameOf = ({ agent, userIssuer = '', task = '' }: Party): string =>
  JSON.stringify([agent, userIssuer, task]);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Whether the tasks of an agent are kinds of work, each done several times, and not a new text for
 * each workflow. A profile of a task that was seen once would only repeat its record.
 */
function doTasksRepeat(calls: readonly ObservedCall[], support: number): boolean {
  const tasks = [...groupBy(calls, ({ task = '' }) => task).values()];
  const repeated = tasks.filter((own) => workflowsOf(own).size >= support);
  return repeated.length > 0 && repeated.length * 2 >= tasks.length;
}

/** Returns the workflows of calls. A call without one stands for itself. */
export const workflowsOf = (calls: readonly ObservedCall[]): ReadonlySet<string> =>
  new Set(calls.map(({ workflow, id }) => workflow ?? id));
