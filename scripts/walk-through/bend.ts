/**
 * What a holder can try with the bytes of a token: use it elsewhere, add to it, keep it too long.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Capability, type Narrowing, narrow } from '../../src/agent/index.ts';
import { narrow as append, parseBlock, parseToken } from '../../src/biscuit/index.ts';
import { STEP_SECONDS_DEFAULT } from '../../src/limits.ts';
import type { Hijacked, Try } from './attempt.ts';
import type { Transcript } from './transcript.ts';

const READ = { tool: 'read_text_file', args: { path: 'reports/q3.md' } } as const;
const READ_STEP: Narrowing = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: ['files/reports/q3.md'],
  args: READ.args,
};

/** Returns the number of calls that were legitimate and had to succeed. */
export async function bend(
  { agent, capability }: Hijacked,
  { attempt, transcript }: { readonly attempt: Try; readonly transcript: Transcript },
): Promise<number> {
  const allowed = async (what: string, token: string) => {
    const answer = await agent.call(READ.tool, READ.args, token);
    const why = answer.verdict === 'allowed' ? 'the token is good' : answer.why;
    const expected = answer.verdict === 'allowed' ? undefined : 'allowed';
    transcript.step({ what, verdict: answer.verdict, why, expected });
  };

  const step = await narrowed(capability, STEP_SECONDS_DEFAULT);
  await allowed('read reports/q3.md with a token narrowed to that', step);
  await attempt({
    what: 'list reports with the same token',
    tool: 'list_directory',
    args: { path: 'reports' },
    token: step,
    code: 'caveat_failed',
  });
  await attempt({
    what: 'read reports/q1.md with the same token',
    tool: READ.tool,
    args: { path: 'reports/q1.md' },
    token: step,
    code: 'caveat_failed',
  });

  await attempt({
    what: 'read private/salaries.csv with a grant for it added to the token',
    tool: READ.tool,
    args: { path: 'private/salaries.csv' },
    code: 'no_grant',
    token: await widened(capability),
  });

  const seconds = 1;
  const short = await narrowed(capability, seconds);
  await allowed(`read reports/q3.md with a token valid for ${seconds} s`, short);
  await sleep((seconds + 1) * 1000);
  await attempt({
    what: 'the same call with the same token a moment later',
    ...READ,
    token: short,
    code: 'expired',
  });
  return 2;
}

/**
 * Rounds up, because a token's time is in whole seconds: it lives `seconds`, and at most one more.
 */
async function narrowed(capability: Capability, seconds: number): Promise<string> {
  const expires = new Date((Math.ceil(Date.now() / 1000) + seconds) * 1000);
  const step = await narrow(capability.token, { ...READ_STEP, expires });
  if (!step.ok) throw new Error(`the token could not be narrowed: ${step.error.code}`);
  return step.value;
}

/**
 * Returns the capability with one more block that states a grant, well-formed and properly chained.
 * Any holder can write such a block. Verifiers ignore grants outside the authority block.
 */
async function widened({ token }: Capability): Promise<string> {
  const parsed = parseToken(token);
  const block = parseBlock('grant("mcp/files/read_text_file", "read", "files/private")');
  if (!parsed.ok || !block.ok) throw new Error('the capability or the block could not be read');
  const appended = await append(parsed.value, block.value);
  if (!appended.ok) throw new Error(`the block could not be added: ${appended.error.code}`);
  return appended.value.text;
}
