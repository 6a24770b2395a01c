import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ok, refuse } from '../../result.ts';
import { describeSummary, runAgent } from '../../run/index.ts';
import { defineCommand, showJson } from '../command.ts';
import { SESSION_FLAGS } from './flags.ts';
import { openSession } from './session.ts';

export const runCommand = defineCommand({
  name: 'run',
  summary: 'run an agent with a capability for one task, without changing the agent',
  operands: '-- COMMAND [ARGUMENT …]',
  description: `Obtains a capability for this run, starts COMMAND, and hands it the MCP servers behind the gateway in the way in which that agent is configured: claude, codex, gemini, opencode, or any other program that reads HEWN_MCP_CONFIG. The files of the user stay as they are.

The agent gets a socket and no secret. This process holds the capability and its key, narrows and proves every call, renews ahead of expiry, and opens lost sessions again. Variables with credentials of Hewn or of the platform are removed from the environment of the agent.

A denied call that a wider capability would allow can step up. With --step-up ask, which is the default, a person at the terminal is asked first; the agent stands still meanwhile. Without a terminal, and with policy, the policy of the issuer decides, which may ask a person elsewhere. With never, a denial stays a denial.

When COMMAND has ended, the workflow is ended too, and a summary says what was done, what was denied, and what was granted but never used. If this process is killed, the workflow ends within 120 s by itself.

In a folder whose hewn dev runs, a profile of hewn.toml is all that is needed.`,
  flags: {
    ...SESSION_FLAGS,
    summary: {
      kind: 'text',
      value: 'FILE',
      description: 'write the summary to this file, as JSON',
    },
    quiet: { kind: 'switch', description: 'print no summary' },
  },
  examples: [
    'hewn run -- claude',
    'hewn run --profile review -- codex exec "review the open changes"',
    'hewn run --task "weekly summary" --grants grants.toml --identity github -- gemini -p go',
  ],
  exitCodes: { 2: 'the agent was not started. Otherwise, the exit code is that of COMMAND' },
  run: async ({ flags, operands }, context) => {
    if (operands.length === 0) return refuse('name the command to run: hewn run -- COMMAND');
    const session = await openSession(context, flags);
    if (!session.ok) return session;
    const ended = await runAgent({
      ...session.value,
      command: operands,
      cwd: context.cwd,
      env: process.env,
      say: (line) => context.err(`hewn: ${line}`),
    });
    if (!ended.ok) return ended;
    const { summary, code, error } = ended.value;
    if (!flags.quiet) for (const line of describeSummary(summary)) context.err(`hewn: ${line}`);
    if (flags.summary !== undefined) {
      await writeFile(resolve(context.cwd, flags.summary), `${showJson(summary)}\n`);
    }
    return error === undefined ? ok(code) : refuse(`cannot start ${operands[0]}: ${error}`);
  },
});
