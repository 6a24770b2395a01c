import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ShardedOutbox, type VerifierRecord } from '../../../src/audit/index.ts';
import type { DescribedCall } from '../../../src/catalogue/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import type { Decision, Denial } from '../../../src/verifier/index.ts';
import { serveRequest } from '../../../workers/gateway/call/serve.ts';
import type { Exchange, Transport } from '../../../workers/gateway/call/transport.ts';
import type { Judging } from '../../../workers/gateway/catalogues.ts';
import type { Gateway } from '../../../workers/gateway/gateway.ts';

/** The order of a call, with a transport that is not MCP: it must hold for every protocol. */

const CALL = {
  tool: 'api/pay',
  action: 'write',
  dataset: ['payments'],
  tier: 3,
  args: {},
} as const satisfies DescribedCall;
const EVIDENCE = { revocationIds: ['b0'], workflow: 'wf_1', tool: CALL.tool, tier: CALL.tier };
const ALLOWED: Decision = { allowed: true, stale: false, evidence: EVIDENCE };
const denied = (denial: Denial): Decision => ({ allowed: false, denial, evidence: EVIDENCE });

const OUTCOME = { status: 200, result: 'ok', bytes: 0, milliseconds: 0 } as const;

const judgingBy = (letter: string): Judging => {
  const hash = letter.repeat(64);
  return { catalogue: new Map(), hash, named: hash, isCurrent: true };
};

/** By which catalogue the gateway judges at the moment. */
let judging: { now: Judging };
let steps: string[];
let records: VerifierRecord[];
let background: Promise<unknown>[];

beforeEach(() => {
  judging = { now: judgingBy('a') };
  steps = [];
  records = [];
  background = [];
  vi.spyOn(console, 'log').mockReturnValue();
});

function gatewayThat(change: {
  readonly decision?: Decision;
  readonly charge?: Gateway['ledger']['take'];
  readonly overRate?: boolean;
  readonly write?: () => Promise<void>;
}): Gateway {
  const { decision = ALLOWED, overRate = false, write = async () => {} } = change;
  const step = <T>(name: string, value: T): T => {
    steps.push(name);
    return value;
  };
  const outbox = new ShardedOutbox('gateway', () => async (batch) => {
    await write();
    records.push(...batch);
    steps.push(...batch.map(({ event }) => `record ${event}`));
  });
  const limited = refuse({ retryAfterSeconds: 7 });
  return {
    config: { audience: 'https://api.example' },
    catalogues: {
      judging: async () => judging.now,
      hasMoved: (before: Judging) => before !== judging.now,
      gapOf: async () => undefined,
      bringForward: async () => {},
    },
    verifier: {
      verify: async () => step('verify', decision),
      open: async () => ({ grants: [] }),
      admit: async () => step('admit', { decision, canUse: () => true }),
      nonce: async () => undefined,
    },
    feeds: { bringForward: async () => step('bring the feed forward', undefined) },
    outbox,
    receipts: { keep: async () => {} },
    ledger: {
      take: change.charge ?? (async () => step('charge', ok(true))),
      giveBack: async () => step('give back', true),
      settle: async () => {},
      ended: () => {},
    },
    rates: {
      takeSource: async () => ok(null),
      takeWorkflow: async () => step('rate', overRate ? limited : ok(null)),
    },
  } as unknown as Gateway;
}

const call = (changes: Partial<DescribedCall> = {}): Described =>
  ok({
    kind: 'call',
    call: { ...CALL, ...changes },
    route: async () => {
      steps.push('route');
      return ok(async () => {
        steps.push('forward');
        return { response: Response.json({ paid: true }), outcome: OUTCOME };
      });
    },
  });
const PAYMENT = call();

interface Changes {
  readonly operation?: Described;
  readonly describe?: Exchange['operation'];
}
type Described = ReturnType<Exchange['operation']>;

const transportTo = ({ operation = PAYMENT, describe = () => operation }: Changes): Transport => ({
  read: async () => ({
    method: 'POST',
    deny: ({ code }) => Response.json({ code }, { status: 403 }),
    operation: describe,
  }),
  denyUnread: ({ code }) => Response.json({ code }, { status: 403 }),
});

async function serve(
  gateway: Gateway,
  exchange: Changes = {},
  headers: Record<string, string> = {},
): Promise<unknown> {
  const request = new Request('https://api.example/pay', { method: 'POST', headers });
  const response = await serveRequest(gateway, transportTo(exchange), request, (work) =>
    background.push(work),
  );
  const body = await response.json();
  await Promise.all(background);
  return body;
}

describe('a call of any transport', () => {
  test('is verified, routed, charged and announced before it is made', async () => {
    expect(await serve(gatewayThat({}))).toEqual({ paid: true });
    expect(steps.slice(0, 6)).toEqual([
      ...['verify', 'rate', 'route', 'charge', 'record dispatch', 'forward'],
    ]);
    // SHA-256 of `{}`.
    const request = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
    expect(records).toContainEqual(expect.objectContaining({ event: 'dispatch', request }));
    expect(records).toContainEqual(expect.objectContaining({ event: 'decision', request }));
  });

  test('that is denied is neither routed nor charged', async () => {
    const decision = denied({ code: 'revoked', by: 'workflow', id: 'wf_1' });
    expect(await serve(gatewayThat({ decision }))).toEqual({ code: 'revoked' });
    expect(steps).not.toContain('route');
    expect(steps).not.toContain('charge');
    expect(records).toMatchObject([{ allowed: false, code: 'revoked', method: 'POST' }]);
  });

  test('that goes nowhere is not charged', async () => {
    const operation = ok({
      kind: 'call',
      call: CALL,
      route: async () => refuse({ denial: { code: 'server_unknown' } } as const),
    } as const);
    expect(await serve(gatewayThat({}), { operation })).toEqual({ code: 'server_unknown' });
    expect(steps).not.toContain('charge');
  });

  test('that cannot be charged is not made', async () => {
    const charge = async () => refuse({ code: 'ledger_unavailable' } as const);
    expect(await serve(gatewayThat({ charge }))).toEqual({ code: 'ledger_unavailable' });
    expect(steps).not.toContain('forward');
  });

  test('that cannot be announced is not made, and its charge is given back', async () => {
    vi.useFakeTimers();
    const write = async () => Promise.reject(new Error('no log'));
    const serving = serve(gatewayThat({ write }));
    await expect.poll(() => steps).toContain('charge');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await serving).toEqual({ code: 'record_unwritten' });
    expect(steps).toContain('give back');
    expect(steps).not.toContain('forward');
    vi.useRealTimers();
  });

  test('over the rate of its workflow is denied and not recorded', async () => {
    expect(await serve(gatewayThat({ overRate: true }))).toEqual({ code: 'rate_limited' });
    expect(records).toEqual([]);
  });

  test('that fails in our own code still gets its outcome on record', async () => {
    const operation = ok({
      kind: 'call',
      call: CALL,
      route: async () =>
        ok(async () => {
          throw new Error('a bug');
        }),
    } as const);
    await expect(serve(gatewayThat({}), { operation })).rejects.toThrow('a bug');
    await Promise.allSettled(background);
    expect(records).toContainEqual(
      expect.objectContaining({ outcome: expect.objectContaining({ result: 'unknown' }) }),
    );
  });
});

describe('a request that is not a call', () => {
  test('has only its token verified, and is charged nothing', async () => {
    const operation = ok({
      kind: 'message',
      route: async () =>
        ok(async () => ({
          response: Response.json({ tools: [] }),
          outcome: OUTCOME,
        })),
    } as const);
    expect(await serve(gatewayThat({}), { operation })).toEqual({ tools: [] });
    expect(steps.slice(0, 2)).toEqual(['admit', 'rate']);
    expect(steps).not.toContain('charge');
  });

  test('and is not forwarded still has its token verified first', async () => {
    const operation = refuse({ denial: { code: 'tool_unknown' }, tool: 'api/x' } as const);
    const decision = denied({ code: 'expired', block: 0, source: 'x' });
    expect(await serve(gatewayThat({ decision }), { operation })).toEqual({ code: 'expired' });
    expect(await serve(gatewayThat({}), { operation })).toEqual({ code: 'tool_unknown' });
    expect(records).toContainEqual(
      expect.objectContaining({ allowed: false, code: 'tool_unknown', tool: 'api/x' }),
    );
  });
});

describe('a call during which the head names another catalogue', () => {
  /** A verifier that asks the log while it decides: the head moves to catalogue b. */
  const movingGateway = () => {
    const gateway = gatewayThat({});
    const verify = gateway.verifier.verify.bind(gateway.verifier);
    gateway.verifier.verify = async (...asked) => {
      judging.now = steps.includes('verify') ? judging.now : judgingBy('b');
      return verify(...asked);
    };
    return gateway;
  };
  const verified = () => steps.filter((step) => step === 'verify').length;
  const judged = () => records.flatMap((one) => ('catalogue' in one ? [one.catalogue] : []));

  test('that says the same about it is judged once, and recorded under that catalogue', async () => {
    expect(await serve(movingGateway())).toEqual({ paid: true });
    expect(verified()).toBe(1);
    expect(judged()).toContainEqual({ judged: 'b'.repeat(64) });
  });

  test('that says something else about it is judged again', async () => {
    const describe: Exchange['operation'] = ({ hash = '' }) =>
      hash.startsWith('a') ? call({ tier: 1 }) : call();
    expect(await serve(movingGateway(), { describe })).toEqual({ paid: true });
    expect(verified()).toBe(2);
    expect(judged()).toContainEqual({ judged: 'b'.repeat(64) });
  });

  test('that does not have it is denied', async () => {
    const describe: Exchange['operation'] = ({ hash = '' }) =>
      hash.startsWith('a') ? call() : refuse({ denial: { code: 'tool_unknown' }, tool: CALL.tool });
    expect(await serve(movingGateway(), { describe })).toEqual({ code: 'tool_unknown' });
    expect(steps).not.toContain('forward');
  });

  test('is denied after three rounds if each one names a catalogue that says something else', async () => {
    const gateway = gatewayThat({});
    const verify = gateway.verifier.verify.bind(gateway.verifier);
    gateway.verifier.verify = async (...asked) => {
      judging.now = judgingBy('abcdef'[verified() + 1] ?? '0');
      return verify(...asked);
    };
    const describe: Exchange['operation'] = ({ hash = '' }) => call({ args: { hash } });
    expect(await serve(gateway, { describe })).toEqual({ code: 'catalogue_unavailable' });
    expect(verified()).toBe(3);
    expect(steps).not.toContain('forward');
  });

  test('is sent back if its proof would have to be verified twice', async () => {
    const describe: Exchange['operation'] = ({ hash = '' }) =>
      hash.startsWith('a') ? call({ tier: 1 }) : call();
    const headers = { authorization: 'DPoP token', dpop: 'proof' };
    const answer = await serve(movingGateway(), { describe }, headers);
    expect(answer).toEqual({ code: 'catalogue_unavailable' });
    expect(verified()).toBe(1);
    expect(steps).not.toContain('forward');
  });
});
