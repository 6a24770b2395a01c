import * as v from 'valibot';
import type { Position, SnapshotReference } from '../../../src/feed/index.ts';
import { jsonColumn } from '../platform/json-column.ts';

export const PREVIOUS = jsonColumn<Position>('log.previous', [
  v.looseObject({ epoch: v.number(), seq: v.number(), chain: v.string() }),
]);

export const REFERENCE = jsonColumn<SnapshotReference>('snapshot_reference.body', [
  v.looseObject({
    seq: v.number(),
    chain: v.string(),
    hash: v.string(),
    bytes: v.number(),
    count: v.number(),
  }),
]);

export const CHECKPOINT_SIZES = jsonColumn<Readonly<Record<string, number>>>('checkpoint.sizes', [
  v.record(v.string(), v.number()),
]);
