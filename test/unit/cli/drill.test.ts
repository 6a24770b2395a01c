import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyFolder, hewn } from './scene.ts';

const START = Date.UTC(2026, 10, 23, 10);
const ISSUER = 'https://issuer.example';
const WORKFLOW = `wf_${'a'.repeat(22)}`;
const TOKEN = 'token-of-the-drill';
const LIFE_SECONDS = 300;
const GRANT = { tool: 'crm.search', action: 'read', dataset: 'crm' };

type Answer = (millisecondsSinceRevoked: number | undefined) => Response | Promise<Response>;
const ALLOW = () => new Response('ok');
const deny = (code: string, status = 401) => Response.json({ error: 'x', code }, { status });

/** Allows for a time after the revocation, then denies with the code. */
const until =
  (milliseconds: number, code = 'revoked'): Answer =>
  (since) =>
    since !== undefined && since >= milliseconds ? deny(code) : ALLOW();

interface Scene {
  readonly verifiers: readonly object[];
  /** By the name of the verifier, which is also its host. */
  readonly answers: Readonly<Record<string, Answer>>;
  readonly capability?: object;
  readonly revocation?: () => Response;
}

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => vi.useRealTimers());

async function drill({ verifiers, answers, capability, revocation }: Scene, ...words: string[]) {
  await using folder = await emptyFolder();
  vi.setSystemTime(START);
  const exchanged = {
    audience: 'https://api.example',
    task: 'drill',
    grants: [GRANT],
    subjectToken: { env: 'USER_JWT' },
    actorToken: { file: 'agent.jwt' },
  };
  await writeFile(folder.file('agent.jwt'), 'agent-jwt\n');
  const config = { capability: capability ?? exchanged, verifiers };
  await writeFile(folder.file('drill.json'), JSON.stringify(config));
  const asked: {
    readonly url: string;
    readonly method: string | undefined;
    readonly headers: Headers | undefined;
    readonly body: unknown;
  }[] = [];
  let revokedAt: number | undefined;
  const fetching: typeof fetch = async (input, init) => {
    const request = input instanceof Request ? input.clone() : undefined;
    const url = request?.url ?? String(input);
    const body = request ? await request.text() : init?.body;
    asked.push({ url, method: request?.method, headers: request?.headers, body });
    if (url.startsWith(ISSUER)) return issuer(url, revocation, () => (revokedAt = Date.now()));
    const answer = answers[new URL(url).hostname.split('.')[0] ?? ''];
    if (!answer) throw new TypeError('no such host');
    return answer(revokedAt === undefined ? undefined : Date.now() - revokedAt);
  };
  const running = hewn(['drill', 'drill.json', '--issuer', ISSUER, ...words], {
    cwd: folder.path,
    fetch: fetching,
    now: () => new Date(),
    variable: (name) => ({ USER_JWT: 'user-jwt', HEWN_OPERATOR: 'credential' })[name],
  });
  let isDone = false;
  running.finally(() => {
    isDone = true;
  });
  while (!isDone) await vi.advanceTimersByTimeAsync(50);
  const ran = await running;
  const rows = words.includes('--json') && ran.out !== '' ? JSON.parse(ran.out).verifiers : [];
  return { ...ran, asked, rows, wasRevoked: revokedAt !== undefined };
}

function issuer(url: string, revocation: Scene['revocation'], revoked: () => void): Response {
  if (url.endsWith('/.well-known/oauth-authorization-server')) {
    return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
  }
  if (url.endsWith('/token')) {
    return Response.json({
      access_token: TOKEN,
      token_type: 'Bearer',
      expires_in: LIFE_SECONDS,
      authorization_details: [{ workflow: WORKFLOW, task: 'drill', grants: [GRANT] }],
    });
  }
  if (url.endsWith('/watermarks')) return Response.json({ watermarks: [] });
  if (revocation) return revocation();
  revoked();
  return Response.json({
    epoch: 1,
    seq: 7,
    effective_by: '2026-11-23T10:01:00.000Z',
    by_tier: { 0: null, 1: null, 2: null, 3: null },
    verifiers: { seen: 0, confirmed: 0, waiting: [] },
  });
}

const at = (name: string, tier: number, more: object = {}) => ({
  name,
  tier,
  url: `https://${name}.example/contacts`,
  ...more,
});

describe('hewn drill', () => {
  test('measures each verifier, and exits with 0 if each denied in time', async () => {
    const ran = await drill(
      {
        verifiers: [at('fast', 3), at('slow', 1), at('closed', 2)],
        answers: {
          fast: until(0),
          slow: until(40_000),
          closed: until(9_000, 'head_stale'),
        },
      },
      '--json',
    );
    expect(ran.code).toBe(0);
    expect(ran.rows).toMatchObject([
      { name: 'fast', boundMilliseconds: 0, deniedAfterMilliseconds: 0, verdict: 'in_time' },
      { name: 'slow', boundMilliseconds: 60_000, code: 'revoked', verdict: 'in_time' },
      { name: 'closed', boundMilliseconds: 15_000, code: 'head_stale', verdict: 'in_time' },
    ]);
    expect(ran.rows[1].deniedAfterMilliseconds).toBeGreaterThanOrEqual(40_000);
    expect(ran.rows[1].deniedAfterMilliseconds).toBeLessThan(40_300);
    expect(ran.rows[1].allowedUntilMilliseconds).toBeGreaterThan(39_000);
  });

  test.each<[string, number, Answer, string, string | null]>([
    ['a write that stayed allowed for 20 s', 2, until(20_000), 'late', 'revoked'],
    ['a payment that stayed allowed for one call', 3, until(100), 'late', 'revoked'],
    ['a read that is never denied', 1, ALLOW, 'never', null],
    [
      'a verifier that is gone after the revocation',
      ...([
        1,
        (since?: number) => (since === undefined ? ALLOW() : new Response(null, { status: 502 })),
      ] as const),
      ...(['unproven', 'HTTP 502'] as const),
    ],
    [
      'a token that expires before it is denied',
      1,
      until(30_000, 'expired'),
      'unproven',
      'expired',
    ],
    ['a denial for another reason', 2, until(1_000, 'no_grant'), 'unproven', 'no_grant'],
  ])('reports %s', async (_, tier, answer, verdict, code) => {
    const ran = await drill(
      { verifiers: [at('one', tier), at('good', 1)], answers: { one: answer, good: until(500) } },
      '--json',
    );
    expect(ran.code).toBe(1);
    expect(ran.rows).toMatchObject([{ verdict, code }, { verdict: 'in_time' }]);
  });

  test('takes the end of the token as the bound of tier 0', async () => {
    const ended = until(LIFE_SECONDS * 1_000, 'expired');
    const ran = await drill({ verifiers: [at('open', 0)], answers: { open: ended } }, '--json');
    expect(ran.code).toBe(0);
    expect(ran.rows).toMatchObject([
      { boundMilliseconds: LIFE_SECONDS * 1_000, code: 'expired', verdict: 'in_time' },
    ]);
  });

  test('prints a table and its progress, and no byte of a token', async () => {
    const ran = await drill({ verifiers: [at('one', 1)], answers: { one: until(1_200) } });
    expect(ran.out.split('\n')).toEqual([
      'verifier  tier  bound     first denial  last allowed  code     verdict',
      expect.stringMatching(
        /^one {7}1 {5}60\.000 s {2}1\.\d{3} s +1\.\d{3} s +revoked {2}in time$/,
      ),
    ]);
    expect(ran.err.split('\n')).toEqual([
      ...[`minted: ${WORKFLOW}`, 'one: allowed', 'revoked: 1.7'],
      expect.stringMatching(/^one: revoked after 1\d{3} ms$/),
    ]);
    expect(ran.out + ran.err).not.toMatch(/token-of|jwt|credential/);
  });

  test('makes the configured call, with the token', async () => {
    const mcp = { mcp: 'https://mcp.example/mcp/files', tool: 'read', arguments: { path: 'a' } };
    const ran = await drill({
      verifiers: [
        { name: 'mcp', tier: 1, ...mcp },
        at('api', 1, { method: 'PUT', body: { a: 1 }, headers: { 'x-drill': 'yes' } }),
      ],
      answers: {
        mcp: (since) =>
          since === undefined
            ? ALLOW()
            : Response.json({ error: { data: { code: 'revoked' } } }, { status: 401 }),
        api: until(0),
      },
    });
    expect(ran.code).toBe(0);
    const called = (host: string) => ran.asked.find(({ url }) => url.includes(`//${host}.`));
    const [mcpCall, apiCall] = [called('mcp'), called('api')];
    expect(mcpCall).toMatchObject({ method: 'POST' });
    expect(JSON.parse(String(mcpCall?.body))).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'read', arguments: { path: 'a' } },
    });
    expect(apiCall).toMatchObject({ method: 'PUT', body: '{"a":1}' });
    expect(apiCall?.headers?.get('x-drill')).toBe('yes');
    for (const call of [mcpCall, apiCall]) {
      expect(call?.headers?.get('authorization')).toBe(`Bearer ${TOKEN}`);
    }
  });

  test.each<[string, Answer, RegExp]>([
    ['denied', () => deny('no_grant', 403), /denied \(no_grant\) before anything is revoked/],
    ['not answered', () => Promise.reject(new TypeError('x')), /not answered \(TypeError\)/],
    ['redirected', () => new Response(null, { status: 302 }), /HTTP 302/],
  ])(
    'reports a call that is %s before the revocation, and still revokes',
    async (_, answer, why) => {
      const ran = await drill({ verifiers: [at('one', 1)], answers: { one: answer } });
      expect(ran).toMatchObject({ code: 2, out: '', wasRevoked: true });
      expect(ran.err).toMatch(why);
    },
  );

  test('names the workflow to revoke by hand if the revocation fails', async () => {
    const revocation = () => Response.json({ error: 'internal' }, { status: 500 });
    const ran = await drill({ verifiers: [at('one', 1)], answers: { one: ALLOW }, revocation });
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining(`${WORKFLOW} was not revoked`),
    });
  });

  test('uses a capability of a client, or an existing one that lives long enough', async () => {
    const scene = { verifiers: [at('one', 1)], answers: { one: until(0) } };
    const client = await drill({
      ...scene,
      capability: {
        audience: 'https://api.example',
        task: 'drill',
        grants: [GRANT],
        clientAssertion: { command: [process.execPath, '-e', 'console.log("an assertion")'] },
      },
    });
    expect(client.code).toBe(0);
    const form = client.asked.find(({ url }) => url.endsWith('/token'))?.body;
    expect(new URLSearchParams(String(form)).get('client_assertion')).toBe('an assertion');
    const given = (expires: string) => ({
      ...scene,
      capability: { token: { env: 'USER_JWT' }, workflow: WORKFLOW, expires },
    });
    expect((await drill(given('2026-11-23T11:00:00Z'))).code).toBe(0);
    const short = await drill(given('2026-11-23T10:01:00Z'));
    expect(short).toMatchObject({ code: 2, wasRevoked: true });
    expect(short.err).toContain('expires before the bound of one');
  });

  test.each<[string, Partial<Scene>, RegExp]>([
    ['no verifier', { verifiers: [] }, /"verifiers"/],
    ['two verifiers of one name', { verifiers: [at('one', 1), at('one', 2)] }, /"verifiers"/],
    ['an unknown tier', { verifiers: [at('one', 4)] }, /"verifiers/],
    ['an unknown member', { verifiers: [at('one', 1, { tool: 'x' })] }, /"verifiers/],
    ['a secret in the file', { capability: { token: 'ey...', workflow: 'w' } }, /"capability/],
    [
      'a token in clear',
      { verifiers: [at('one', 1, { url: 'http://one.example' })] },
      /non-HTTPS URL: one/,
    ],
    [
      'a secret that is not there',
      {
        capability: { token: { env: 'NONE' }, workflow: WORKFLOW, expires: '2026-11-23T10:05:00Z' },
      },
      /NONE is empty/,
    ],
  ])('rejects a configuration with %s', async (_, changes, why) => {
    const ran = await drill({ verifiers: [at('one', 1)], answers: { one: ALLOW }, ...changes });
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why), wasRevoked: false });
    expect(ran.asked.filter(({ url }) => !url.endsWith('/watermarks'))).toEqual([]);
  });

  test('mints nothing that it could not revoke, and sends no credential to an unsafe issuer', async () => {
    const reached: string[] = [];
    const begin = async (issuer: string, variable: () => string | undefined) => {
      await using folder = await emptyFolder();
      const capability = {
        token: { env: 'T' },
        workflow: WORKFLOW,
        expires: '2026-11-23T11:00:00Z',
      };
      const config = { capability, verifiers: [at('one', 1)] };
      await writeFile(folder.file('drill.json'), JSON.stringify(config));
      return await hewn(['drill', 'drill.json', '--issuer', issuer], {
        cwd: folder.path,
        home: folder.path,
        variable: (name) => (name === 'HEWN_CAPABILITY' ? undefined : variable()),
        fetch: async (input) => {
          reached.push(String(input));
          return Response.json({ error: 'unauthorized', message: 'No.' }, { status: 401 });
        },
      });
    };
    expect((await begin(ISSUER, () => undefined)).err).toContain('HEWN_OPERATOR');
    expect((await begin('http://issuer.example', () => 'x')).err).toContain('refusing to send');
    expect(reached).toEqual([]);
    expect(await begin(ISSUER, () => 'wrong')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^hewn drill: No\. `hewn login` signs in/),
    });
    expect(reached).toEqual([`${ISSUER}/admin/v1/watermarks`]);
  });
});
