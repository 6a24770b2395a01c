import * as v from 'valibot';
import type { Recent, ShownKind } from '../../../src/activity/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const RECENT = jsonColumn<Recent>('activity.recent', [
  v.object({
    newest: v.number(),
    calls: v.array(v.number()),
    denials: v.array(v.number()),
  }),
]);

/** How many workflows there are of each kind. */
export type Counts = Readonly<Record<ShownKind, number>>;

export const COUNTS = jsonColumn<Counts>('index_state.counts', [
  v.object({
    running: v.number(),
    stopped: v.number(),
    waiting: v.number(),
    denied: v.number(),
  }),
]);
