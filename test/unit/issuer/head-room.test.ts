import { expect, test } from 'vitest';
import { utf8 } from '../../../src/encoding.ts';
import type { Head, HeadWatermark } from '../../../src/feed/index.ts';
import { catalogueExtension, headPayload } from '../../../src/feed/log/index.ts';
import { ISSUER_KEYS_MAX, KEY_ID_MAX } from '../../../src/limits.ts';
import { hasRoomFor } from '../../../workers/issuer/feed/watermarks.ts';

const HASH = 'f'.repeat(64);
const LARGEST = 2 ** 48 - 1;
const POSITION = { epoch: LARGEST, seq: LARGEST, chain: HASH };

test('the largest head, with all watermarks that have room and a catalogue, fits into 16 KiB', () => {
  const watermarks: HeadWatermark[] = [];
  for (;;) {
    const value = `team:${watermarks.length}`.padEnd(200, 'x');
    const next = { scope: 'owner', value, before: LARGEST, expires: LARGEST } as const;
    if (!hasRoomFor(next, watermarks)) break;
    watermarks.push(next);
  }
  expect(utf8(JSON.stringify(watermarks)).length).toBeGreaterThan(11 * 1024);
  const head: Head = {
    v: 2,
    issuer: `https://${'i'.repeat(504)}`,
    shard: 0,
    ...POSITION,
    count: LARGEST,
    issued_at: LARGEST,
    next_update: LARGEST,
    keys: Array.from({ length: ISSUER_KEYS_MAX }, (_, index) => ({
      id: KEY_ID_MAX - index,
      publicKey: HASH,
    })),
    watermarks,
    snapshot: { seq: LARGEST, chain: HASH, hash: HASH, bytes: LARGEST, count: LARGEST },
    delta_from: LARGEST,
    previous: POSITION,
    extensions: [catalogueExtension(HASH)],
  };
  expect(headPayload(head).length).toBeLessThanOrEqual(16 * 1024);
});
