import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import reports from '../../../policy/reports.datalog';
import tools from '../../../policy/tools.toml';
import { createIssuer, type PolicySources } from '../../../workers/issuer/index.ts';
import { askForToken, env } from './token.scene.ts';

/** What an issuer makes of the policy and the catalogue that its entry file passes. */

const SOURCES: PolicySources = {
  policy: { 'policy/reports.datalog': reports },
  catalogue: tools,
};

const createFrom = (changes: Readonly<Record<string, unknown>>) =>
  createIssuer({ ...SOURCES, ...changes } as PolicySources);

describe('createIssuer throws a TypeError', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a misspelt member', { catalog: tools }, 'Did you mean `catalogue`?'],
    [
      'a policy that is one string',
      { policy: reports },
      '`policy` must be an object whose values are strings',
    ],
    ['a policy file that is not a string', { policy: { a: 1 } }, '`policy` must be'],
    [
      'a catalogue that is not a string',
      { catalogue: new Uint8Array() },
      '`catalogue` must be a string',
    ],
    ['an undefined catalogue', { catalogue: undefined }, '`catalogue` is undefined'],
  ])('for %s', (_, changes, message) => {
    expect(() => createFrom(changes)).toThrow(TypeError);
    expect(() => createFrom(changes)).toThrow(message);
  });

  test.each(['policy', 'catalogue'] as const)('without `%s`', (name) => {
    const { [name]: _, ...others } = SOURCES;
    expect(() => createIssuer(others as PolicySources)).toThrow(`\`${name}\` is missing`);
  });
});

describe('an issuer', () => {
  const logged: unknown[] = [];
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation((line) => logged.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    logged.length = 0;
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['policy', { policy: { 'policy/broken.datalog': 'allow if (' } }, 'policy/broken.datalog'],
    ['catalogue', { catalogue: '[[tool]' }, 'catalogue'],
  ])('whose %s does not load mints nothing and logs why', async (_, changes, named) => {
    const issuer = createFrom(changes);
    for (const _attempt of [1, 2]) {
      const answer = await askForToken(undefined, undefined, env, issuer);
      expect(answer).toMatchObject({ status: 503, error: 'temporarily_unavailable' });
      expect(answer.token).toBeUndefined();
    }
    const lines = logged.filter(
      (line) => (line as { event?: string }).event === 'policy.unavailable',
    );
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(lines[0])).toContain(named);
  });

  test('shares its policy with no other issuer of the isolate', async () => {
    const refusing = createFrom({ policy: { 'policy/none.datalog': 'deny if true;' } });
    expect((await askForToken(undefined, undefined, env, refusing)).token).toBeUndefined();
    expect((await askForToken(undefined, undefined, env, createIssuer(SOURCES))).status).toBe(200);
  });
});
