import { describe, expect, test } from 'vitest';
import { decideVersion } from '../../../src/deploy/decide-version.ts';

const [MINE, OLD, OTHER] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
];
const active = (version: string, by: string) => ({ version, by, at: '', reason: '' });
const ask = {
  wanted: MINE,
  active: null,
  deployed: undefined,
  replace: undefined,
};

describe('the version of a folder', () => {
  test('becomes active where none is', () => {
    expect(decideVersion(ask)).toEqual({ kind: 'activate', expects: null });
  });

  test.each(['operator', 'deploy'])('stays as it is if %s activated it', (by) => {
    expect(decideVersion({ ...ask, active: active(MINE, by) })).toEqual({ kind: 'unchanged' });
  });

  test('replaces what this folder deployed before', () => {
    const question = { ...ask, active: active(OLD, 'deploy'), deployed: OLD };
    expect(decideVersion(question)).toEqual({ kind: 'activate', expects: OLD });
  });

  test("replaces an operator's version that this folder has taken over and deployed", () => {
    const question = { ...ask, active: active(OTHER, 'operator'), deployed: OTHER };
    expect(decideVersion(question)).toEqual({
      kind: 'activate',
      expects: OTHER,
    });
  });

  test.each([
    ['an operator', active(OTHER, 'operator')],
    ['hewn dev', active(OTHER, 'dev')],
    ['another deployment', active(OTHER, 'deploy')],
  ])('does not replace what %s activated since', (_, other) => {
    const question = { ...ask, active: other, deployed: OLD };
    expect(decideVersion(question)).toEqual({ kind: 'stop', active: other });
  });

  test('of a new checkout replaces what the last deployment activated, and nothing else', () => {
    const went = decideVersion({ ...ask, active: active(OLD, 'deploy') });
    expect(went).toEqual({ kind: 'activate', expects: OLD });
    const rolledBack = active(OLD, 'operator');
    expect(decideVersion({ ...ask, active: rolledBack })).toEqual({
      kind: 'stop',
      active: rolledBack,
    });
    const other = active(OTHER, 'operator');
    expect(decideVersion({ ...ask, active: other })).toEqual({ kind: 'stop', active: other });
  });

  test('replaces exactly the version that a person named', () => {
    const question = { ...ask, active: active(OTHER, 'operator'), deployed: OLD };
    expect(decideVersion({ ...question, replace: OTHER.slice(0, 12) })).toEqual({
      kind: 'activate',
      expects: OTHER,
    });
    expect(decideVersion({ ...question, replace: OLD.slice(0, 12) }).kind).toBe('stop');
  });
});
