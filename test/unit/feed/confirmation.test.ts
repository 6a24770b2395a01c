import { describe, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { confirmOverHttp, FeedReporter } from '../../../src/feed/index.ts';
import { RELEASE } from '../../../src/release.ts';
import { json, serve } from '../fixtures/log.ts';

function scene(options: { fails?: boolean } = {}) {
  const sent: number[] = [];
  const failures: unknown[] = [];
  const state = { fails: options.fails ?? false };
  const reporter = new FeedReporter({
    verifier: 'node-1',
    failed: (error) => failures.push(error),
    send: async (_shard, { seq }) => {
      if (state.fails) throw new Error('down');
      sent.push(seq);
    },
  });
  return { sent, failures, state, reporter };
}

describe('a reporter', () => {
  test('confirms each new position, and the same one once a minute', async () => {
    const { reporter, sent } = scene();
    await reporter.confirm(undefined, 0);
    for (const now of [0, 1_000, 59_999]) await reporter.confirm({ epoch: 1, seq: 7 }, now);
    expect(sent).toEqual([7]);
    await reporter.confirm({ epoch: 1, seq: 8 }, 59_999);
    await reporter.confirm({ epoch: 1, seq: 8 }, 119_999);
    expect(sent).toEqual([7, 8, 8]);
  });

  test('confirms again if the confirmation did not arrive', async () => {
    const { reporter, sent, failures, state } = scene({ fails: true });
    await reporter.confirm({ epoch: 1, seq: 7 }, 0);
    expect([sent, failures]).toEqual([[], [new Error('down')]]);
    state.fails = false;
    await reporter.confirm({ epoch: 1, seq: 7 }, 1_000);
    expect(sent).toEqual([7]);
  });
});

describe('the record counts of a verifier', () => {
  function numbering() {
    const sent: (number | undefined)[] = [];
    const state = { n: 0, isBehind: false };
    const reporter = new FeedReporter({
      verifier: 'node-1',
      send: async (_shard, { records }) => void sent.push(records?.[0]?.n),
      records: () => ({
        counts: state.n === 0 ? [] : [{ origin: 'default', n: state.n }],
        isBehind: state.isBehind,
      }),
    });
    return { sent, state, confirm: (now: number) => reporter.confirm({ epoch: 1, seq: 7 }, now) };
  }

  test('are part of each confirmation once a record was numbered', async () => {
    const { sent, state, confirm } = numbering();
    await confirm(0);
    state.n = 5;
    await confirm(1_000);
    await confirm(60_000);
    expect(sent).toEqual([undefined, 5]);
  });

  test('are sent at once while records wait, at most four times a second', async () => {
    const { sent, state, confirm } = numbering();
    await confirm(0);
    state.isBehind = true;
    for (let now = 0; now <= 1_000; now += 50) {
      state.n += 1;
      await confirm(now);
    }
    expect(sent).toEqual([undefined, 6, 11, 16, 21]);
    // Counts that arrived are not sent again.
    await confirm(2_000);
    expect(sent).toHaveLength(5);
  });

  test('are sent again if they did not arrive', async () => {
    let isDown = true;
    const sent: unknown[] = [];
    const reporter = new FeedReporter({
      verifier: 'node-1',
      send: async (_shard, { records }) => {
        if (isDown) throw new Error('down');
        sent.push(records);
      },
      records: () => ({ counts: [{ origin: 'default', n: 3 }], isBehind: true }),
      failed: () => undefined,
    });
    await reporter.confirm({ epoch: 1, seq: 7 }, 0);
    isDown = false;
    await reporter.confirm({ epoch: 1, seq: 7 }, 1);
    expect(sent).toEqual([[{ origin: 'default', n: 3 }]]);
  });
});

test('an issuer of 0.1.0, which rejects record counts, gets the position without them', async () => {
  const received: unknown[] = [];
  await using server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const confirmation = JSON.parse(body) as { records?: unknown };
      received.push(confirmation);
      if (confirmation.records) json(response, { error: 'invalid_request' }, 400);
      else response.writeHead(204).end();
    });
  });
  const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
  const place = { verifier: 'node-1', epoch: 1, seq: 7 };
  const records = [{ origin: 'default', n: 3 }];
  await send(0, { ...place, records });
  expect(received).toEqual([{ ...place, records }, place]);
});

test('an issuer of 0.3.0, which rejects what a verifier reports, receives it once', async () => {
  const received: { audience?: string }[] = [];
  await using server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const confirmation = JSON.parse(body) as { audience?: string };
      received.push(confirmation);
      if (confirmation.audience) json(response, { error: 'invalid_request' }, 400);
      else response.writeHead(204).end();
    });
  });
  const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
  const place = { verifier: 'node-1', epoch: 1, seq: 7 };
  const whole = { ...place, audience: 'https://api.example', version: '0.4.0', head_age: 2 };
  await send(0, whole);
  await send(0, { ...whole, seq: 8 });
  expect(received).toEqual([whole, place, { ...place, seq: 8 }]);
});

test('a reporter says what it guards, its release, the age of its head, and a new fault', async () => {
  const sent: unknown[] = [];
  let fault: string | undefined;
  const reporter = new FeedReporter({
    verifier: 'node-1',
    audience: 'https://api.example',
    fault: () => fault,
    send: async (_shard, { verifier: _, ...said }) => void sent.push(said),
  });
  const head = { epoch: 1, seq: 7, issued_at: 100 };
  const said = { epoch: 1, seq: 7, audience: 'https://api.example', version: RELEASE };
  await reporter.confirm(head, 102_000);
  fault = 'feed_unreachable';
  await reporter.confirm(head, 109_000);
  await reporter.confirm(head, 110_000);
  expect(sent).toEqual([
    { ...said, head_age: 2 },
    { ...said, head_age: 9, error: 'feed_unreachable' },
  ]);
});

test('the release that verifiers report is that of the package', () => {
  expect(RELEASE).toBe(manifest.version);
});

describe('a confirmation over HTTP', () => {
  test('goes to the shard with the credential, and a rejection is an error', async () => {
    let status = 204;
    const received: unknown[] = [];
    await using server = await serve((request, response) => {
      const { method, url, headers } = request;
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        received.push([method, url, headers.authorization, JSON.parse(body)]);
        if (status === 204) response.writeHead(204).end();
        else json(response, { error: 'unauthorized' }, status);
      });
    });
    const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
    const confirmation = { verifier: 'node-1', epoch: 1, seq: 7 };
    await send(3, confirmation);
    expect(received).toEqual([['POST', '/feed/v2/3/confirm', 'Bearer mine', confirmation]]);
    status = 401;
    await expect(send(3, confirmation)).rejects.toMatchObject({ name: 'credential_refused' });
  });

  test('follows no redirect, because the credential is for the issuer only', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
    });
    const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
    await expect(send(0, { verifier: 'a', epoch: 1, seq: 1 })).rejects.toThrow();
    expect(server.asked).toHaveLength(1);
  });
});
