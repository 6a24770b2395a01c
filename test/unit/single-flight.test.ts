import { describe, expect, test } from 'vitest';
import { SingleFlight } from '../../src/single-flight.ts';

const pass = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));

describe('a single flight', () => {
  test('is shared while it lasts, and starts again afterwards', async () => {
    let runs = 0;
    const flight = new SingleFlight(async () => ++runs, 1_000);
    expect(await Promise.all([flight.join(), flight.join()])).toEqual([1, 1]);
    expect(await flight.join()).toBe(2);
  });

  test('is abandoned by everyone after its limit, and does not block the next', async () => {
    let runs = 0;
    const flight = new SingleFlight(
      () => (++runs === 1 ? new Promise<number>(() => {}) : Promise.resolve(runs)),
      20,
    );
    expect(await Promise.all([flight.join(), flight.join()])).toEqual([undefined, undefined]);
    expect(await flight.join()).toBe(2);
  });

  test('that fails, fails its waiters and not the next run', async () => {
    let runs = 0;
    const flight = new SingleFlight(async () => {
      if (++runs === 1) throw new Error('down');
      return runs;
    }, 1_000);
    await Promise.all([
      expect(flight.join()).rejects.toThrow('down'),
      expect(flight.join()).rejects.toThrow('down'),
    ]);
    expect(await flight.join()).toBe(2);
  });

  test('that ends after it was abandoned does not end the one after it', async () => {
    const ends: ((value: string) => void)[] = [];
    const flight = new SingleFlight(() => new Promise<string>((end) => ends.push(end)), 20);
    expect(await flight.join()).toBeUndefined();
    const next = flight.join();
    ends[0]?.('late');
    await Promise.resolve();
    const joined = flight.join();
    ends[1]?.('in time');
    expect(await Promise.all([next, joined])).toEqual(['in time', 'in time']);
    expect(ends).toHaveLength(2);
  });
});

describe('a run that begins after the call', () => {
  test('is never the one under way, and is shared by all waiters', async () => {
    let said = 'old';
    let runs = 0;
    const flight = new SingleFlight(async () => {
      runs += 1;
      const seen = said;
      await pass(20);
      return seen;
    }, 30_000);
    const first = flight.joinNext();
    said = 'new';
    const later = Array.from({ length: 50 }, () => flight.joinNext());
    expect(await first).toBe('old');
    expect(new Set(await Promise.all(later))).toEqual(new Set(['new']));
    expect(runs).toBe(2);
  });

  test('does not wait long for one whose request has ended', async () => {
    let runs = 0;
    const flight = new SingleFlight(
      () => (++runs === 1 ? new Promise<number>(() => {}) : Promise.resolve(runs)),
      { millisecondsMax: 30_000, patienceMilliseconds: 50 },
    );
    void flight.joinNext();
    const began = performance.now();
    expect(await flight.joinNext()).toBe(2);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('is one of few, however many callers ask for something that never answers', async () => {
    let runs = 0;
    const flight = new SingleFlight(
      () => {
        runs += 1;
        return new Promise<number>(() => {});
      },
      { millisecondsMax: 200, patienceMilliseconds: 50 },
    );
    const asked: Promise<number | undefined>[] = [];
    const began = performance.now();
    for (let burst = 0; burst < 20; burst += 1) {
      for (let n = 0; n < 50; n += 1) asked.push(flight.joinNext());
      await pass(10);
    }
    expect(new Set(await Promise.all(asked))).toEqual(new Set([undefined]));
    // A thousand callers, and a run each 50 ms, however long a busy machine takes.
    expect(runs).toBeLessThanOrEqual(Math.ceil((performance.now() - began) / 50) + 1);
    expect(runs).toBeGreaterThan(1);
  });

  test('that ends early is not replaced by an earlier one that ends late', async () => {
    const ends: ((value: string) => void)[] = [];
    const flight = new SingleFlight(() => new Promise<string>((end) => ends.push(end)), {
      millisecondsMax: 30_000,
      patienceMilliseconds: 10,
    });
    const first = flight.joinNext();
    const second = flight.joinNext();
    await expect.poll(() => ends.length).toBe(2);
    ends[1]?.('second');
    ends[0]?.('first');
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  });
});
