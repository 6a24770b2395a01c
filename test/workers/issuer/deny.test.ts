import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { type IssuerEnv, revocationLog } from '../../../workers/issuer/platform/env.ts';
import { isStopped, openLiveToken } from '../../../workers/issuer/token/presented-capability.ts';
import { follow } from './log/scene.ts';
import { readMerged } from './merged.ts';
import {
  AGENT,
  admin,
  askForToken,
  CLIENT,
  env,
  introspect,
  LIST,
  OWNER,
  READ,
} from './token.scene.ts';

afterEach(() => reset());

const REASON = { reason: 'it reads what it should not' };
const deny = async (scope: string, value: string, more: object = {}) => {
  const { status, body } = await admin('denials', { scope, value, ...REASON, ...more });
  expect([status, body]).toEqual([200, expect.objectContaining({ scope })]);
  return body;
};
const lift = (scope: string, value: string) => admin('denials/lift', { scope, value, ...REASON });
const records = async (event: string) =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === event ? [record] : [],
  );

/** Returns whether the feed stops a call of this tool with this token. */
async function isRefused(token: string | undefined, tool: string): Promise<boolean> {
  const live = await openLiveToken(env, token ?? '', Date.now());
  if (!live) throw new Error('not a token of this issuer');
  const { authority, issuerKey, revocationIds: blocks } = live.token;
  const { feed } = await follow();
  await feed.refresh();
  return feed.find({ ...authority, issuerKey, blocks, tool }) !== undefined;
}

const SCOPES = [
  ['agent', `${CLIENT}#${CLIENT}`],
  ['agent', AGENT],
  ['subject', OWNER],
  ['owner', OWNER],
  ['tool', READ],
] as const;

describe('while a party or tool is denied', () => {
  test.each(SCOPES)(
    'nothing is minted, continued or stepped up for %s %s',
    async (scope, value) => {
      const before = await askForToken([READ]);
      expect(before.status).toBe(200);
      expect(await deny(scope, value)).toMatchObject({ matches: { living: 1 } });
      expect(await isRefused(before.token, READ)).toBe(true);
      const { workflow } = before;
      for (const more of [{}, { workflow }, { workflow, step_up: true }]) {
        expect(await askForToken([READ], more)).toMatchObject({
          status: 400,
          error: 'access_denied',
        });
      }
      expect((await records('refusal')).at(-1)).toMatchObject({
        code: `denied_by_operator:${scope}`,
      });
      expect(await lift(scope, value)).toMatchObject({ status: 200 });
      expect((await askForToken([READ])).status).toBe(200);
      expect((await askForToken([READ], { workflow })).status).toBe(200);
      expect(await records('denial')).toMatchObject([{ change: 'set' }, { change: 'lifted' }]);
    },
  );

  test('no child begins below a denied workflow', async () => {
    const parent = await askForToken([READ]);
    await deny('agent', AGENT);
    const child = await askForToken([READ], { parent: parent.token });
    expect(child).toMatchObject({ status: 400, token: undefined });
  });
});

describe('a denied tool', () => {
  test('is left out of new capabilities, and workflows continue with their other tools', async () => {
    const before = await askForToken();
    await deny('tool', READ);
    expect(await isRefused(before.token, READ)).toBe(true);
    expect(await isRefused(before.token, LIST)).toBe(false);
    const again = await askForToken([READ, LIST], { workflow: before.workflow });
    expect(again).toMatchObject({ status: 200, tools: [LIST] });
    expect(await isRefused(again.token, LIST)).toBe(false);
    expect((await records('mint')).at(-1)).toMatchObject({
      grants: [{ tool: LIST }],
      refused: [{ tool: READ, code: 'denied_by_operator' }],
    });
    await lift('tool', READ);
    expect(await isRefused(before.token, READ)).toBe(false);
    expect((await askForToken()).tools).toEqual([READ, LIST]);
  });

  test('is not in an introspection, and a token without another tool is inactive', async () => {
    const [both, one] = [await askForToken(), await askForToken([READ])];
    await deny('tool', READ);
    const seen = JSON.stringify(await introspect(both.token ?? ''));
    expect(seen).toContain(LIST);
    expect(seen).not.toContain(READ);
    expect(await introspect(one.token ?? '')).toEqual({ active: false });
  });
});

/**
 * When during a mint the denial arrives: before or after each call that the mint awaits. The record
 * and the admission do not wait for each other.
 */
const MOMENTS = [
  ['log', 'admit', 'before'],
  ['log', 'admit', 'after'],
  ['audit', 'begin', 'before'],
  ['audit', 'begin', 'after'],
] as const;
type Moment = (typeof MOMENTS)[number];

/** Returns an environment that runs `act` at one moment of the next mint. */
function envActingAt([where, method, when]: Moment, act: () => Promise<unknown>): IssuerEnv {
  const names = { audit: 'LOG', log: 'REVOCATION_LOG', workflow: 'WORKFLOW' } as const;
  const namespace = env[names[where]] as unknown as { getByName(name: string): object };
  let hasActed = false;
  const once = async () => {
    if (hasActed) return;
    hasActed = true;
    await act();
  };
  const getByName = (name: string) =>
    new Proxy(namespace.getByName(name), {
      get: (stub, member) => {
        const call = Reflect.get(stub, member) as (...args: unknown[]) => Promise<unknown>;
        if (member !== method) return call;
        return async (...args: unknown[]) => {
          if (when === 'before') await once();
          const answer = await Reflect.apply(call, stub, args);
          if (when === 'after') await once();
          return answer;
        };
      },
    });
  return { ...env, [names[where]]: { getByName } } as unknown as IssuerEnv;
}

describe('no token slips out between a denial and a mint:', () => {
  const cases = MOMENTS.flatMap((moment) =>
    SCOPES.slice(1).map(([scope, value]) => [...moment, scope, value] as const),
  );
  test.each(cases)('%s %s, denied %s it: %s', async (where, method, when, scope, value) => {
    const moment = [where, method, when] as Moment;
    const of = envActingAt(moment, () => deny(scope, value));
    const { status, token } = await askForToken([READ], {}, of);
    if (method === 'admit') expect(status).toBe(when === 'before' ? 400 : 200);
    if (status === 200) expect(await isRefused(token, READ)).toBe(true);
    else expect({ status, token }).toEqual({ status: 400, token: undefined });
  });

  test('a token that was signed seconds before its admission is stopped as well', async () => {
    const of = envActingAt(
      ['log', 'admit', 'before'],
      () => new Promise((done) => setTimeout(done, 1_500)),
    );
    const { token } = await askForToken([READ], {}, of);
    await deny('agent', AGENT);
    expect(await isRefused(token, READ)).toBe(true);
  });

  test('a tool that is denied at the last moment is left out, and the rest is signed again', async () => {
    const of = envActingAt(['log', 'admit', 'before'], () => deny('tool', READ));
    expect(await askForToken([READ, LIST], {}, of)).toMatchObject({ status: 200, tools: [LIST] });
  });
});

describe('the log that has the denials', () => {
  test('must answer before anything is minted', async () => {
    const of = envActingAt(['log', 'admit', 'before'], () => Promise.reject(new Error('lost')));
    expect(await askForToken([READ], {}, of)).toMatchObject({
      status: 503,
      error: 'temporarily_unavailable',
      token: undefined,
    });
    expect(await records('refusal')).toMatchObject([{ code: 'denials_unavailable' }]);
  });

  test('is asked once per mint while nothing is denied', async () => {
    const asked: string[] = [];
    const getByName = (name: string) =>
      new Proxy(revocationLog(env), {
        get: (stub, member) => {
          asked.push(`${name} ${String(member)}`);
          return Reflect.get(stub, member);
        },
      });
    const of = { ...env, REVOCATION_LOG: { getByName } } as unknown as IssuerEnv;
    expect((await askForToken([READ], {}, of)).status).toBe(200);
    expect(asked).toEqual(['default admit']);
  });
});

test('the tokens of a denied agent are stopped for the issuer itself', async () => {
  const { token } = await askForToken([READ]);
  await deny('agent', AGENT);
  const live = await openLiveToken(env, token ?? '', Date.now());
  expect(live && (await isStopped(env, live.token))).toBe(true);
  expect(await introspect(token ?? '')).toEqual({ active: false });
});

describe('a denial', () => {
  test('is in force even if its matches cannot be counted', async () => {
    const { token = '' } = await askForToken([READ]);
    const lost = { getByName: () => ({ countLiving: () => Promise.reject(new Error('lost')) }) };
    const of = { ...env, LOG: lost } as unknown as IssuerEnv;
    const { status, body } = await admin('denials', { scope: 'tool', value: READ, ...REASON }, of);
    expect([status, body.matches]).toEqual([200, null]);
    expect(await isRefused(token, READ)).toBe(true);
  });

  test('is refused for a name that no token has, unless even_unknown is set', async () => {
    const misspelt = { scope: 'agent', value: 'nightly-reports#nightly-report', ...REASON };
    expect(await admin('denials', misspelt)).toMatchObject({
      status: 404,
      body: { error: 'scope_unknown', message: expect.stringContaining('nightly-report') },
    });
    expect((await admin('denials')).body).toEqual({ denials: [] });
    expect((await admin('denials', { ...misspelt, even_unknown: true })).status).toBe(200);
    expect((await admin('denials/lift', misspelt)).status).toBe(200);
  });

  test('as a dry run changes nothing, and returns what would match', async () => {
    const current = await askForToken([READ]);
    expect(await deny('agent', AGENT, { dry_run: true })).toMatchObject({
      value: AGENT,
      dry_run: true,
      matches: { living: 1, named_until: expect.stringMatching(/Z$/) },
    });
    expect((await admin('denials')).body).toEqual({ denials: [] });
    expect(await isRefused(current.token, READ)).toBe(false);
    expect(await records('denial')).toEqual([]);
  });

  test('requires an end in the future, a deniable scope and a reason', async () => {
    const order = { scope: 'agent', value: AGENT, ...REASON };
    const until = Math.floor(Date.now() / 1000) + 60;
    for (const bad of [
      { ...order, until: until - 120 },
      { ...order, scope: 'all', value: '' },
      { ...order, scope: 'audience', value: 'https://x.example' },
      { ...order, reason: '' },
      { ...order, why: 'x' },
    ]) {
      expect((await admin('denials', bad)).status).toBe(400);
    }
    expect(await deny('agent', AGENT, { until })).toMatchObject({ until });
    expect((await admin('denials')).body).toMatchObject({ denials: [{ value: AGENT, until }] });
  });

  test('that does not exist cannot be lifted', async () => {
    expect(await lift('agent', AGENT)).toMatchObject({
      status: 404,
      body: { error: 'denial_unknown' },
    });
  });
});
