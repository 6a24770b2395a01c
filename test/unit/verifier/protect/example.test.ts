import { expect, test } from 'vitest';
import api from '../../../../examples/api.ts';
import { AUDIENCE } from '../../fixtures/issuer.ts';

test('the API of the README does nothing when it is loaded, and answers a stranger', async () => {
  const response = await api.fetch(new Request(`${AUDIENCE}/contacts/eu`));
  expect([response.status, await response.json()]).toMatchObject([401, { code: 'token_missing' }]);
  expect((await api.fetch(new Request(`${AUDIENCE}/elsewhere`))).status).toBe(404);
});
