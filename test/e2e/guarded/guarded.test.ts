import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bundleWorker,
  startWorkerd,
  type Workerd,
  type WorkerFolder,
} from '../../../bench/runtimes/workerd.ts';
import { AUDIENCE, at, ISSUER, issuerKey, mintToken } from '../../unit/fixtures/issuer.ts';

/** A guard in workerd, with nothing in front of it that would normalise what clients send. */

const token = mintToken({
  grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts/eu' }],
});
let folder: WorkerFolder;
let workerd: Workerd;

beforeAll(async () => {
  const scene = { issuer: ISSUER, audience: AUDIENCE, publicKey: issuerKey.publicKey, now: at(1) };
  const define = { SCENE: JSON.stringify(scene) };
  folder = await bundleWorker(join(import.meta.dirname, 'worker.ts'), define);
  workerd = await startWorkerd(folder);
});
afterAll(async () => {
  await workerd?.stop();
  await folder?.remove();
});

async function raw(target: string, host: string, body?: string): Promise<string> {
  const socket = connect(Number(new URL(workerd.url).port), '127.0.0.1');
  const lines = [
    `${body === undefined ? 'GET' : 'POST'} ${target} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Connection: close',
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
  let answer = '';
  socket.setTimeout(3_000, () => socket.destroy());
  for await (const chunk of socket) answer += chunk;
  return answer;
}

const statusOf = (answer: string): string => answer.slice(9, 12);

test('serves what is granted', async () => {
  const answer = await raw('/contacts/eu', 'crm.example');
  expect(statusOf(answer)).toBe('200');
  expect(answer).toContain('"served":"/contacts/eu"');
  expect(statusOf(await raw('/contacts/us', 'crm.example'))).toBe('403');
});

test.each(['/contacts/us/../eu', '/contacts/us/%2e%2e/eu', '/contacts/us/./../eu'])(
  '%s is served as it was decided',
  async (target) => {
    const answer = await raw(target, 'crm.example');
    if (statusOf(answer) === '200') expect(answer).toContain('"served":"/contacts/eu"');
    else expect(statusOf(answer)).toBe('400');
  },
);

test.each([
  ['/contacts/us', 'crm.example/contacts/eu?'],
  ['/contacts/us', 'crm.example/contacts/eu#'],
  ['/eu', 'crm.example/contacts'],
  ['/contacts/eu', ''],
  ['/contacts/us', 'a@b'],
])('%s with a Host of %j is refused', async (target, host) => {
  expect(statusOf(await raw(target, host))).toBe('400');
});

test('a body that `describe` has read is available to `handle`', async () => {
  const answer = await raw('/contacts/eu', 'crm.example', '{"some":"content"}');
  expect(answer).toContain('"body":"{\\"some\\":\\"content\\"}"');
});
