import { describe, expect, test, vi } from 'vitest';
import { createReport, type ReportLine } from '../../src/report.ts';

function reporting() {
  const lines: ReportLine[] = [];
  const clock = { now: 1_000_000 };
  const report = createReport({ write: (line) => lines.push(line), now: () => clock.now });
  return { lines, clock, report };
}

describe('a reporter', () => {
  test('writes the first event of a kind at once, with its detail', () => {
    const { lines, report } = reporting();
    report('feed.refused', { code: 'head_fork', shard: 0 });
    expect(lines).toEqual([{ event: 'feed.refused', code: 'head_fork', shard: 0, count: 1 }]);
  });

  test('writes one line per second during an outage, and loses no count', () => {
    const { lines, clock, report } = reporting();
    for (let at = 0; at <= 3_000; at += 10) {
      clock.now = 1_000_000 + at;
      report('feed.failed', { code: 'feed_unreachable' });
    }
    expect(lines.map(({ count }) => count)).toEqual([1, 100, 100, 100]);
  });

  test('one kind does not hide another kind with a different event or code', () => {
    const { lines, report } = reporting();
    report('feed.refused', { code: 'head_rollback' });
    report('feed.refused', { code: 'head_fork' });
    report('outbox.failed');
    report('feed.refused', { code: 'head_rollback' });
    expect(lines.map(({ event, code }) => [event, code])).toEqual([
      ['feed.refused', 'head_rollback'],
      ['feed.refused', 'head_fork'],
      ['outbox.failed', undefined],
    ]);
  });

  test('the next event of any kind reports the end of a burst', () => {
    const { lines, clock, report } = reporting();
    for (let count = 0; count < 5; count += 1) report('feed.failed', { n: count });
    clock.now += 60_000;
    report('socket.lost');
    expect(lines.slice(1)).toEqual([
      { event: 'feed.failed', n: 4, count: 4 },
      { event: 'socket.lost', count: 1 },
    ]);
  });

  test('a clock that goes back silences nothing', () => {
    const { lines, clock, report } = reporting();
    report('feed.failed');
    clock.now -= 600_000;
    report('feed.failed');
    expect(lines).toHaveLength(2);
  });

  test('the number of kinds that a caller can invent is bounded', () => {
    const { lines, report } = reporting();
    for (let n = 0; n < 1_000; n += 1) report('feed.failed', { code: `made-up-${n}` });
    expect(lines.length).toBeLessThanOrEqual(257);
  });
});

describe("a caller's reporter", () => {
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('x');
      },
    ],
    ['rejects', () => Promise.reject(new Error('x'))],
  ])('that %s breaks nothing else', async (_, given) => {
    // The reporter of the process may hold back lines of other tests.
    vi.resetModules();
    const { reportTo } = await import('../../src/report.ts');
    const lines = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    reportTo(given as never, `an.event.that.${_}`);
    await new Promise((passed) => setTimeout(passed, 10));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(lines.mock.calls[0]?.[0]).toMatchObject({ event: 'report.failed' });
    lines.mockRestore();
  });
});
