import { createExecutionContext, reset, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { catalogueHash, versionId } from '../../../src/version/index.ts';
import { createIssuer } from '../../../workers/issuer/index.ts';
import type { InForce } from '../../../workers/issuer/version/binding.ts';
import { readMerged } from './merged.ts';
import { askForToken, env, LIST, OPERATOR, READ } from './token.scene.ts';
import { activate, CLOSED, load, numbered, store, VERSION } from './versions.scene.ts';

/** Which version decides a mint, in an isolate that lives on. */

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});

const SECOND = 1_050;
const passed = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const ask = (issuer: ReturnType<typeof createIssuer>, of = env) =>
  askForToken(undefined, undefined, of, issuer);
const mintedBy = async (): Promise<readonly (string | undefined)[]> =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === 'mint' ? [record.version] : [],
  );

/** The environment of an issuer whose store answers like this. */
const storeOf = (inForce: (known?: string) => Promise<InForce>) => ({
  ...env,
  VERSIONS: { getByName: () => ({ inForce }) } as unknown as typeof env.VERSIONS,
});

/** A catalogue without one of the tools, and a policy that does not name it. */
async function withoutTool(tool: string) {
  const entries = VERSION.catalogue.split('[[tool]]');
  const catalogue = entries.filter((entry) => !entry.includes(`"${tool}"`)).join('[[tool]]');
  const [source = ''] = Object.values(VERSION.policy);
  const lines = source.split('\n').filter((line) => !line.includes(`"${tool}"`));
  return { policy: { 'policy/reports.datalog': lines.join('\n') }, catalogue };
}

/** Sends an operator's order to an issuer. */
async function order(issuer: ReturnType<typeof createIssuer>, body: object, of = env) {
  const ctx = createExecutionContext();
  const request = new Request(`${env.ISSUER}/admin/v1/denials`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR}` },
    body: JSON.stringify({ scope: 'tool', reason: 'test', ...body }),
  });
  const response = await issuer.fetch(request, of, ctx);
  await waitOnExecutionContext(ctx);
  return { status: response.status, body: (await response.json()) as { error?: string } };
}

test('a tool can be denied by the names of the version that is active', async () => {
  const issuer = createIssuer(VERSION);
  expect((await order(issuer, { value: LIST })).status).toBe(200);
  const without = await load(await withoutTool(LIST));
  await activate(without, null);
  await passed(SECOND);
  const unknown = await order(issuer, { value: 'mcp/files/other_tool' });
  expect(unknown).toMatchObject({ status: 404, body: { error: 'scope_unknown' } });
});

test('a stop waits for no store of versions, and then accepts any name', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const hanging = storeOf(() => new Promise(() => undefined));
  const began = performance.now();
  const denied = await order(createIssuer(), { value: 'mcp/files/other_tool' }, hanging);
  expect(denied.status).toBe(200);
  expect(performance.now() - began).toBeLessThan(2_500);
});

describe('the version that decides', () => {
  test('is that of the entry file until one is activated, and each record names it', async () => {
    const issuer = createIssuer({ policy: VERSION.policy, catalogue: VERSION.catalogue });
    expect((await ask(issuer)).status).toBe(200);
    expect(await mintedBy()).toEqual([await versionId(VERSION)]);
  });

  test('does not exist without sources, and an activation is in force within a second', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const issuer = createIssuer();
    expect(await ask(issuer)).toMatchObject({ status: 503, error: 'temporarily_unavailable' });
    expect(JSON.stringify(logged.mock.calls)).toContain('no version is active');
    const id = await load();
    expect((await ask(issuer)).status).toBe(503);
    await activate(id, null);
    await passed(SECOND);
    expect((await ask(issuer)).status).toBe(200);
    expect(await mintedBy()).toEqual([id]);
  });

  test('changes for living isolates, and rolls back', async () => {
    const issuer = createIssuer(VERSION);
    const [open, closed] = [await load(), await load(CLOSED)];
    await activate(open, null);
    expect((await ask(issuer)).status).toBe(200);
    await activate(closed, open);
    await passed(SECOND);
    expect(await ask(issuer)).toMatchObject({ status: 400, error: 'access_denied' });
    await activate(open, closed);
    await passed(SECOND);
    expect((await ask(issuer)).status).toBe(200);
  });

  test('is requested once a second, and its texts are sent once', async () => {
    const issuer = createIssuer();
    await activate(await load(), null);
    const asked: unknown[] = [];
    const listening = storeOf((known) => {
      asked.push(known);
      return store().inForce(known);
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    await ask(issuer, listening);
    await ask(issuer, listening);
    vi.setSystemTime(Date.now() + SECOND);
    await ask(issuer, listening);
    expect(asked).toEqual([undefined, await versionId(VERSION)]);
  });

  test.each<[string, () => Promise<InForce>, number]>([
    ['fails', () => Promise.reject(new Error('the store is down')), 2_500],
    ['hangs', () => new Promise(() => undefined), 20_000],
  ])('is not an earlier one while the store %s', async (_, answer, most) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const issuer = createIssuer(VERSION);
    await activate(await load(), null);
    expect((await ask(issuer)).status).toBe(200);
    await passed(SECOND);
    const began = performance.now();
    expect((await ask(issuer, storeOf(answer))).status).toBe(503);
    expect(performance.now() - began).toBeLessThan(most);
    expect(JSON.stringify(logged.mock.calls)).toContain('policy.unavailable');
    expect((await ask(issuer)).status).toBe(200);
  });

  test('does not exist if this release cannot load the one that is active', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const broken = { ...VERSION, policy: { 'policy/a.datalog': '\nallow if (' } };
    const env = storeOf(async () => ({ id: 'f'.repeat(64), version: broken }));
    expect((await ask(createIssuer(VERSION), env)).status).toBe(503);
    expect(JSON.stringify(logged.mock.calls)).toContain('"line":2');
  });

  test('may lack a tool that living grants use: continuing the workflow grants the rest', async () => {
    const issuer = createIssuer();
    const first = await load();
    await activate(first, null);
    const minted = await ask(issuer);
    expect(minted.tools).toEqual([READ, LIST]);
    const second = await load(await withoutTool(LIST));
    await activate(second, first);
    await passed(SECOND);
    const { workflow } = minted;
    const again = await askForToken([READ, LIST], { workflow }, env, issuer);
    expect(again.tools).toEqual([READ]);
    // Verifiers of the earlier catalogue can still fetch it.
    expect(await store().catalogue(await catalogueHash(VERSION.catalogue))).toBe(VERSION.catalogue);
  });

  test('is compiled once for a version, however often it becomes active', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const lax = { ...VERSION, policy: { 'policy/z.datalog': 'allow if true;' } };
    const issuer = createIssuer();
    const [one, two] = [await load(numbered(1)), await load(lax)];
    await activate(one, null);
    await ask(issuer);
    for (const [id, before] of [
      [two, one],
      [one, two],
      [two, one],
    ] as const) {
      await activate(id, before);
      await passed(SECOND);
      await ask(issuer);
    }
    const compiled = warned.mock.calls.filter(([line]) => line.event === 'policy.warning');
    expect(compiled.length).toBe(1);
  });
});
