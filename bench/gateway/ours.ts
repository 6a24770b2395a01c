/** The calls through our gateway: each protocol and tier, with a bearer token and with proofs. */
import { obtainCapability } from '../../src/agent/index.ts';
import { readClock } from '../../src/clock.ts';
import { createDpopKey, type DpopKey, signProof } from '../../src/dpop/index.ts';
import { unwrap } from '../unwrap.ts';
import type { Ours } from './scene.ts';
import { type Call, FLOORS, httpCall, mcpCall, type Protocol, type Target } from './targets.ts';

const TOOLS = [
  { tier: 1, tool: 'read', action: 'read', method: 'GET', path: 'orders/o-1' },
  { tier: 2, tool: 'write', action: 'write', method: 'PUT', path: 'orders/o-1' },
  { tier: 3, tool: 'pay', action: 'write', method: 'PUT', path: 'payments/o-1' },
] as const;

/** The call that the targets are about. */
export const TARGET_CALL = 'hewn: MCP, tier 1, bearer';

/** A capability outlives neither of its tokens, nor the `max_lifetime` of policy.datalog. */
const RUN_SECONDS_MAX = 3_600;

export async function oursTarget(ours: Ours): Promise<Target> {
  const key = await createDpopKey();
  const [bearer, bound] = [await obtain(ours), await obtain(ours, key)];
  const calls = TOOLS.flatMap((tool) =>
    (['mcp', 'http'] as const).flatMap((protocol): Call[] => {
      const made = callOf(protocol, ours.audience, tool);
      const { method, url } = made;
      return [
        {
          ...made,
          name: `${made.name}, bearer`,
          headers: { ...made.headers, authorization: `Bearer ${bearer}` },
        },
        {
          ...made,
          name: `${made.name}, DPoP`,
          headers: { ...made.headers, authorization: `DPoP ${bound}` },
          proofs: (count) => proofsFor(key, { method, url, token: bound }, count),
        },
      ];
    }),
  );
  return { name: 'hewn', pid: ours.pid, calls };
}

function callOf(
  protocol: Protocol,
  audience: string,
  { tier, tool, method, path }: (typeof TOOLS)[number],
): Call {
  switch (protocol) {
    case 'mcp': {
      const named = { name: `hewn: MCP, tier ${tier}`, floor: FLOORS.mcp };
      return mcpCall(`${audience}/mcp/bench`, tool, named);
    }
    case 'http': {
      const named = { name: `hewn: HTTP, tier ${tier}`, floor: FLOORS.http };
      return { ...httpCall('', named), method, url: `${audience}/http/api/${path}` };
    }
  }
}

async function obtain({ issuer: scene, audience }: Ours, dpop?: DpopKey): Promise<string> {
  const { issuer, provider, providerKey } = scene;
  const identity = (sub: string) =>
    providerKey.sign({ iss: provider, aud: issuer, sub }, RUN_SECONDS_MAX);
  const capability = await obtainCapability({
    issuer,
    audience,
    task: 'bench of the gateway',
    grants: TOOLS.flatMap(({ tool, action }) =>
      [`mcp/bench/${tool}`, `http/api/${tool}`].map((name) => ({
        tool: name,
        action,
        dataset: 'bench/orders/o-1',
      })),
    ),
    subjectToken: await identity('alice'),
    actorToken: await identity('report-agent'),
    ...(dpop && { dpop }),
  });
  return unwrap(capability).token;
}

async function proofsFor(
  key: DpopKey,
  request: { readonly method: string; readonly url: string; readonly token: string },
  count: number,
): Promise<readonly string[]> {
  const now = readClock();
  return Promise.all(Array.from({ length: count }, () => signProof(key, { ...request, now })));
}
