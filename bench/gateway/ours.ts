/** The calls through our gateway: each protocol and tier, with a bearer token and with proofs. */
import { obtainCapability } from '../../src/agent/index.ts';
import { readClock } from '../../src/clock.ts';
import { createDpopKey, type DpopKey, signProof } from '../../src/dpop/index.ts';
import { unwrap } from '../unwrap.ts';
import type { Ours } from './scene.ts';
import { type Call, FLOORS, mcpCall, type Target } from './targets.ts';

const TOOLS = [
  { tier: 1, tool: 'read', action: 'read' },
  { tier: 2, tool: 'write', action: 'write' },
  { tier: 3, tool: 'pay', action: 'write' },
] as const;

/** The call that the target of the issue is about. */
export const TARGET_CALL = 'hewn: MCP, tier 1, bearer';

export async function oursTarget(ours: Ours): Promise<Target> {
  const key = await createDpopKey();
  const [bearer, bound] = [await obtain(ours), await obtain(ours, key)];
  const calls = TOOLS.flatMap(({ tier, tool }): Call[] => {
    const url = `${ours.audience}/mcp/bench`;
    return [
      mcpCall(url, tool, {
        name: `hewn: MCP, tier ${tier}, bearer`,
        floor: FLOORS.mcp,
        headers: { authorization: `Bearer ${bearer}` },
      }),
      mcpCall(url, tool, {
        name: `hewn: MCP, tier ${tier}, DPoP`,
        floor: FLOORS.mcp,
        headers: { authorization: `DPoP ${bound}` },
        proofs: (count) => proofsFor(key, { method: 'POST', url, token: bound }, count),
      }),
    ];
  });
  return { name: 'hewn', pid: ours.pid, calls };
}

async function obtain({ issuer: scene, audience }: Ours, dpop?: DpopKey): Promise<string> {
  const { issuer, provider, providerKey } = scene;
  const identity = (sub: string) => providerKey.sign({ iss: provider, aud: issuer, sub });
  const capability = await obtainCapability({
    issuer,
    audience,
    task: 'bench of the gateway',
    grants: TOOLS.map(({ tool, action }) => ({
      tool: `mcp/bench/${tool}`,
      action,
      dataset: 'bench/orders',
    })),
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
