import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { feedVectors } from '../../../scripts/feed-vectors/index.ts';
import { fromHex, toHex } from '../../../src/encoding.ts';
import { readKills } from '../../../src/feed/format/kill-statement.ts';
import { decodeRecords } from '../../../src/feed/format/read-records.ts';
import { type FeedEntry, FeedReplica } from '../../../src/feed/index.ts';
import { encodeEntry } from '../../../src/feed/log/index.ts';
import { question } from '../fixtures/log.ts';

const file = new URL('../../feed-vectors/feed-v2.json', import.meta.url);
const text = await readFile(fileURLToPath(file.href), 'utf8');
const vectors = JSON.parse(text) as Awaited<ReturnType<typeof feedVectors>>;
const { issuer, shard, now } = vectors;

const importKey = (hex: string) =>
  crypto.subtle.importKey('raw', fromHex(hex) ?? new Uint8Array(), 'Ed25519', false, ['verify']);
const feedKey = await importKey(vectors.feed_key);
const newReplica = () => new FeedReplica({ issuer, shard, feedKey });
const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array();

test('the published vectors are the output of the script', async () => {
  expect(JSON.parse(JSON.stringify(await feedVectors()))).toEqual(vectors);
  expect(text).toBe(`${JSON.stringify(vectors, undefined, 2)}\n`);
});

describe('a record:', () => {
  test.each(vectors.records)('$name', ({ hex, entry }) => {
    const decoded = decodeRecords(bytes(hex));
    expect(decoded?.map((one) => one.entry)).toEqual(entry ? [entry] : undefined);
    if (entry) expect(toHex(encodeEntry(entry as FeedEntry))).toBe(hex);
  });
});

describe('a head:', () => {
  test.each(vectors.heads)('$name is $verdict', async ({ wire, verdict }) => {
    const opened = await newReplica().open(wire, now);
    expect(opened.ok ? 'ok' : opened.error.code).toBe(verdict);
  });
});

describe('kill statements:', () => {
  test.each(vectors.kills)('$name', async ({ list, count }) => {
    const key = await importKey(vectors.operator_key);
    expect(await readKills(list, { issuer, key })).toHaveLength(count);
  });
});

describe('a sequence:', () => {
  test.each(vectors.sequences)('$name', async ({ floor, steps }) => {
    const replica = newReplica();
    if (floor) replica.startAt(floor);
    for (const step of steps) {
      const head = await replica.open(step.head, step.now);
      const snapshot = step.snapshot === undefined ? undefined : bytes(step.snapshot);
      const applied = head.ok
        ? await replica.apply(head.value, { snapshot, deltas: step.deltas.map(bytes) })
        : head;
      expect(applied.ok ? 'ok' : applied.error.code).toBe(step.verdict);
      for (const { by, tools, ...token } of step.stopped) {
        const issuedAt = new Date((now - 1) * 1000);
        const grants = tools && { grants: tools.map((tool) => ({ tool })) };
        const asked = { issuerKey: vectors.root_key, issuedAt, ...token, ...grants };
        const hit = replica.find(question(asked));
        expect(hit?.by ?? null, JSON.stringify(asked)).toBe(by);
      }
    }
  });
});
