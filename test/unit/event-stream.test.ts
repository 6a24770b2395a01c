import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventStream } from '../../src/event-stream.ts';
import { cpuMilliseconds } from './cpu-time.ts';

/** All events of a stream that arrives in these chunks. */
function eventsOf(pieces: readonly string[]): readonly string[] {
  const stream = new EventStream();
  const events = [...pieces.flatMap((piece) => stream.push(piece)), stream.end()];
  return events.flatMap((event) => event?.data ?? []);
}

test.each([
  ['one line each', 'data: a\n\ndata: b\n\n', ['a', 'b']],
  ['two lines in one event', 'data: a\ndata:b\n\n', ['a\nb']],
  ['CR LF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR alone', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['comments and other fields', ': x\nevent: message\nid: 1\ndata: a\nretry: 1\n\n', ['a']],
  ['events without data', 'event: ping\n\n\n\n: x\n\n', []],
  ['the end without a blank line', 'data: a\n\ndata: b', ['a', 'b']],
  ['the end after a line', 'data: a\n\ndata: b\n', ['a', 'b']],
  ['one leading space, which is removed', 'data:  a\n\n', [' a']],
])('splits a stream into events: %s', (_, text, events) => {
  expect(eventsOf([text])).toEqual(events);
});

test('returns an event at its blank line, before anything follows', () => {
  const stream = new EventStream();
  expect(stream.push('data: a')).toEqual([]);
  expect(stream.push('\n')).toEqual([]);
  expect(stream.push('\n')).toEqual([{ data: 'a' }]);
});

test.each([
  ['id: 7\ndata:\n\n', [{ id: '7', data: '' }]],
  ['retry: 500\n\n', [{ retry: 500 }]],
  ['retry: soon\nevent: message\nid: a\0b\ndata: x\n\n', [{ data: 'x' }]],
  ['event: ping\ndata: x\n\n', [{ type: 'ping', data: 'x' }]],
])('reads the fields of an event: %j', (text, events) => {
  expect(new EventStream().push(text)).toEqual(events);
});

test('counts the characters of the event that is not complete', () => {
  const stream = new EventStream();
  stream.push('data: abc\ndata: de');
  // cspell:ignore abcdata
  expect(stream.pending).toBe('abcdata: de'.length);
  stream.push('\n\n');
  expect(stream.pending).toBe(0);
});

test('returns the same events for any chunks', () => {
  const line = fc.constantFrom('data: a', 'data:b', 'event: x', ': c', '', '', 'data: ');
  const end = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(line, end), { maxLength: 20 }),
      fc.array(fc.nat(120), { maxLength: 30 }),
      (lines, cuts) => {
        const text = lines.flat().join('');
        const at = [0, ...[...cuts].sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((to, index) => text.slice(at[index], to));
        expect(eventsOf(pieces)).toEqual(eventsOf([text]));
      },
    ),
  );
});

test('reads a stream of single characters in linear time', async () => {
  const long = `data: ${'x'.repeat(300_000)}\n\n`;
  const milliseconds = await cpuMilliseconds(() => {
    expect(eventsOf([...long])).toHaveLength(1);
  });
  expect(milliseconds).toBeLessThan(2_000);
});
