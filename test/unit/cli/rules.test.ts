import { expect, test } from 'vitest';
import { atIssuer } from './issuer-scene.ts';

const SINCE = Date.UTC(2026, 10, 23, 9, 30);
const RULES = {
  rules: [
    { id: 'tripwire', version: 1, condition: {}, action: 'revoke_root', shadow: false },
    { id: 'out-of-scope', version: 2, condition: {}, action: 'suspend', shadow: true },
  ],
  tripped: [] as object[],
};

test('hewn rules list shows what each rule does, and which are only recorded', async () => {
  const { code, out } = await atIssuer(['rules', 'list'], RULES);
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['RULE', 'ACTION', 'STATE'],
    ['tripwire@1', 'revoke root', 'acts'],
    ['out-of-scope@2', 'suspend', 'shadow'],
  ]);
});

test('a rule that the breaker holds back is exit code 1, and says how it is armed', async () => {
  const tripped = [{ rule: 'tripwire@1', at: SINCE }];
  const { code, out, err } = await atIssuer(['rules', 'list'], { ...RULES, tripped });
  expect(code).toBe(1);
  expect(out).toContain('held back since 2026-11-23T09:30:00Z');
  expect(err).toBe('To let it act again: hewn rules arm tripwire@1 --reason WHY');
});

test('hewn rules arm sends the reason', async () => {
  const words = ['rules', 'arm', 'tripwire@1', '--reason', 'mended'];
  const ran = await atIssuer(words, { rule: 'tripwire@1' });
  expect(ran).toMatchObject({ code: 0, out: 'tripwire@1  acts again' });
  expect(ran.sent).toEqual([
    { call: 'POST /admin/v1/rules/tripwire%401/arm', body: { reason: 'mended' } },
  ]);
});
