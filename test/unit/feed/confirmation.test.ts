import { describe, expect, test } from 'vitest';
import { confirmOverHttp, FeedReporter } from '../../../src/feed/index.ts';
import { json, serve } from '../fixtures/log.ts';

function scene(options: { fails?: boolean } = {}) {
  const told: number[] = [];
  const failures: unknown[] = [];
  const state = { fails: options.fails ?? false };
  const reporter = new FeedReporter({
    verifier: 'node-1',
    failed: (error) => failures.push(error),
    send: async (_shard, { seq }) => {
      if (state.fails) throw new Error('down');
      told.push(seq);
    },
  });
  return { told, failures, state, reporter };
}

describe('a reporter', () => {
  test('tells of each new place, and of the same one once a minute', async () => {
    const { reporter, told } = scene();
    await reporter.confirm(undefined, 0);
    for (const now of [0, 1_000, 59_999]) await reporter.confirm({ epoch: 1, seq: 7 }, now);
    expect(told).toEqual([7]);
    await reporter.confirm({ epoch: 1, seq: 8 }, 59_999);
    await reporter.confirm({ epoch: 1, seq: 8 }, 119_999);
    expect(told).toEqual([7, 8, 8]);
  });

  test('tells again what did not arrive', async () => {
    const { reporter, told, failures, state } = scene({ fails: true });
    await reporter.confirm({ epoch: 1, seq: 7 }, 0);
    expect([told, failures]).toEqual([[], [new Error('down')]]);
    state.fails = false;
    await reporter.confirm({ epoch: 1, seq: 7 }, 1_000);
    expect(told).toEqual([7]);
  });
});

describe('records that a verifier has numbered', () => {
  function numbering() {
    const told: (number | undefined)[] = [];
    const state = { n: 0, isBehind: false };
    const reporter = new FeedReporter({
      verifier: 'node-1',
      send: async (_shard, { records }) => void told.push(records?.[0]?.n),
      records: () => ({
        counts: state.n === 0 ? [] : [{ origin: 'default', n: state.n }],
        isBehind: state.isBehind,
      }),
    });
    return { told, state, tell: (now: number) => reporter.confirm({ epoch: 1, seq: 7 }, now) };
  }

  test('are told of with each confirmation, and where there are none nothing is said', async () => {
    const { told, state, tell } = numbering();
    await tell(0);
    state.n = 5;
    await tell(1_000);
    await tell(60_000);
    expect(told).toEqual([undefined, 5]);
  });

  test('are told of at once while they wait, four times a second at most', async () => {
    const { told, state, tell } = numbering();
    await tell(0);
    state.isBehind = true;
    for (let now = 0; now <= 1_000; now += 50) {
      state.n += 1;
      await tell(now);
    }
    expect(told).toEqual([undefined, 6, 11, 16, 21]);
    // What was told is not told again.
    await tell(2_000);
    expect(told).toHaveLength(5);
  });

  test('are told of anew where that did not arrive', async () => {
    let isDown = true;
    const told: unknown[] = [];
    const reporter = new FeedReporter({
      verifier: 'node-1',
      send: async (_shard, { records }) => {
        if (isDown) throw new Error('down');
        told.push(records);
      },
      records: () => ({ counts: [{ origin: 'default', n: 3 }], isBehind: true }),
      failed: () => undefined,
    });
    await reporter.confirm({ epoch: 1, seq: 7 }, 0);
    isDown = false;
    await reporter.confirm({ epoch: 1, seq: 7 }, 1);
    expect(told).toEqual([[{ origin: 'default', n: 3 }]]);
  });
});

test('an issuer of 0.1.0, which knows no numbers of records, is told the rest', async () => {
  const heard: unknown[] = [];
  await using server = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const said = JSON.parse(body) as { records?: unknown };
      heard.push(said);
      if (said.records) json(response, { error: 'invalid_request' }, 400);
      else response.writeHead(204).end();
    });
  });
  const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
  const place = { verifier: 'node-1', epoch: 1, seq: 7 };
  const records = [{ origin: 'default', n: 3 }];
  await send(0, { ...place, records });
  expect(heard).toEqual([{ ...place, records }, place]);
});

describe('a confirmation over HTTP', () => {
  test('goes to the shard with the credential, and a refusal is told', async () => {
    let status = 204;
    const heard: unknown[] = [];
    await using server = await serve((request, response) => {
      const { method, url, headers } = request;
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push([method, url, headers.authorization, JSON.parse(body)]);
        if (status === 204) response.writeHead(204).end();
        else json(response, { error: 'unauthorized' }, status);
      });
    });
    const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
    const confirmation = { verifier: 'node-1', epoch: 1, seq: 7 };
    await send(3, confirmation);
    expect(heard).toEqual([['POST', '/feed/v2/3/confirm', 'Bearer mine', confirmation]]);
    status = 401;
    await expect(send(3, confirmation)).rejects.toThrow('401');
  });

  test('follows no redirect: the credential is for the issuer', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
    });
    const send = confirmOverHttp({ issuer: server.url, credential: 'mine' });
    await expect(send(0, { verifier: 'a', epoch: 1, seq: 1 })).rejects.toThrow();
    expect(server.asked).toHaveLength(1);
  });
});
