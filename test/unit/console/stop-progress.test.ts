import { describe, expect, test } from 'vitest';
import {
  heardVerifiers,
  observeVerifiers,
  type StopProgress,
  stopView,
} from '../../../src/console/workflow/stop-progress.ts';

const ORDERED = Date.parse('2026-11-28T10:42:07Z');
const later = (seconds: number) => ORDERED + seconds * 1000;

const begun: StopProgress = {
  entry: { epoch: 1, seq: 4183 },
  orderedAt: ORDERED,
  refusesBy: { 1: later(60), 2: later(15) },
  verifiers: [],
  confirmedAt: new Map(),
};
const at = (name: string, seq: number, headAge?: number) => ({ name, epoch: 1, seq, headAge });
const seen = (progress: StopProgress, seconds: number, ...verifiers: ReturnType<typeof at>[]) =>
  observeVerifiers(progress, verifiers, later(seconds));
const view = (progress: StopProgress, seconds: number) => stopView(progress, later(seconds), 'UTC');

describe('the count of a stop', () => {
  test('counts verifiers as they confirm', () => {
    const first = seen(begun, 0, at('eu', 4182, 0.4), at('us', 4182, 0.6));
    expect(view(first, 0)).toEqual({
      headline: 'In the feed as entry 4183. 0 of 2 verifiers confirmed.',
      rows: [
        {
          name: 'eu',
          mark: 'wait',
          words: 'refuses writes by 10:42:21, internal reads by 10:43:06 at the latest',
          standing: 'waiting',
        },
        {
          name: 'us',
          mark: 'wait',
          words: 'refuses writes by 10:42:21, internal reads by 10:43:06 at the latest',
          standing: 'waiting',
        },
      ],
      isDone: false,
    });
    const one = seen(first, 0.4, at('eu', 4183, 0.1), at('us', 4182, 1));
    const both = seen(one, 1.2, at('eu', 4190, 0.1), at('us', 4183, 0.1));
    expect(view(both, 2)).toEqual({
      headline: 'In the feed as entry 4183. All 2 verifiers have confirmed.',
      rows: [
        { name: 'eu', mark: 'ok', words: 'refuses, 0.4 s after the order', standing: 'confirmed' },
        { name: 'us', mark: 'ok', words: 'refuses, 1.2 s after the order', standing: 'confirmed' },
      ],
      isDone: true,
    });
  });

  test('says that a silent verifier refuses by itself, and since when', () => {
    const { headline, rows, isDone } = view(
      seen(begun, 1, at('eu', 4183, 0), at('ledger', 4171, 94)),
      1,
    );
    expect(headline).toBe(
      'In the feed as entry 4183. 1 of 2 verifiers confirmed. 1 other refuses by a head that is too old.',
    );
    expect(rows[1]?.words).toBe(
      'refuses tiers 1 to 3 by itself: its head, which is 1 min 34 s old, is too old',
    );
    expect(isDone).toBe(true);
  });

  test('says what a verifier with an ageing head refuses already', () => {
    const progress = seen(begun, 2, at('ledger', 4171, 20));
    expect(view(progress, 2).rows[0]).toMatchObject({
      words: 'refuses writes already, internal reads by 10:42:49 at the latest',
      standing: 'waiting',
    });
    expect(view(progress, 61).isDone).toBe(true);
  });

  test('does not promise a moment that the issuer does not know', () => {
    const unknown = { ...begun, refusesBy: { 1: null, 2: null } };
    expect(view(seen(unknown, 0, at('eu', 1)), 0).rows[0]?.words).toBe('has not confirmed yet');
  });

  test('keeps a confirmation, and a verifier that is no longer listed', () => {
    const one = seen(begun, 1, at('eu', 4183), at('us', 4182));
    const later = seen(one, 2, at('eu', 4100));
    expect(view(later, 2).rows.map(({ name, standing }) => [name, standing])).toEqual([
      ['eu', 'confirmed'],
      ['us', 'waiting'],
    ]);
  });

  test('counts an entry of a later epoch as the entry', () => {
    const progress = observeVerifiers(begun, [{ name: 'eu', epoch: 2, seq: 1 }], later(1));
    expect(view(progress, 1).isDone).toBe(true);
  });

  test('says that no verifier can confirm if none was heard of', () => {
    expect(view(begun, 0)).toEqual({
      headline: 'In the feed as entry 4183. No verifier was heard of lately, so none can confirm.',
      rows: [],
      isDone: true,
    });
  });

  test('counts only verifiers that follow the log of the workflow', () => {
    const reported = (name: string, shard: number, seen: number, head_age?: number) => ({
      ...at(name, 1),
      shard,
      seen_at: new Date(later(seen)).toISOString(),
      head_age,
    });
    const verifiers = [reported('a', 0, -3, 2), reported('b', 7, 0, 1), reported('c', 0, 0)];
    expect(heardVerifiers(verifiers, 'wf_x', ORDERED)).toEqual([at('a', 1, 5), at('c', 1)]);
    expect(heardVerifiers(verifiers, 'wf7_x', ORDERED)).toEqual([at('b', 1, 1)]);
  });
});
