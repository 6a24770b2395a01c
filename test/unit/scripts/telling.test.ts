import { describe, expect, test } from 'vitest';
import { createTelling, wantsColours } from '../../../scripts/walk-through/index.ts';

const told = (colours = false) => {
  const lines: string[] = [];
  return { lines, telling: createTelling((text) => lines.push(text), { colours }) };
};

describe('the telling', () => {
  test('gives each step one line: what, how it went, and why', () => {
    const { lines, telling } = told();
    telling.chapter('First');
    telling.step({ what: 'read a', verdict: 'allowed', why: 'it is granted' });
    telling.step({ what: 'read b', verdict: 'denied', why: 'no grant', wrong: undefined });
    telling.check(true, 'nothing arrived', 'something arrived');
    expect(lines).toEqual([
      '\n1. First\n',
      '  allowed  read a: it is granted\n',
      '  denied   read b: no grant\n',
      '  holds    nothing arrived\n',
    ]);
    expect(telling.count()).toEqual({ steps: 3, wrong: 0 });
  });

  test('shouts where a step did not go as told, and counts it', () => {
    const { lines, telling } = told();
    telling.step({ what: 'read b', verdict: 'allowed', why: 'answered', wrong: 'no_grant' });
    telling.check(false, 'nothing arrived', 'something arrived');
    expect(lines).toEqual([
      '  WRONG    read b: allowed: answered; expected: no_grant\n',
      '  WRONG    something arrived\n',
    ]);
    expect(telling.count()).toEqual({ steps: 2, wrong: 2 });
  });

  test('breaks a long quotation into rows', () => {
    const { lines, telling } = told();
    telling.quote('word '.repeat(60));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThan(120);
  });

  test('has colours only where they are wanted', () => {
    const plain = told();
    const coloured = told(true);
    for (const { telling } of [plain, coloured]) {
      telling.step({ what: 'read a', verdict: 'allowed', why: 'yes' });
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
])('a stream %j with %j wants colours: %s', (stream, environment, wanted) => {
  expect(wantsColours(stream, environment)).toBe(wanted);
});
