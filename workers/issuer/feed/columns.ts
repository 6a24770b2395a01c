import * as v from 'valibot';
import type { Position, SnapshotReference } from '../../../src/feed/index.ts';
import { jsonColumn } from '../platform/json-column.ts';
import type { HeadKeysState } from './keys/state.ts';

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

const LISTED_KEY = {
  id: v.number(),
  public_key: v.string(),
  until: v.nullable(v.number()),
};

export const HEAD_KEYS = jsonColumn<HeadKeysState>('head_keys.lists', [
  v.looseObject({
    next: v.number(),
    receipt_keys: v.array(v.looseObject({ ...LISTED_KEY, gateway: v.string() })),
    approver_keys: v.array(
      v.looseObject({
        ...LISTED_KEY,
        approver: v.string(),
        datasets: v.nullable(v.array(v.string())),
      }),
    ),
    removed: v.array(v.string()),
  }),
]);
