/**
 * The agent's token is stolen. A thief who has the token, but not the key it is bound to, is
 * denied.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DenialCode } from '../../src/denials/index.ts';
import { denialIn } from './agent.ts';
import type { Hijacked } from './attempt.ts';
import type { Scene } from './scene.ts';
import type { Loot } from './thief.ts';
import type { Transcript } from './transcript.ts';

const THIEF = resolve(import.meta.dirname, 'thief.ts');
const THIEF_MS_MAX = 20_000;

const MESSAGE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'read_text_file', arguments: { path: 'reports/q3.md' } },
};

/** Returns the number of calls that the other process made. */
export async function steal(
  { mcpUrl }: Scene,
  { capability }: Hijacked,
  transcript: Transcript,
): Promise<number> {
  transcript.note('it hands its whole capability to another process, which cannot get the key:');
  const ways = [
    ['bearer', 'unchanged'],
    ['dpop', "with a proof by the thief's own key"],
  ] as const;
  const expected: DenialCode = 'holder_unproven';
  for (const [as, how] of ways) {
    const { token } = capability;
    const response = await thief({ token, url: mcpUrl, message: JSON.stringify(MESSAGE), as });
    const answer = denialIn(response);
    transcript.step({
      what: `read reports/q3.md with the stolen token, ${how}`,
      verdict: answer?.verdict ?? 'allowed',
      why: answer?.why ?? 'answered',
      expected: answer?.code === expected ? undefined : expected,
    });
  }
  return ways.length;
}

/** Returns what the gateway answered to the other process. */
async function thief(loot: Loot): Promise<unknown> {
  const child = spawn(process.execPath, [THIEF], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: THIEF_MS_MAX,
  });
  child.stdin.end(JSON.stringify(loot));
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the other process exited with ${code}`);
  return JSON.parse(printed);
}
