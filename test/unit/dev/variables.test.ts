import { expect, test } from 'vitest';
import type { Stage } from '../../../src/dev/stage.ts';
import { variablesOf } from '../../../src/dev/variables.ts';
import type { KeyFile } from '../../../src/key-file/index.ts';

const KEYS = { operator: 'secret', feed: { publicKey: 'ab' } } as KeyFile;
const GATEWAY = { name: 'gateway', url: 'http://127.0.0.1:8787', servers: [], apis: [] };

const variables = (gateways: Stage['gateways'], audiences: readonly string[]) =>
  variablesOf(
    { issuer: 'http://i', gateways, audiences, identity: { tokenEndpoint: 'http://t' } } as Stage,
    KEYS,
  );

test('each API has a credential of its own, and a gateway has none', () => {
  const [one, two] = ['http://127.0.0.1:3000', 'http://127.0.0.1:3001'] as const;
  const both = variables([GATEWAY], [GATEWAY.url, one, two]);
  expect(both).toMatchObject({ HEWN_AUDIENCE: GATEWAY.url, HEWN_AUDIENCE_2: two });
  expect(both.HEWN_VERIFIER_CREDENTIAL).toBe(variables([], [one]).HEWN_VERIFIER_CREDENTIAL);
  expect(both.HEWN_VERIFIER_CREDENTIAL_2).toBe(variables([], [two]).HEWN_VERIFIER_CREDENTIAL);
  expect(both.HEWN_VERIFIER_CREDENTIAL_2).not.toBe(both.HEWN_VERIFIER_CREDENTIAL);
  expect(variables([GATEWAY], [GATEWAY.url])).not.toHaveProperty('HEWN_VERIFIER_CREDENTIAL');
});
