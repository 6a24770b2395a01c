import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { expect, test } from 'vitest';
import worker from '../../../deployment/issuer.ts';
import { admin, askForToken, env, introspect, OPERATOR } from './token.scene.ts';

/** Inputs that must not count as an ending, a question or a command. */

async function post(path: string, token: string, body: string): Promise<number> {
  const ctx = createExecutionContext();
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  const request = new Request(`${env.ISSUER}${path}`, { method: 'POST', headers, body });
  const { status } = await worker.fetch(request, env, ctx);
  await waitOnExecutionContext(ctx);
  return status;
}

test.each([
  ['complete?grace_seconds=60', ''],
  ['complete?grace_seconds=60', '{}'],
  ['fail?reason=none', ''],
  ['complete', '[]'],
  ['fail', '[]'],
  ['complete', '""'],
  ['fail', 'null'],
])('a workflow is not ended by %j with the body %j', async (ending, body) => {
  const { token = '', workflow } = await askForToken();
  expect(await post(`/workflows/v1/${workflow}/${ending}`, token, body)).toBe(400);
  expect(await introspect(token)).toMatchObject({ active: true });
  expect(await post(`/workflows/v1/${workflow}/complete`, token, '')).toBe(200);
});

test.each(['/introspect', '/revoke', '/status/v1/aaaaaaaaaaaaaaaa'])(
  '%s refuses unknown query parameters',
  async (path) => {
    const { token = '' } = await askForToken();
    expect(await post(`${path}?time=1`, OPERATOR, `token=${token}`)).toBe(400);
    expect(await introspect(token)).toMatchObject({ active: true });
  },
);

test('a command whose body is a list is refused', async () => {
  const { workflow } = await askForToken();
  for (const path of [`workflows/${workflow}/suspend`, 'watermarks', 'denials', 'denials/lift']) {
    expect((await admin(path, [])).status).toBe(400);
  }
});
