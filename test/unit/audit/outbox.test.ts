import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type DecisionRecord,
  type Outcome,
  RecordOutbox,
  type RecordSink,
  type VerifierRecord,
} from '../../../src/audit/index.ts';
import { RECORDS_QUEUED_MAX } from '../../../src/audit/outbox.ts';

// The outbox reads no other clock and waits for nothing else, so no test waits for a real clock.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** Returns the value of a promise that takes at most so long, or never settles. */
async function inTime<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  return promise;
}

const record = (n: number): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  at: n,
  verifier: 'v',
  n,
  blocks: [],
  allowed: true,
});

function outboxWith(send: (numbers: readonly number[]) => Promise<void>, milliseconds?: number) {
  const outbox = new RecordOutbox('v', (batch) => send(batch.map(({ n }) => n)), milliseconds);
  const fill = (count: number) => {
    for (let i = 0; i < count; i++) outbox.add(record(outbox.next()));
  };
  return { outbox, fill };
}

const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('an outbox', () => {
  test('sends records in order, at most a hundred per batch', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, fill } = outboxWith(async (batch) => void sent.push(batch));
    fill(250);
    await outbox.flush();
    expect(sent).toEqual([upTo(1, 100), upTo(101, 200), upTo(201, 250)]);
    expect(outbox.waiting).toBe(0);
    await outbox.flush();
    expect(sent).toHaveLength(3);
  });

  test('keeps records that a throwing sink did not take, and sends them again', async () => {
    const sent: (readonly number[])[] = [];
    let down = true;
    const { outbox, fill } = outboxWith(async (batch) => {
      if (down) throw new Error('down');
      sent.push(batch);
    });
    fill(2);
    await outbox.flush();
    expect(outbox.waiting).toBe(2);
    fill(1);
    down = false;
    await outbox.flush();
    expect(sent).toEqual([[1, 2, 3]]);
  });

  test('sends one batch at a time, and later records after it', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, fill } = outboxWith(async (batch) => {
      if (sent.length === 0) fill(1);
      sent.push(batch);
    });
    fill(1);
    await inTime(50, Promise.all([outbox.flush(), outbox.flush()]));
    expect(sent).toEqual([[1], [2]]);
  });

  test('drops the oldest records of a full queue, and the numbers show the gap', async () => {
    const sent: number[] = [];
    const { outbox, fill } = outboxWith(async (batch) => void sent.push(...batch));
    fill(RECORDS_QUEUED_MAX + 5);
    expect(outbox.waiting).toBe(RECORDS_QUEUED_MAX);
    await outbox.flush();
    expect(sent).toEqual(upTo(6, RECORDS_QUEUED_MAX + 5));
  });

  test('is not blocked permanently by a sink that never answers', async () => {
    const sent: (readonly number[])[] = [];
    let dead = true;
    const { outbox, fill } = outboxWith(async (batch) => {
      if (dead) await new Promise(() => {});
      sent.push(batch);
    }, 20);
    fill(1);
    await inTime(20, outbox.flush());
    dead = false;
    await outbox.flush();
    expect(sent).toEqual([[1]]);
    expect(outbox.waiting).toBe(0);
  });
});

const OUTCOME: Outcome = { status: 200, result: 'ok', bytes: 1, milliseconds: 1 };
const later = (milliseconds: number) => new Promise((passed) => setTimeout(passed, milliseconds));
const quiet = () => undefined;

/** An outbox, and the numbers of the records that its sink has taken, in whole batches. */
function outboxTo(send: RecordSink, milliseconds = 1_000) {
  const outbox = new RecordOutbox('v', send, milliseconds, quiet);
  const added = () => {
    const one = record(outbox.next());
    outbox.add(one);
    return one;
  };
  return { outbox, added };
}

describe('a record that is written before its call', () => {
  test('is awaited, and records that are added later are not', async () => {
    const { outbox, added } = outboxTo(async () => {
      added(); // Other requests keep adding records.
      await later(20);
    });
    added();
    expect(await inTime(20, outbox.addFirst(record(outbox.next())))).toBe(true);
    expect(outbox.waiting).toBeGreaterThan(0);
  });

  test("is written even if another request's batch hangs", async () => {
    const written: number[] = [];
    let isHanging = true;
    const { outbox, added } = outboxTo(async (batch) => {
      if (isHanging) {
        isHanging = false;
        await new Promise(() => {});
      }
      written.push(...batch.map(({ n }) => n));
    });
    added();
    void outbox.flush();
    expect(await outbox.addFirst(record(outbox.next()))).toBe(true);
    // Together with the records before it, so that the log sees no gap.
    expect(written).toEqual([1, 2]);
  });

  test.each<[string, RecordSink]>([
    ['fails', () => Promise.reject(new Error('down'))],
    ['refuses it', async (batch) => batch.map(({ id }) => id)],
    ['never answers', () => new Promise(() => {})],
  ])(
    'is not considered written if the sink %s, and the caller waits for a bounded time',
    async (_, send) => {
      const { outbox } = outboxTo(send, 30);
      expect(await inTime(60, outbox.addFirst(record(outbox.next())))).toBe(false);
    },
  );

  test('is only written at first, and is counted when the outbox is flushed', async () => {
    const sent: (string | undefined)[] = [];
    const { outbox } = outboxTo(async (_batch, how) => void sent.push(how));
    await outbox.addFirst(record(outbox.next()));
    await outbox.flush();
    expect(sent).toEqual(['log_only', undefined]);
    expect(outbox.waiting).toBe(0);
  });
});

describe('the record of a call that is being made', () => {
  const opened = (milliseconds: number) => {
    const sent: VerifierRecord[] = [];
    const { outbox, added } = outboxTo(async (batch) => void sent.push(...batch));
    const open = record(outbox.next());
    outbox.open(open, milliseconds);
    return { outbox, added, open, sent };
  };

  test('contains its outcome if that is known soon', async () => {
    const { outbox, open, sent } = opened(1_000);
    outbox.close(open, OUTCOME);
    await outbox.flush();
    expect(sent).toEqual([{ ...open, outcome: OUTCOME }]);
  });

  test('is sent without the outcome of a slow call, and the outcome follows', async () => {
    const { outbox, open, sent } = opened(60);
    await inTime(100, outbox.flush());
    expect(sent).toEqual([open]);
    outbox.close(open, OUTCOME);
    await outbox.flush();
    expect(sent[1]).toMatchObject({ event: 'outcome', n: 2, decision: open.id, outcome: OUTCOME });
  });

  test('is sent before records with higher numbers, because the log would record a gap', async () => {
    const { outbox, added, open, sent } = opened(80);
    added();
    await inTime(100, outbox.flush());
    expect(sent.map(({ n }) => n)).toEqual([open.n, 2]);
  });

  test('does not hold up a record that must be written before its call', async () => {
    const { outbox, open, sent } = opened(60_000);
    expect(await outbox.addFirst(record(outbox.next()))).toBe(true);
    expect(sent.map(({ n }) => n)).toEqual([open.n, 2]);
    outbox.close(open, OUTCOME);
    await outbox.flush();
    // The log has the first version, so the outcome is a separate record.
    expect(sent.at(-1)).toMatchObject({ event: 'outcome', n: 3, decision: open.id });
  });

  test('never gets its outcome in a second version, which the log would ignore', async () => {
    const sent: VerifierRecord[] = [];
    let isDown = true;
    const { outbox } = outboxTo(async (batch) => {
      if (!isDown) sent.push(...batch);
      else throw new Error('the answer was lost');
    });
    const open = record(outbox.next());
    outbox.open(open, 0);
    await outbox.flush();
    outbox.close(open, OUTCOME);
    isDown = false;
    await outbox.flush();
    expect(sent.map(({ event }) => event)).toEqual(['decision', 'outcome']);
  });
});

test('failed batches, refused records and dropped records are each reported', async () => {
  const lines: string[] = [];
  let answer: 'fail' | 'refuse' = 'fail';
  const send: RecordSink = async (batch) => {
    if (answer === 'fail') throw new TypeError('down');
    return batch.map(({ id }) => id);
  };
  const outbox = new RecordOutbox('v', send, 1_000, (event) => lines.push(event));
  outbox.add(record(outbox.next()));
  expect(await outbox.flush()).toBe(false);
  answer = 'refuse';
  expect(await outbox.flush()).toBe(true);
  for (let i = 0; i <= RECORDS_QUEUED_MAX; i++) outbox.add(record(outbox.next()));
  expect(lines).toEqual(['outbox.failed', 'outbox.refused', 'outbox.dropped']);
  expect(outbox.highest).toBe(RECORDS_QUEUED_MAX + 2);
});

test('is behind if sendable records are not sent, but not while one waits for its outcome or for others', () => {
  const { outbox, added } = outboxTo(async () => undefined);
  const start = Date.now();
  expect(outbox.isBehind(start)).toBe(false);
  const open = record(outbox.next());
  outbox.open(open, 1_000);
  added();
  expect(outbox.isBehind(start + 900)).toBe(false);
  expect(outbox.isBehind(start + 2_200)).toBe(false);
  expect(outbox.isBehind(start + 2_400)).toBe(true);
  outbox.close(open, OUTCOME);
  expect(outbox.isBehind(start + 2_200)).toBe(false);
  expect(outbox.isBehind(start + 2_400)).toBe(true);
});

test('a clock that steps back holds up no record', async () => {
  const { outbox, added } = outboxTo(async () => undefined);
  const now = Date.now;
  try {
    Date.now = () => now() + 3_600_000;
    outbox.open(record(outbox.next()), 1_000);
    void added();
    Date.now = now;
    expect(await outbox.flush()).toBe(true);
  } finally {
    Date.now = now;
  }
});

describe('an outbox that collects', () => {
  const collecting = () => {
    const sent: number[][] = [];
    const outbox = new RecordOutbox('v', async (batch) => void sent.push(batch.map(({ n }) => n)));
    const add = (canWait = true) => outbox.add(record(outbox.next()), canWait);
    return { sent, outbox, add };
  };

  test('sends one batch for the requests of two seconds', async () => {
    const { sent, outbox, add } = collecting();
    const ended: boolean[] = [];
    for (let i = 0; i < 5; i++) {
      add();
      void outbox.collect().then((isSent) => ended.push(isSent));
      await vi.advanceTimersByTimeAsync(300);
    }
    expect([sent, ended]).toEqual([[], [true, true, true, true]]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toEqual([[1, 2, 3, 4, 5]]);
    expect(ended).toHaveLength(5);
  });

  test('sends at once what is worth a batch, and what may not wait', async () => {
    const { sent, outbox, add } = collecting();
    for (let i = 0; i < 50; i++) add();
    expect(await outbox.collect()).toBe(true);
    expect(sent).toEqual([upTo(1, 50)]);
    add();
    add(false);
    expect(await outbox.collect()).toBe(true);
    expect(sent.at(-1)).toEqual([51, 52]);
  });

  test('waits for nothing if nothing waits', async () => {
    expect(await collecting().outbox.collect()).toBe(true);
  });

  test('sends the records of a request that ended while it waited for others', async () => {
    const { sent, outbox, add } = collecting();
    add();
    // On Workers, the promise of a request that is over never settles.
    void outbox.collect();
    vi.clearAllTimers();
    vi.setSystemTime(Date.now() + 3_000);
    add();
    await outbox.collect();
    expect(sent).toEqual([[1, 2]]);
  });

  test('is not behind while it collects', () => {
    const { outbox, add } = collecting();
    const start = Date.now();
    add();
    expect([2_200, 2_400].map((after) => outbox.isBehind(start + after))).toEqual([false, true]);
  });
});

test('a full outbox loses the records of calls that were not made first', async () => {
  const sent: number[] = [];
  const outbox = new RecordOutbox(
    'v',
    async (batch) => void sent.push(...batch.map(({ n }) => n)),
    undefined,
    quiet,
  );
  const add = (allowed: boolean) => outbox.add({ ...record(outbox.next()), allowed });
  add(true);
  add(false);
  for (let i = 2; i < RECORDS_QUEUED_MAX; i++) add(true);
  add(true);
  add(true);
  await outbox.flush();
  expect(sent).toEqual(upTo(3, RECORDS_QUEUED_MAX + 2));
});

test('an outbox is as full as its log was a moment ago', async () => {
  const outbox = new RecordOutbox('v', async () => ({ refused: [], fill: 0.7 }));
  expect(outbox.fill()).toBe(0);
  outbox.add(record(outbox.next()));
  expect(outbox.fill()).toBe(1 / RECORDS_QUEUED_MAX);
  await outbox.flush();
  expect(outbox.fill()).toBe(0.7);
  expect(outbox.fill(Date.now() + 61_000)).toBe(0);
});
