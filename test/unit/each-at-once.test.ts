import { expect, test } from 'vitest';
import { eachAtOnce } from '../../src/each-at-once.ts';

const soon = () => new Promise((passed) => setTimeout(passed, 1));

test('acts on each item once, and on no more at a time than it may', async () => {
  let [running, most] = [0, 0];
  const done: number[] = [];
  await eachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await soon();
    running -= 1;
    done.push(item);
  });
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(most).toBe(3);
});

test('rejects with the first failure once nothing runs any more, and begins nothing after it', async () => {
  let running = 0;
  const begun: number[] = [];
  const all = eachAtOnce([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    running += 1;
    await soon();
    if (item === 2) await soon();
    running -= 1;
    if (item === 1) throw new Error('the first');
    if (item === 2) throw new Error('the second');
  });
  await expect(all).rejects.toThrow('the first');
  expect(running).toBe(0);
  expect(begun).toEqual([1, 2]);
});
