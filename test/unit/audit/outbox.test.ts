import { describe, expect, test } from 'vitest';
import { type DecisionRecord, RecordOutbox } from '../../../src/audit/index.ts';
import { RECORDS_QUEUED_MAX } from '../../../src/limits.ts';

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
  test('sends in order, a hundred at most in a batch', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, fill } = outboxWith(async (batch) => void sent.push(batch));
    fill(250);
    await outbox.flush();
    expect(sent).toEqual([upTo(1, 100), upTo(101, 200), upTo(201, 250)]);
    expect(outbox.waiting).toBe(0);
    await outbox.flush();
    expect(sent).toHaveLength(3);
  });

  test('keeps what a throwing sink did not take, and sends it again', async () => {
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

  test('sends one batch at a time, and what came in meanwhile after it', async () => {
    const sent: (readonly number[])[] = [];
    const { outbox, fill } = outboxWith(async (batch) => {
      if (sent.length === 0) fill(1);
      sent.push(batch);
    });
    fill(1);
    await Promise.all([outbox.flush(), outbox.flush()]);
    expect(sent).toEqual([[1], [2]]);
  });

  test('drops the oldest over its bound, and the numbers show the gap', async () => {
    const sent: number[] = [];
    const { outbox, fill } = outboxWith(async (batch) => void sent.push(...batch));
    fill(RECORDS_QUEUED_MAX + 5);
    expect(outbox.waiting).toBe(RECORDS_QUEUED_MAX);
    await outbox.flush();
    expect(sent).toEqual(upTo(6, RECORDS_QUEUED_MAX + 5));
  });

  test('is not held up for ever by a sink that never answers', async () => {
    const sent: (readonly number[])[] = [];
    let dead = true;
    const { outbox, fill } = outboxWith(async (batch) => {
      if (dead) await new Promise(() => {});
      sent.push(batch);
    }, 20);
    fill(1);
    await outbox.flush();
    dead = false;
    await outbox.flush();
    expect(sent).toEqual([[1]]);
    expect(outbox.waiting).toBe(0);
  });
});
