import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReportServer } from '../../examples/node-verifier.ts';
import { type LocalStage, openStage } from '../../scripts/local/stage.ts';
import { obtainCapability } from '../../src/agent/index.ts';
import { loadDeploymentKeys } from '../../src/key-file/index.ts';
import { hewn } from '../unit/cli/scene.ts';

/** A gateway and a Node server, each on its own socket, and a drill that measures both. */
let home: string;
let stage: LocalStage;
type ReportServer = ReturnType<typeof createReportServer>;
let reports: ReportServer;
let reportsUrl: string;
let feedKey: string;
const CREDENTIAL = 'credential-of-the-node-verifier';
/** The issuer shows a verifier under the digest of its credential. */
const credentialName = createHash('sha256').update(CREDENTIAL).digest('hex').slice(0, 16);

const startReports = () =>
  createReportServer({
    issuer: stage.issuerUrl,
    audience: stage.gatewayUrl,
    feedKey,
    floor: join(home, 'feed.floor'),
    credential: CREDENTIAL,
  });

async function listen({ server }: ReportServer): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-drill-'));
  const keys = await loadDeploymentKeys(home, 'dev', 1_800_000_000);
  if (!keys.ok) throw new Error(keys.error);
  feedKey = keys.value.keys.feed.publicKey;
  const port = (what: string) => ({ port: 0, what, portVariable: what });
  stage = await openStage({
    keys: keys.value.keys,
    ports: {
      issuer: port('issuer'),
      gateway: port('gateway'),
      identityProvider: port('identity provider'),
      servers: port('MCP server'),
    },
    localFolder: join(home, '.hewn'),
    stateFolder: join(home, 'state'),
    onLine: () => undefined,
    issuerVars: ({ gatewayUrl }) => ({
      VERIFIER_CREDENTIALS: JSON.stringify([
        {
          audience: gatewayUrl,
          sha256: createHash('sha256').update(CREDENTIAL).digest('hex'),
        },
      ]),
    }),
  });
  reports = startReports();
  reportsUrl = await listen(reports);
});
afterAll(async () => {
  await reports?.close();
  await stage?.close();
  await rm(home, { recursive: true });
});

const GRANTS = [
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
] as const;

/** Runs the drill as an operator types it, with these verifiers. */
async function drill(verifiers: readonly object[], words: readonly string[] = [], more = {}) {
  const config = {
    capability: {
      audience: stage.gatewayUrl,
      task: 'quarterly churn report',
      grants: GRANTS,
      ...more,
      subjectToken: { env: 'USER' },
      actorToken: { command: [process.execPath, '-e', 'console.log(process.env.DRILL_AGENT)'] },
    },
    verifiers,
  };
  await writeFile(join(home, 'drill.json'), JSON.stringify(config));
  const user = await stage.identity.userToken();
  process.env.DRILL_AGENT = await stage.identity.workloadToken();
  try {
    return await hewn(['drill', 'drill.json', '--issuer', stage.issuerUrl, ...words], {
      cwd: home,
      home,
      fetch,
      now: () => new Date(),
      variable: (name) => (name === 'USER' ? user : undefined),
    });
  } finally {
    delete process.env.DRILL_AGENT;
  }
}

const gateway = () => ({
  name: 'gateway',
  tier: 1,
  mcp: stage.mcpUrl,
  tool: 'read_text_file',
  arguments: { path: 'reports/q1.md' },
});
const node = () => ({ name: 'node', tier: 1, url: `${reportsUrl}/reports/q1.md` });

describe('hewn drill', () => {
  test('measures a denial at a gateway and at a Node server well within their bound', async () => {
    const ran = await drill([gateway(), node()], ['--json', '--every', '50']);
    expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('gateway: allowed')]);
    const { workflow, verifiers } = JSON.parse(ran.out);
    expect(verifiers).toMatchObject([
      { name: 'gateway', boundMilliseconds: 60_000, code: 'revoked', verdict: 'in_time' },
      { name: 'node', boundMilliseconds: 60_000, code: 'revoked', verdict: 'in_time' },
    ]);
    // A gateway that polls learns of it within seconds, and a verifier with a socket at once.
    for (const { deniedAfterMilliseconds } of verifiers) {
      expect(deniedAfterMilliseconds).toBeLessThan(10_000);
    }
    const shown = await hewn(['workflows', 'show', workflow, '--issuer', stage.issuerUrl], {
      home,
      fetch,
    });
    expect(shown).toMatchObject({ code: 0, err: '', out: expect.stringContaining('revoked') });
  });

  test('prints a table, and revokes what it minted even if a call was not allowed', async () => {
    const ran = await drill([node()]);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(
      /^verifier +tier +bound[\s\S]*\nnode +1 +60\.000 s .* revoked +in time$/,
    );
    const wrong = await drill([{ ...node(), url: `${reportsUrl}/elsewhere` }]);
    expect([wrong.code, wrong.out]).toEqual([2, '']);
    expect(wrong.err).toMatch(/minted: (wf_\S+)[\s\S]*revoked: 1\.\d[\s\S]*HTTP 404/);
  });
});

test('hewn drill uses a capability that is bound to a key', async () => {
  const ran = await drill([gateway()], ['--json'], { dpop: true });
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining('gateway: allowed')]);
  expect(JSON.parse(ran.out).verifiers).toMatchObject([{ code: 'revoked', verdict: 'in_time' }]);
});

test('hewn workflows suspends and resumes a workflow, whose earlier tokens stay invalid', async () => {
  const { workflow, token } = await mint();
  const order = async (move: string) => {
    const words = ['workflows', move, workflow, '--reason', 'drill', '--issuer', stage.issuerUrl];
    return (await hewn(words, { home, fetch })).out.split('\n')[0];
  };
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${reportsUrl}/reports/q1.md`, { headers })).status;
  };
  expect(await ask()).toBe(200);
  expect(await order('suspend')).toBe(`${workflow}  suspended`);
  await expect.poll(ask).toBe(401);
  expect(await order('resume')).toBe(`${workflow}  active`);
  expect(await order('revoke')).toBe(`${workflow}  revoked`);
  expect(await ask()).toBe(401);
  const file = join(home, 'feed.bin');
  const feed = (...words: string[]) =>
    hewn(['feed', ...words, '--issuer', stage.issuerUrl, '--feed-key', feedKey], {
      home,
      fetch,
      now: () => new Date(),
    });
  expect((await feed('export', '--out', file)).code).toBe(0);
  const asked = await feed('verify', file, '--workflow', workflow, '--max-age', '60');
  expect(asked).toMatchObject({ code: 1, out: expect.stringContaining('is revoked') });
  expect((await feed('verify', file, '--workflow', 'wf_of_nobody')).code).toBe(0);
});

async function mint() {
  const capability = await obtainCapability({
    issuer: stage.issuerUrl,
    audience: stage.gatewayUrl,
    task: 'count',
    grants: GRANTS,
    subjectToken: await stage.identity.userToken(),
    actorToken: await stage.identity.workloadToken(),
  });
  if (!capability.ok) throw new Error(JSON.stringify(capability.error));
  return capability.value;
}

describe('the Node server', () => {
  test('is counted among the verifiers that have a revocation', async () => {
    const { token, workflow } = await mint();
    const ask = () =>
      fetch(`${reportsUrl}/reports/q1.md`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await ask()).text()).toBe('# Q1');
    const words = ['workflows', 'revoke', workflow, '--reason', 'x', '--wait', '2', '--json'];
    const revoked = await hewn([...words, '--issuer', stage.issuerUrl], { home, fetch });
    const { verifiers } = JSON.parse(revoked.out) as {
      verifiers: { confirmed: number; waiting: string[] };
    };
    expect(verifiers.confirmed).toBeGreaterThan(0);
    expect(verifiers.waiting.filter((name) => name.startsWith(credentialName))).toEqual([]);
    expect((await ask()).status).toBe(401);
  });

  test('restarts with its floor, and denies if it cannot read the floor', async () => {
    const floor = join(home, 'feed.floor');
    await reports.close();
    const text = await readFile(floor, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ epoch: 1, seq: reports.feed?.head?.seq });
    await writeFile(floor, 'damaged');
    reports = startReports();
    expect(await reports.feed?.refresh()).toMatchObject({ error: { code: 'floor_unreadable' } });
    await writeFile(floor, text);
    expect((await reports.feed?.refresh())?.ok).toBe(true);
  });
});
