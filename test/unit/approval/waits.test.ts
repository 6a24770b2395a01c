import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { preferredWait } from '../../../workers/issuer/approval/prefer.ts';
import { WAITS_MAX, WAITS_PER_AGENT_MAX, Waits } from '../../../workers/issuer/approval/waits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a request that waits for a person', () => {
  test('ends when its question is answered, and no other does', async () => {
    const waits = new Waits();
    const [one, same, other] = ['apr_1', 'apr_1', 'apr_2'].map((id) => waits.until(id, 'a', 500));
    waits.wake('apr_1');
    expect(await Promise.all([one, same])).toEqual(['answered', 'answered']);
    vi.advanceTimersByTime(500);
    expect(await other).toBe('over');
  });

  test('ends when its time is up', async () => {
    const wait = new Waits().until('apr_1', 'a', 500);
    vi.advanceTimersByTime(500);
    expect(await wait).toBe('over');
  });

  test('does not wait if its agent has eight that do, until one of them has ended', async () => {
    const waits = new Waits();
    for (let n = 0; n < WAITS_PER_AGENT_MAX; n++) void waits.until(`apr_${n}`, 'a', 500);
    expect(await waits.until('apr_9', 'a', 500)).toBe('full');
    const other = waits.until('apr_9', 'b', 500);
    waits.wake('apr_0');
    const next = waits.until('apr_9', 'a', 500);
    waits.wake('apr_9');
    expect(await Promise.all([other, next])).toEqual(['answered', 'answered']);
  });

  test('does not wait beyond the bound for all agents', async () => {
    const waits = new Waits();
    for (let n = 0; n < WAITS_MAX; n++) void waits.until('apr_1', `agent-${n}`, 500);
    expect(await waits.until('apr_1', 'another', 500)).toBe('full');
    waits.wake('apr_1');
  });
});

test.each([
  ['wait=7', 7],
  ['respond-async, WAIT = "7"', 7],
  ['wait=7; x=1, return=minimal', 7],
  ['wait=9999', 20],
  ['wait=0', 0],
  ['wait=-1', 0],
  ['wait=7s', 0],
  ['await=7', 0],
  ['wait=99999', 0],
  ['', 0],
])('a request that prefers `%s` may wait for %i seconds', (prefer, seconds) => {
  expect(preferredWait(new Headers({ prefer }))).toBe(seconds);
});
