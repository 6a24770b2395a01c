import { describe, expect, test } from 'vitest';
import { readDeployment } from '../../../src/deployment/index.ts';
import { TWO, textOf, VALID } from './scene.ts';

describe('faults between values are shown together with those of single values', () => {
  test('of other tables', async () => {
    const text = await textOf(
      TWO.replace('https://issuer.staging.example', 'https://issuer.example').replace(
        'algorithms = ["RS256"]',
        'algorithms = ["HS256"]',
      ),
    );
    expect(text).toContain('providers.okta.algorithms');
    expect(text).toContain('has the same URL as the environment "staging"');
  });

  test('and of the same table', async () => {
    const text = await textOf(
      VALID.replace(
        'url = "https://gateway.example"',
        'url = "https://issuer.example"\nstepUpChallenge = "yes"',
      ),
    );
    expect(text).toContain('gateways.gateway.stepUpChallenge');
    expect(text).toContain('is also the URL of the issuer');
  });

  test.each<[string, string, string]>([
    ['a URL that is not valid', 'url = "https://gateway.example"', 'url = "gateway"'],
    ['a missing URL', 'url = "https://issuer.example"\n', ''],
    ['a misspelt table', '[gateways.gateway]', '[gateway.gateway]'],
    [
      'half of a kill switch that is not valid',
      'upstreams',
      `killPublicKey = "${'ab'.repeat(32)}"\nkillUrl = "kill"\nupstreams`,
    ],
    ['a name that is not valid', 'name = "reports"', 'name = "Reports!"'],
    ['no provider', '[providers.okta]', '[provider.okta]'],
  ])('but none is made up from %s', async (_, before, after) => {
    const toml = VALID.replace('[issuer]', '[issuer]\nroutes = ["issuer.example"]').replace(
      before,
      after,
    );
    const audiences = toml.replace('[issuer]', '[issuer]\naudiences = ["x"]');
    for (const file of [toml, audiences]) {
      const text = await textOf(file);
      expect(text).not.toBe('');
      expect(text).not.toContain('.invalid');
      expect(text).not.toMatch(/without kill|there is no gateway|same URL|conflict/);
    }
  });
});

/** Whatever a person writes somewhere, the reader reports it and never throws. */
test('every value replaced by every kind of value is a fault or is valid', async () => {
  const values = ['1', '"x"', '[]', '[1]', '{}', '{ a = 1 }', 'true', '2026-11-28', '[[1]]'];
  const lines = TWO.split('\n');
  for (const [index, line] of lines.entries()) {
    const key = /^([\w-]+) = /.exec(line)?.[1];
    if (key === undefined) continue;
    for (const value of values) {
      const toml = lines.with(index, `${key} = ${value}`).join('\n');
      const read = await readDeployment(new TextEncoder().encode(toml));
      if (!read.ok) expect(read.error.length).toBeGreaterThan(0);
    }
  }
});
