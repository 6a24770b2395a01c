import { describe, expect, test } from 'vitest';
import { entryBytes, headBytes, snapshotBytes } from '../../../scripts/feed-simulation/bytes.ts';
import { liveAtMost, simulateLive } from '../../../scripts/feed-simulation/live.ts';
import { silenceRequests } from '../../../scripts/feed-simulation/load.ts';
import { simulatePolling } from '../../../scripts/feed-simulation/polling.ts';
import { randomFrom } from '../../../scripts/feed-simulation/random.ts';
import { simulate } from '../../../scripts/feed-simulation/run.ts';
import { entriesPerSecond, type FeedScale, USUAL } from '../../../scripts/feed-simulation/scale.ts';
import { SEND_SECONDS, simulateSockets } from '../../../scripts/feed-simulation/sockets.ts';
import { encodeSnapshot, signHead } from '../../../src/feed/log/index.ts';

/** The simulation, where a closed form gives the expected result. */

const scaled = (changes: Partial<FeedScale>): FeedScale => ({
  ...USUAL,
  verifiers: 1_000,
  locations: 50,
  seconds: 30,
  cacheMilliseconds: 0,
  keepsDeltas: 1,
  ...changes,
});
const polled = (changes: Partial<FeedScale>) => simulatePolling(scaled(changes), randomFrom(7));
/** So many requests that a poll is never late. */
const BUSY = { requests: 100_000 };

/** Within this share of it. */
function expectNear(actual: number, expected: number, share: number): void {
  expect(Math.abs(actual - expected) / expected, `${actual} and ${expected}`).toBeLessThan(share);
}

describe('live entries', () => {
  test.each([
    [10_000_000, 0.01, 3_600],
    [1_000_000, 0.05, 300],
    [10_000_000, 0.5, 900],
  ])('of %i workflows a day, a share of %d, tokens of %i s obey Little', (...inputs) => {
    const [workflows, stoppedShare, tokenSeconds] = inputs;
    const scale = scaled({ workflows, stoppedShare, tokenSeconds });
    const life = 60 + tokenSeconds / 2;
    expectNear(simulateLive(scale, randomFrom(1)), entriesPerSecond(scale) * life, 0.05);
    expect(liveAtMost(scale)).toBeCloseTo(entriesPerSecond(scale) * (60 + tokenSeconds));
  });

  test('are half as many in each of two logs, and none if nothing is stopped', () => {
    const two = simulateLive(scaled({ shards: 2, stoppedShare: 0.1 }), randomFrom(1));
    const one = simulateLive(scaled({ shards: 1, stoppedShare: 0.1 }), randomFrom(1));
    expectNear(two, one / 2, 0.05);
    expect(simulateLive(scaled({ stoppedShare: 0 }), randomFrom(1))).toBe(0);
  });
});

describe('without a cache', () => {
  test('each verifier asks the log once in a poll interval and the wait for a request', () => {
    const { heads, polls } = polled({ requests: 2, pollMilliseconds: 1_000 });
    expectNear(heads, 1_000 / 1.5, 0.02);
    expectNear(polls, 1 / 1.5, 0.02);
  });

  test('a denial is spread evenly over one poll interval', () => {
    const { delays } = polled({ ...BUSY, roundTripMilliseconds: 0, pollMilliseconds: 2_000 });
    expect(delays.length).toBe(1_000 * 40);
    expectNear(delays[delays.length / 2] ?? 0, 1, 0.03);
    expect(delays.at(-1)).toBeLessThan(2.01);
    expect(delays[0]).toBeGreaterThanOrEqual(0);
  });

  test('no verifier requests a delta from an idle log; a busy log sends one per poll', () => {
    expect(polled({ stoppedShare: 0 }).deltas).toBe(0);
    const { deltas, heads } = polled({ stoppedShare: 0.5 });
    // Those that span a full 1,024 are two.
    const entries = entriesPerSecond(scaled({ stoppedShare: 0.5 })) * (1 + 1 / USUAL.requests);
    expectNear(deltas, heads * (1 + entries / 1_024), 0.02);
  });

  test('a verifier moves on as often as there were new entries', () => {
    const changes = { ...BUSY, stoppedShare: 0.01 };
    const rate = entriesPerSecond(scaled(changes));
    expectNear(polled(changes).steps, 1 - Math.exp(-rate), 0.25);
  });
});

describe('through caches', () => {
  test.each([
    [1_000, 20],
    [2_000, 20],
    [5_000, 4],
  ])('a location that caches a head for %i ms asks at most once in that time', (...it) => {
    const [cacheMilliseconds, each] = it;
    const changes = { verifiers: 50 * each, seconds: 120, roundTripMilliseconds: 0 };
    const { heads, polls } = polled({ ...changes, cacheMilliseconds });
    // Polls at one location are random, and each verifier's own are evenly spaced.
    expectNear(heads, 50 / (cacheMilliseconds / 1_000 + 1 / (each * polls)), 0.15);
  });

  test('a denial is at most one life of a cached head later', () => {
    const changes = { ...BUSY, roundTripMilliseconds: 0, cacheMilliseconds: 1_000 };
    const { delays } = polled(changes);
    expect(delays.at(-1)).toBeLessThan(2.05);
    expect(delays.at(-1)).toBeGreaterThan(1.5);
  });

  test('a request during a pending one goes to the log too: a slow log gets more requests', () => {
    const changes = { cacheMilliseconds: 1_000, verifiers: 10_000, locations: 50, seconds: 20 };
    const slow = polled({ ...changes, roundTripMilliseconds: 200 });
    const quick = polled({ ...changes, roundTripMilliseconds: 0 });
    expect(slow.heads).toBeGreaterThan(5 * quick.heads);
  });

  test('a location that caches no deltas lets each verifier ask the log for its own', () => {
    const changes = { cacheMilliseconds: 1_000, stoppedShare: 0.1, keepsDeltas: 0 };
    const { deltas, steps } = polled(changes);
    expectNear(deltas, 1_000 * steps, 0.02);
    expect(polled({ ...changes, keepsDeltas: 1 }).deltas).toBeLessThan(deltas / 2);
  });

  test('relays ask once each, whatever the number behind them', () => {
    const changes = { cacheMilliseconds: 1_000, relays: 9, verifiers: 10_000, seconds: 20 };
    const { heads, relayed } = polled(changes);
    expect(heads).toBeLessThanOrEqual(9);
    expect(heads).toBeGreaterThan(7);
    expect(relayed).toBeGreaterThan(heads);
  });
});

describe('over sockets', () => {
  test('the last subscriber waits for all others, and the thread is busy for each message', () => {
    const scale = scaled({ socketShare: 1, stoppedShare: 0.1, roundTripMilliseconds: 0 });
    const { delays, messages, busy } = simulateSockets(scale, randomFrom(1));
    expectNear(messages, entriesPerSecond(scale) * 1_000, 0.001);
    expect(busy).toBeGreaterThan(messages * SEND_SECONDS);
    expectNear((delays.at(-1) ?? 0) - (delays[0] ?? 0), 1_000 * SEND_SECONDS, 0.05);
  });

  test('an idle log is asked every five seconds, a busy one hardly ever', () => {
    expect(silenceRequests(0)).toBe(0.2);
    expectNear(silenceRequests(0.0001), 0.2, 0.001);
    expect(silenceRequests(10)).toBeLessThan(1e-18);
  });
});

test('sizes are those of the formats', async () => {
  const wire = await signHead(
    {
      v: 2,
      issuer: 'https://issuer.example',
      shard: 0,
      epoch: 1,
      seq: 1_000_000,
      chain: 'ab'.repeat(32),
      count: 100_000,
      issued_at: 1_795_428_000,
      next_update: 1_795_428_005,
      keys: [{ id: 1, publicKey: 'ab'.repeat(32) }],
      watermarks: [],
      snapshot: {
        seq: 999_000,
        chain: 'ab'.repeat(32),
        hash: 'ab'.repeat(32),
        bytes: 800_513,
        count: 100_000,
      },
      delta_from: 998_000,
      previous: null,
    },
    async () => new Uint8Array(64),
  );
  expect(headBytes()).toBe(JSON.stringify(wire).length);
  // Kind, three times and the length; `wf_` and 128 bits in base64url.
  expect(entryBytes()).toBe(19 + 1 + 25);
  const revoked = Array.from({ length: 610 }, (_, index) => {
    return { kind: 'workflow', id: `wf_${index}`, expires: 60 * (1 + (index % 61)) } as const;
  });
  const snapshot = encodeSnapshot({ revoked, stops: [] }, new Uint8Array(16));
  expect(snapshotBytes(scaled({ tokenSeconds: 3_600 }), 610)).toBe(snapshot?.length);
});

test('the same seed gives the same numbers, another seed gives similar ones', () => {
  const [one, again] = [simulate(scaled({})), simulate(scaled({}))];
  expect(again).toEqual(one);
  const other = simulate(scaled({ seed: 2 }));
  expect(other).not.toEqual({ ...one, scale: other.scale });
  expectNear(other.live, one.live, 0.1);
});

test('names the first bottleneck first', () => {
  const [first] = simulate(scaled({ verifiers: 5_000 })).uses;
  expect(first?.what).toBe('requests at one log, a second');
  const entries = { verifiers: 10, stoppedShare: 1, tokenSeconds: 14_400, seconds: 10 };
  const [full] = simulate(scaled(entries)).uses;
  expect(full?.what).toBe('live entries of one log');
});
