import { expect, test } from 'vitest';
import { renderGatewayVariables } from '../../../scripts/docs/gateway-variables.ts';
import { readUpstreams } from '../../../src/upstream/index.ts';

test('no variable of the gateway itself can be the secret of a credential', () => {
  const variables = [...renderGatewayVariables().matchAll(/^\| `([A-Z_]+)`/gm)].map(
    ([, name = '']) => name,
  );
  expect(variables.length).toBeGreaterThan(15);
  const accepted = variables.filter((secret) => {
    const credential = { kind: 'bearer', secret };
    return readUpstreams({ a: { url: 'https://api.example', credential } }) !== undefined;
  });
  expect(accepted).toEqual([]);
});
