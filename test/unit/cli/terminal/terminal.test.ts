import { expect, test } from 'vitest';
import {
  createProgress,
  cutText,
  isColoured,
  paint,
  renderFacts,
  showAge,
  showTime,
  showTimestamp,
  textWidth,
  widthOf,
} from '../../../../src/cli/terminal/index.ts';
import { readTime } from '../../../../src/cli/time.ts';

const AT = Date.parse('2026-11-23T10:00:00.250Z');
const PIPE = { outIsTerminal: false };
const terminal = (zone: string) => ({ outIsTerminal: true, columns: 80, zone });

test('a time is local with its zone on a terminal, and RFC 3339 in UTC elsewhere', () => {
  expect(showTime(PIPE, AT)).toBe('2026-11-23T10:00:00Z');
  expect(showTime(PIPE, AT, 'milliseconds')).toBe('2026-11-23T10:00:00.250Z');
  expect(showTime(terminal('Europe/Berlin'), AT)).toBe('2026-11-23 11:00:00 +01:00');
  expect(showTime(terminal('America/St_Johns'), AT)).toBe('2026-11-23 06:30:00 -03:30');
  expect(showTime(terminal('UTC'), AT, 'milliseconds')).toBe('2026-11-23 10:00:00.250 +00:00');
  expect(showTime(terminal('Asia/Tokyo'), Date.parse('2026-11-23T15:00:00Z'))).toBe(
    '2026-11-24 00:00:00 +09:00',
  );
});

test('a time that Date cannot hold, or a text that is no time, does not throw', () => {
  expect(showTime(PIPE, 1e18)).toMatch(/^\+275760-09-13/);
  expect(showTimestamp(PIPE, 'soon')).toBe('soon');
});

test('a time that was shown can be passed to a flag', () => {
  const now = new Date(AT);
  for (const zone of ['Europe/Berlin', 'America/St_Johns', 'UTC']) {
    const shown = showTime(terminal(zone), AT, 'milliseconds');
    expect(readTime('since', shown, now), shown).toEqual({ ok: true, value: AT });
  }
  expect(readTime('since', '2h', now)).toEqual({ ok: true, value: AT - 7_200_000 });
  expect(readTime('until', '2h', now, 'ahead')).toEqual({ ok: true, value: AT + 7_200_000 });
  for (const text of ['yesterday', '2026-11-23', '2026-11-23 10:00:00', '2026-13-23T10:00:00Z']) {
    expect(readTime('since', text, now), text).toMatchObject({ ok: false });
  }
});

test.each([
  [-5, 'in 5s'],
  [0, '0s ago'],
  [59, '59s ago'],
  [3_599, '59m ago'],
  [86_399, '23h ago'],
  [200_000, '2d ago'],
])('%i s is %s', (seconds, text) => {
  expect(showAge(AT, AT - seconds * 1000)).toBe(text);
});

test('colour is for terminals without NO_COLOR that understand it', () => {
  const with_ = (variables: Record<string, string>) => (name: string) => variables[name];
  expect(isColoured(true, with_({}))).toBe(true);
  expect(isColoured(true, with_({ NO_COLOR: '' }))).toBe(true);
  expect(isColoured(true, with_({ NO_COLOR: '1' }))).toBe(false);
  expect(isColoured(true, with_({ TERM: 'dumb' }))).toBe(false);
  expect(isColoured(false, with_({}))).toBe(false);
  expect(paint({ outIsTerminal: true, isColoured: true }, 'good', 'a')).toBe(
    '\u001b[32ma\u001b[39m',
  );
  expect(paint({ outIsTerminal: true }, 'good', 'a')).toBe('a');
});

test('a terminal without a width has 80 columns', () => {
  expect(widthOf(PIPE)).toBeUndefined();
  expect(widthOf({ outIsTerminal: true })).toBe(80);
  expect(widthOf({ outIsTerminal: true, columns: 0 })).toBe(80);
  expect(widthOf({ outIsTerminal: true, columns: 120 })).toBe(120);
});

test('a long text is cut where it may be, to exactly the space that there is', () => {
  expect(cutText('report-agent-7', 10, 'end')).toBe('report-ag…');
  expect(cutText('report-agent-7', 10, 'middle')).toBe('repo…ent-7');
  expect(cutText('日本語日本語', 6, 'end')).toBe('日本…');
  expect(cutText('short', 10, 'end')).toBe('short');
  expect(textWidth(cutText('日本語日本語', 6, 'middle'))).toBeLessThanOrEqual(6);
});

test('facts are wrapped below themselves on a terminal, and one line each elsewhere', () => {
  const facts = [{ name: 'task', value: 'write the weekly report of the growth team' }];
  expect(renderFacts(PIPE, facts)).toEqual([`  task        ${facts[0]?.value}`]);
  expect(renderFacts({ outIsTerminal: true, columns: 40 }, facts)).toEqual([
    '  task        write the weekly report of',
    '              the growth team',
  ]);
  expect(renderFacts(PIPE, [{ name: 'task', value: 'a\u001b[2J\nb' }])).toEqual([
    '  task        a\\u{1b}[2J\\u{a}b',
  ]);
});

test('progress waits a moment, replaces its own line ten times a second, and is removed', () => {
  const written: string[] = [];
  let now = 0;
  const progress = createProgress(
    (text) => written.push(text),
    () => 20,
    () => now,
  );
  progress.clear();
  progress.show('0 records');
  now = 400;
  progress.show('1 record');
  progress.show('2 records');
  now = 500;
  progress.show(`3 records\u001b[2J ${'x'.repeat(40)}`);
  progress.clear();
  progress.clear();
  expect(written).toEqual([
    '\r\u001b[2K1 record',
    '\r\u001b[2K3 records\\u{1b}[2J…',
    '\r\u001b[2K',
  ]);
});
