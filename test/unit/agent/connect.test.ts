import { describe, expect, test } from 'vitest';
import {
  ConnectFailed,
  type ConnectOptions,
  connect,
  identityFrom,
  NarrowingFailed,
} from '../../../src/agent/index.ts';
import { denialResult, describeToolDenial } from '../../../src/tool-denial/index.ts';
import { catalogueHash } from '../../../src/version/index.ts';
import { AUDIENCE, AUTHORITY, ISSUER, mintToken, printBlock } from '../fixtures/issuer.ts';

const READ = { tool: 'mcp/files/read_file', action: 'read', dataset: 'files/reports' } as const;
const WRITE = { tool: 'mcp/files/write_file', action: 'write', dataset: 'files/notes' } as const;
const CATALOGUE = [READ, WRITE]
  .map(
    ({ tool, action }) =>
      `[[tool]]\nname = "${tool}"\naction = "${action}"\ntier = ${action === 'read' ? 1 : 2}\narguments = ["path"]\ndatasets = [{ argument = "/path", under = "files" }]\nsinks = []\n`,
  )
  .join('');
const catalogue = await catalogueHash(CATALOGUE);

type Grants = readonly (typeof READ | typeof WRITE)[];
type Answer = Response | undefined;

/** An issuer that grants what is requested unless `mint` answers, and a gateway that checks it. */
function stageOf(
  mint: (details: Record<string, unknown>, count: number) => Answer = () => undefined,
) {
  const mints: Record<string, unknown>[] = [];
  const forms: URLSearchParams[] = [];
  const calls: Request[] = [];
  const endings: string[] = [];
  let granted: Grants = [];
  const fetch = (async (input: string | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    const { origin, pathname } = new URL(request.url);
    if (origin === AUDIENCE) {
      calls.push(request.clone());
      return gateway(await request.json(), granted);
    }
    if (pathname.startsWith('/catalogue/')) return new Response(CATALOGUE);
    if (pathname.startsWith('/workflows/')) {
      endings.push(pathname);
      return Response.json({ workflow: AUTHORITY.workflow, state: 'completed' });
    }
    if (pathname.startsWith('/.well-known/')) {
      return Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` });
    }
    const form = new URLSearchParams(await request.text());
    const [details] = JSON.parse(form.get('authorization_details') ?? '[]');
    mints.push(details);
    forms.push(form);
    const answer = mint(details, mints.length);
    if (answer) return answer;
    granted = details.grants;
    const { workflow, task } = AUTHORITY;
    return Response.json({
      access_token: mintToken({ issuedAt: new Date(), grants: granted, catalogue }),
      token_type: request.headers.has('dpop') ? 'DPoP' : 'Bearer',
      expires_in: 300,
      authorization_details: [{ type: 'hewn_task', workflow, task, grants: granted }],
    });
  }) as typeof globalThis.fetch;
  const options: ConnectOptions = {
    issuer: ISSUER,
    audience: AUDIENCE,
    identity: identityFrom(() => 'workload'),
    user: identityFrom(() => 'user'),
    task: 'churn',
    grants: [READ],
    fetch,
  };
  return { mints, forms, calls, endings, options };
}

interface CallMessage {
  readonly id: number;
  readonly params: { readonly name: string };
}

function gateway({ id, params }: CallMessage, granted: Grants): Response {
  const tool = `mcp/files/${params.name}`;
  if (granted.some((grant) => grant.tool === tool)) {
    return Response.json({ jsonrpc: '2.0', id, result: { content: [] } });
  }
  const denied = describeToolDenial({
    code: 'no_grant',
    message: 'No grant covers this call.',
    status: 403,
    rule: {},
    call: { tool },
    grants: [],
    required: undefined,
    needed: [{ type: 'hewn_task', grants: [WRITE] }],
    issuer: ISSUER,
  });
  return Response.json({ jsonrpc: '2.0', id, result: denialResult(denied, false) });
}

const callOf = (name: string, args = { path: 'reports/q3.md' }): RequestInit => ({
  method: 'POST',
  body: JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: args },
  }),
});
const WRITING = callOf('write_file', { path: 'notes/q3.md' });
const isDenied = async (response: Response) =>
  ((await response.json()) as { result: { isError?: boolean } }).result.isError === true;

describe('connect', () => {
  test('obtains a bound capability, narrows each call, and ends the workflow with its block', async () => {
    const { options, mints, forms, calls, endings } = stageOf();
    {
      await using connection = await connect(options);
      expect(connection.workflow).toBe(AUTHORITY.workflow);
      const { url, fetch } = connection.mcp('files');
      expect(url.href).toBe(`${AUDIENCE}/mcp/files`);
      expect(await isDenied(await fetch(url, callOf('read_file')))).toBe(false);
      expect(endings).toEqual([]);
    }
    expect(mints).toHaveLength(1);
    expect(forms[0]?.get('subject_token')).toBe('user');
    expect(forms[0]?.get('actor_token')).toBe('workload');
    const [call] = calls;
    const [scheme, token = ''] = call?.headers.get('authorization')?.split(' ') ?? [];
    expect(scheme).toBe('DPoP');
    expect(call?.headers.has('dpop')).toBe(true);
    expect(printBlock(token, 1)).toContain('"mcp/files/read_file"');
    expect(endings).toEqual([`/workflows/v1/${AUTHORITY.workflow}/complete`]);
  });

  test('sends the token of an agent without a user as the subject, and no actor', async () => {
    const { options, forms } = stageOf();
    const { user: _, ...alone } = options;
    await using _connection = await connect(alone);
    expect(forms[0]?.get('subject_token')).toBe('workload');
    expect(forms[0]?.has('actor_token')).toBe(false);
  });

  test('obtains nothing after its end, even if the issuer did not answer', async () => {
    const { options, mints } = stageOf();
    const answer = options.fetch ?? fetch;
    const connection = await connect({
      ...options,
      fetch: async (input, init) => {
        const { pathname } = new URL(input instanceof Request ? input.url : input);
        if (pathname.startsWith('/workflows/')) throw new TypeError('no route');
        return answer(input, init);
      },
    });
    await connection[Symbol.asyncDispose]();
    expect(await connection.capability.current()).toEqual({
      ok: false,
      error: { code: 'workflow_ended' },
    });
    await expect(connection.fetch(`${AUDIENCE}/mcp/files`, callOf('read_file'))).rejects.toThrow(
      NarrowingFailed,
    );
    expect(mints).toHaveLength(1);
  });

  test('does not call a tool at a URL that names no server', async () => {
    const { options, calls } = stageOf();
    await using connection = await connect(options);
    await expect(connection.fetch(`${AUDIENCE}/other`, callOf('read_file'))).rejects.toMatchObject({
      code: 'call_unreadable',
      message: expect.stringContaining('Use `mcp(server, url)`.'),
    });
    await expect(connection.fetch('https://evil.example/')).rejects.toThrow(
      `The capability is for ${AUDIENCE}, and the request goes to https://evil.example.`,
    );
    expect(calls).toEqual([]);
    const { url, fetch } = connection.mcp('files', `${AUDIENCE}/other`);
    expect(await isDenied(await fetch(url, callOf('read_file')))).toBe(false);
  });
});

describe('a denial that says what is missing', () => {
  test('is followed by one step-up for all calls, and the call is sent again', async () => {
    const { options, mints } = stageOf();
    await using connection = await connect(options);
    const { url, fetch } = connection.mcp('files');
    const answers = await Promise.all([fetch(url, WRITING), fetch(url, WRITING)]);
    expect(await Promise.all(answers.map(isDenied))).toEqual([false, false]);
    expect(mints).toHaveLength(2);
    expect(mints[1]).toMatchObject({ step_up: true, grants: [READ, WRITE] });
  });

  test.each<[string, ConnectOptions['stepUp'] & {}]>([
    ['never', 'never'],
    ['a list that does not cover it', [READ]],
    ['a function that says no', () => false],
  ])('stays a denial, and the issuer is not asked: %s', async (_, stepUp) => {
    const { options, mints } = stageOf();
    await using connection = await connect({ ...options, stepUp });
    const { url, fetch } = connection.mcp('files');
    expect(await isDenied(await fetch(url, WRITING))).toBe(true);
    expect(mints).toHaveLength(1);
  });

  test('stays a denial if the policy refuses, and the same is not requested again', async () => {
    const { options, mints } = stageOf((_, count) =>
      count > 1 ? Response.json({ error: 'access_denied' }, { status: 403 }) : undefined,
    );
    await using connection = await connect(options);
    const { url, fetch } = connection.mcp('files');
    expect(await isDenied(await fetch(url, WRITING))).toBe(true);
    expect(await isDenied(await fetch(url, WRITING))).toBe(true);
    expect(mints).toHaveLength(2);
  });

  test('may be followed by the same request if no one has decided yet', async () => {
    const pending = { auth_req_id: 'q1', expires_in: 300, interval: 5 };
    const { options, mints } = stageOf((_, count) =>
      count === 2
        ? Response.json({ error: 'authorization_pending', ...pending }, { status: 400 })
        : undefined,
    );
    await using connection = await connect(options);
    const { url, fetch } = connection.mcp('files');
    expect(await isDenied(await fetch(url, WRITING))).toBe(true);
    expect(await isDenied(await fetch(url, WRITING))).toBe(false);
    expect(mints).toHaveLength(3);
  });

  test('stays a denial if it names the grants of another tool', async () => {
    const { options, mints } = stageOf();
    await using connection = await connect({ ...options, grants: [WRITE] });
    const { url, fetch } = connection.mcp('files');
    expect(await isDenied(await fetch(url, callOf('read_file')))).toBe(true);
    expect(mints).toHaveLength(1);
  });
});

describe('connect fails', () => {
  const failureOf = (options: ConnectOptions) =>
    connect(options).then(
      () => undefined,
      (error: unknown) => (error instanceof ConnectFailed ? error : undefined),
    );

  test('with what the identity source lacks', async () => {
    const { options } = stageOf();
    const identity = identityFrom(() => {
      throw new Error('the variable CI_TOKEN is not set');
    }, 'the environment');
    const failed = await failureOf({ ...options, identity });
    expect(failed?.code).toBe('identity_unavailable');
    expect(failed?.message).toContain('the variable CI_TOKEN is not set');
  });

  test('with the description of the issuer', async () => {
    const { options } = stageOf(() =>
      Response.json(
        { error: 'access_denied', error_description: 'No rule allows it.' },
        { status: 403 },
      ),
    );
    const failed = await failureOf(options);
    expect(failed?.code).toBe('refused');
    expect(failed?.message).toContain('No rule allows it.');
  });

  test('with what is probably wrong with a token that the issuer refuses', async () => {
    const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replace(/=+$/, '')}.AA`;
    const { options } = stageOf(() =>
      Response.json({ error: 'invalid_request', error_description: 'x' }, { status: 400 }),
    );
    const identity = identityFrom(() => jwt({ aud: 'https://other.example' }));
    const user = identityFrom(() => jwt({ aud: ISSUER, exp: 1_000_000_000 }));
    const failed = await failureOf({ ...options, identity, user });
    expect(failed?.advice).toBe(
      'The token of `identity` is for the audience "https://other.example". Most issuers expect their own URL, "https://issuer.example". The token of `user` expired at 2001-09-09T01:46:40.000Z. Get a new one.',
    );
  });

  test('with the question that a person has to answer', async () => {
    const pending = { auth_req_id: 'q1', expires_in: 300, interval: 5 };
    const { options } = stageOf(() =>
      Response.json({ error: 'authorization_pending', ...pending }, { status: 400 }),
    );
    const failed = await failureOf(options);
    expect(failed?.code).toBe('approval_pending');
    expect(failed?.pending?.id).toBe('q1');
  });
});
