import { describe, expect, test } from 'vitest';
import { createTranscript, wantsColours } from '../../../scripts/walk-through/index.ts';

const recorded = (colours = false) => {
  const lines: string[] = [];
  return { lines, transcript: createTranscript((text) => lines.push(text), { colours }) };
};

describe('the transcript of the walk-through', () => {
  test('prints one line per step: what was tried, the outcome and the reason', () => {
    const { lines, transcript } = recorded();
    transcript.chapter('First');
    transcript.step({ what: 'read a', verdict: 'allowed', why: 'it is granted' });
    transcript.step({ what: 'read b', verdict: 'denied', why: 'no grant', expected: undefined });
    transcript.check(true, 'nothing arrived', 'something arrived');
    expect(lines).toEqual([
      '\n1. First\n',
      '  allowed  read a: it is granted\n',
      '  denied   read b: no grant\n',
      '  holds    nothing arrived\n',
    ]);
    expect(transcript.count()).toEqual({ steps: 3, failed: 0 });
  });

  test('marks each step that did not go as expected, and counts it', () => {
    const { lines, transcript } = recorded();
    transcript.step({ what: 'read b', verdict: 'allowed', why: 'answered', expected: 'no_grant' });
    transcript.check(false, 'nothing arrived', 'something arrived');
    expect(lines).toEqual([
      '  FAILED   read b: allowed: answered; expected: no_grant\n',
      '  FAILED   something arrived\n',
    ]);
    expect(transcript.count()).toEqual({ steps: 2, failed: 2 });
  });

  test('wraps a long quotation', () => {
    const { lines, transcript } = recorded();
    transcript.quote('word '.repeat(60));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThan(120);
  });

  test('uses colours only if the caller asks for them', () => {
    const plain = recorded();
    const coloured = recorded(true);
    for (const { transcript } of [plain, coloured]) {
      transcript.step({ what: 'read a', verdict: 'allowed', why: 'yes' });
    }
    expect(plain.lines.join('')).not.toContain('\u001b');
    expect(coloured.lines.join('')).toContain('\u001b');
  });
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: false }, {}, false],
  [{}, {}, false],
])('wantsColours(%j, %j) is %s', (stream, environment, wanted) => {
  expect(wantsColours(stream, environment)).toBe(wanted);
});
