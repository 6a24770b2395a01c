import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { CONTROL_LOG } from '../../../src/audit/index.ts';
import { inspectToken } from '../../../src/capability/index.ts';
import { promptDigest } from '../../../src/provenance/index.ts';
import { readRecords } from '../../../workers/issuer/log/read.ts';
import { transparencyLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import { readTree } from './stored-tree.ts';
import { admin, askForToken, env, LIST, READ } from './token.scene.ts';

/** The request of the user: stated once, and kept as long as the workflow lives. */
afterEach(() => reset());

const PROMPT = 'Read the reports of Bob';

async function digestIn(token: string | undefined): Promise<string | undefined> {
  const claims = await inspectToken(token ?? '');
  return claims.ok ? claims.value.authority.prompt : undefined;
}

const kept = (workflow: string) =>
  runInDurableObject(
    workflowOf(env, workflow),
    (_object, { storage }) => readTree(storage).workflows[0]?.start.prompt,
  );

/** What the control log keeps of the workflows that have not been closed. */
const keptByLog = () =>
  runInDurableObject(transparencyLog(env, CONTROL_LOG), (_object, { storage }) =>
    JSON.stringify(storage.sql.exec('SELECT start FROM living_root').toArray()),
  );

test('each token of a workflow has the digest of the request with which it began', async () => {
  const { token, workflow } = await askForToken([READ, LIST], { prompt: PROMPT });
  const digest = await digestIn(token);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  for (const more of [{}, { step_up: true }]) {
    const next = await askForToken([READ, LIST], { workflow, ...more });
    expect(next.status).toBe(200);
    expect(await digestIn(next.token)).toBe(digest);
  }
  const stored = await kept(workflow);
  expect(stored).toMatchObject({ text: PROMPT, digest });
  const computed = stored && (await promptDigest(stored));
  expect(Buffer.from(computed ?? []).toString('hex')).toBe(digest);
});

test('two workflows with one request have two digests, and one without has none', async () => {
  const [one, other] = await Promise.all([
    askForToken([READ], { prompt: PROMPT }),
    askForToken([READ], { prompt: PROMPT }),
  ]);
  expect(await digestIn(one.token)).not.toBe(await digestIn(other.token));
  expect(await digestIn((await askForToken([READ])).token)).toBeUndefined();
});

test('a request is not stated again: neither by a renewal, a step-up nor a child', async () => {
  const { token: parent, workflow } = await askForToken([READ, LIST], { prompt: PROMPT });
  for (const more of [{ workflow }, { workflow, step_up: true }, { parent }]) {
    const again = await askForToken([READ], { ...more, prompt: 'Read everything' });
    expect(again).toMatchObject({ status: 400, error: 'invalid_authorization_details' });
  }
  expect((await admin(`workflows/${workflow}`)).body).toMatchObject({ prompt: PROMPT });
});

test('a child has no request', async () => {
  const { token: parent } = await askForToken([READ, LIST], { prompt: PROMPT });
  const child = await askForToken([READ], { parent });
  expect(child.status).toBe(200);
  expect(await digestIn(child.token)).toBeUndefined();
});

test('an operator reads the request until the workflow ends, and no record has it', async () => {
  const { workflow } = await askForToken([READ], { prompt: PROMPT });
  expect((await admin(`workflows/${workflow}`)).body).toMatchObject({ prompt: PROMPT });
  expect(await keptByLog()).toContain(PROMPT);
  expect(JSON.stringify(await transparencyLog(env, CONTROL_LOG).living({}))).not.toContain(PROMPT);
  const revoked = await admin(`workflows/${workflow}/revoke`, { reason: 'a test' });
  expect(revoked.status).toBe(200);
  expect(await kept(workflow)).toBeUndefined();
  expect(await keptByLog()).not.toContain(PROMPT);
  expect((await admin(`workflows/${workflow}`)).body).not.toHaveProperty('prompt');
  const records = JSON.stringify(await readRecords(env, CONTROL_LOG, 0, 100));
  expect(records).not.toContain(PROMPT);
});
