import { describe, expect, test } from 'vitest';
import { SingleFlight } from '../../src/single-flight.ts';

describe('a single flight', () => {
  test('is shared while it lasts, and begun anew after', async () => {
    let runs = 0;
    const flight = new SingleFlight(async () => ++runs, 1_000);
    expect(await Promise.all([flight.join(), flight.join()])).toEqual([1, 1]);
    expect(await flight.join()).toBe(2);
  });

  test('is given up on after its bound by everyone, and does not block the next', async () => {
    let runs = 0;
    const flight = new SingleFlight(
      () => (++runs === 1 ? new Promise<number>(() => {}) : Promise.resolve(runs)),
      20,
    );
    expect(await Promise.all([flight.join(), flight.join()])).toEqual([undefined, undefined]);
    expect(await flight.join()).toBe(2);
  });

  test('that failed fails those who wait, and not the next', async () => {
    let runs = 0;
    const flight = new SingleFlight(async () => {
      if (++runs === 1) throw new Error('down');
      return runs;
    }, 1_000);
    await expect(flight.join()).rejects.toThrow('down');
    expect(await flight.join()).toBe(2);
  });

  test('that ends after it was given up on does not end the one after it', async () => {
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
