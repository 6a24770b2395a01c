import { type FeedQuery, WatermarkSet, WorkflowStops } from '../../../src/feed/index.ts';
import type { LogEntries } from './entries.ts';

/** Whether the log stops a token: for the issuer's own questions, which no replica answers. */
export function isStoppedIn(
  entries: LogEntries,
  { workflow, ancestors, gen, blocks, ...token }: FeedQuery,
  nowSeconds: number,
): boolean {
  const watermarks = new WatermarkSet();
  for (const one of entries.watermarks.inForce(nowSeconds)) watermarks.add(one, one.expires);
  const stops = new WorkflowStops();
  const workflows = [workflow, ...ancestors];
  for (const entry of workflows.flatMap((id) => entries.stopsOf(id))) stops.add(entry);
  return (
    watermarks.find(token) !== undefined ||
    workflows.some((id) => entries.has('workflow', id)) ||
    blocks.some((id) => entries.has('block', id)) ||
    stops.find(workflow, ancestors, gen) !== undefined
  );
}
