import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hewn } from '../unit/cli/scene.ts';
import { serve } from '../unit/fixtures/log.ts';
import { obtain, read, send } from './agent.ts';
import { openStage } from './stage.ts';

test('a gateway that pins an offline key obeys the list of another host, and no other key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hewn-kill-'));
  const kill = (...words: string[]) =>
    hewn(['kill', ...words], { cwd: folder, now: () => new Date() });
  const { out } = await kill('new-key', '--key', 'kill.json');
  const [publicKey = ''] = /[0-9a-f]{64}/.exec(out) ?? [];
  await using host = await serve(async (_request, response) => {
    response.end(await readFile(join(folder, 'kills.json')));
  });
  const gatewayVars = { KILL_PUBLIC_KEY: publicKey, KILL_URL: `${host.url}/kills.json` };
  const stage = await openStage({ gatewayVars });
  try {
    const good = () => read(stage.documents.reports[0] ?? '');
    const { token } = await obtain(stage);
    const words = ['--key', 'kill.json', '--list', 'kills.json', '--issuer', stage.issuer];
    expect((await kill('sign', 'all', ...words)).code).toBe(0);
    expect(await send(stage, token, good())).toMatchObject({ status: 401, code: 'revoked' });
    expect(host.asked).toEqual(['/kills.json']);
    // Wait for the next second: the statement stops what was issued within its own.
    await new Promise((passed) => setTimeout(passed, 1_100));
    const later = await obtain(stage);
    expect((await send(stage, later.token, good())).status).toBe(200);
  } finally {
    await stage.close();
    await rm(folder, { recursive: true });
  }
});
