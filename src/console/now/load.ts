import { toSeconds, type UnixMilliseconds } from '../../clock.ts';
import { ok } from '../../result.ts';
import { type Answer, callIssuer } from '../frame/index.ts';
import { isoTime } from '../time.ts';
import type { NowFilter } from './filter.ts';
import { type Series, type SeriesPoint, stepOf } from './series.ts';

type Listed = Awaited<ReturnType<typeof loadWorkflows>>;

/** A page of the list, with the counts of the whole. */
export type WorkflowPage = Extract<Listed, { readonly ok: true }>['value'];

/** A workflow of the list. It arrives whole: no row asks a question of its own. */
export type ListedWorkflow = WorkflowPage['workflows'][number];

/** Loads a page of the workflows that a filter matches, the newest first. */
export const loadWorkflows = (filter: NowFilter, after: string | undefined) =>
  callIssuer('GET', '/workflows', { query: { ...filter, after } });

/** Loads calls, denials and mints over time, in steps that a plot can show. */
export async function loadSeries(
  since: UnixMilliseconds,
  now: UnixMilliseconds,
): Promise<Answer<Series>> {
  const step = stepOf(toSeconds(now) - toSeconds(since));
  const query = { step: `${step}`, since: isoTime(since) } as const;
  const answer = await callIssuer('GET', '/series', { query });
  if (!answer.ok) return answer;
  // The contract's tuples lose their length where it makes an answer readonly.
  const points = answer.value.points as readonly unknown[] as readonly SeriesPoint[];
  return ok({ step, points });
}
