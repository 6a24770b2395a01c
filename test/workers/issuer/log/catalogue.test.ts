import {
  createExecutionContext,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import worker from '../../../../deployment/issuer.ts';
import { catalogueOf, type Head } from '../../../../src/feed/index.ts';
import type { RevocationLog } from '../../../../workers/issuer/feed/object.ts';
import { revocationLog } from '../../../../workers/issuer/platform/env.ts';
import { archiveWeather, exposeArchive } from './model/archive-weather.ts';
import { photograph } from './model/photograph.ts';
import { archive, env, follow, log, restartLog, workflow } from './scene.ts';

afterEach(() => reset());

const FIRST = 'a1'.repeat(32);
const SECOND = 'b2'.repeat(32);

async function newestHead(): Promise<Head> {
  const { feed } = await follow();
  const head = await feed.refresh();
  if (!head.ok) throw new Error(head.error.code);
  return head.value;
}
const named = async (): Promise<string | undefined> => catalogueOf(await newestHead());

describe('the head of a log', () => {
  test('has no extensions before a catalogue is set', async () => {
    expect(await newestHead()).not.toHaveProperty('extensions');
  });

  test('names the catalogue that was set last, without an entry', async () => {
    await log().append(workflow('wf_1'));
    expect(await log().setCatalogue(FIRST)).toEqual({ archived: true });
    const first = await newestHead();
    expect(first).toMatchObject({ seq: 1, extensions: [{ name: 'catalogue', critical: true }] });
    await log().setCatalogue(SECOND);
    const second = await newestHead();
    expect([first, second].map(catalogueOf)).toEqual([FIRST, SECOND]);
    expect(second.seq).toBe(1);
  });

  test('is newer than every head before, so that none brings an earlier catalogue back', async () => {
    const { feed } = await follow();
    const times: number[] = [];
    for (const hash of [FIRST, SECOND, FIRST]) {
      await log().setCatalogue(hash);
      const head = await feed.refresh();
      expect(head).toMatchObject({ ok: true });
      times.push(feed.head?.issued_at ?? 0);
    }
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  test('is at most ten seconds ahead, however often the catalogue changes', async () => {
    for (let change = 0; change < 40; change++) {
      await log().setCatalogue(change % 2 === 0 ? FIRST : SECOND);
    }
    const { issued_at } = await newestHead();
    expect(issued_at).toBeLessThanOrEqual(Math.floor(Date.now() / 1000) + 10);
  });

  test('does not change if the same catalogue is set again', async () => {
    await log().setCatalogue(FIRST);
    await log().setCatalogue(FIRST);
    expect(await archive().catalogue()).toMatchObject({ change: 1, hash: FIRST });
  });

  test('names the catalogue after a restart', async () => {
    await log().setCatalogue(FIRST);
    await restartLog();
    expect(await named()).toBe(FIRST);
  });

  test('names the newest catalogue after a restore that lost no entry', async () => {
    await log().setCatalogue(FIRST);
    const restore = await photograph();
    await log().setCatalogue(SECOND);
    await restore();
    expect(await newestHead()).toMatchObject({
      epoch: 1,
      extensions: [{ value: { hash: SECOND } }],
    });
  });

  test('names the newest catalogue in the epoch after a restore', async () => {
    const restore = await photograph();
    await log().append(workflow('wf_lost'));
    await log().setCatalogue(FIRST);
    await restore();
    expect(await newestHead()).toMatchObject({
      epoch: 2,
      extensions: [{ value: { hash: FIRST } }],
    });
    await log().setCatalogue(SECOND);
    expect(await named()).toBe(SECOND);
  });
});

test('an archive that is out of reach gets the catalogue later', async () => {
  await log().append(workflow('wf_1'));
  const uncover = exposeArchive();
  try {
    archiveWeather.now = 'down';
    expect(await log().setCatalogue(FIRST)).toEqual({ archived: false });
    expect(await named()).toBe(FIRST);
    archiveWeather.now = 'up';
    await runDurableObjectAlarm(env.REVOCATION_LOG.getByName('default'));
    expect(await archive().catalogue()).toMatchObject({ hash: FIRST });
  } finally {
    uncover();
  }
});

test('a subscriber learns of a catalogue at once', async () => {
  const { feed, requested } = await follow();
  const request = new Request(`${env.ISSUER}/feed/v2/0/subscribe?since=1.0`, {
    headers: { upgrade: 'websocket' },
  });
  const { webSocket: socket } = await worker.fetch(request, env, createExecutionContext());
  if (!socket) throw new Error('no socket');
  socket.binaryType = 'arraybuffer';
  const accepted: (string | undefined)[] = [];
  const done = new Promise<void>((resolve) => {
    socket.addEventListener('message', async ({ data }) => {
      const head = await feed.accept(new Uint8Array(data as ArrayBuffer));
      if (head.ok) accepted.push(catalogueOf(head.value));
      if (accepted.length === 2) resolve();
    });
  });
  socket.accept();
  await new Promise((passed) => setTimeout(passed, 50));
  await log().setCatalogue(FIRST);
  await done;
  expect(accepted).toEqual([undefined, FIRST]);
  expect(requested).toEqual([]);
  socket.close();
});

test('only the log of shard 0 takes a catalogue, and only by its hash', async () => {
  for (const [object, hash] of [
    [log(), 'tools.toml'],
    [revocationLog(env, 1), FIRST],
  ] as const) {
    await runInDurableObject(object, (log) =>
      expect((log as RevocationLog).setCatalogue(hash)).rejects.toThrow('Only shard 0'),
    );
  }
});
