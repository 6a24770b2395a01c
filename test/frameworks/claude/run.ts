/** Runs the example of the Claude Agent SDK with a scripted model. Prints what its model saw. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClaudeModel } from './claude-model.ts';
import { summarize } from './examples/claude-agent-sdk.ts';
import { optionsOf, runAll } from './harness.ts';

await runAll({
  'claude-agent-sdk': async (seen) => {
    const model = await startClaudeModel(seen);
    const home = await mkdtemp(join(tmpdir(), 'hewn-claude-'));
    try {
      return await summarize(optionsOf(process.env), {
        PATH: process.env.PATH,
        HOME: home,
        CLAUDE_CONFIG_DIR: home,
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'scripted',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        ENABLE_TOOL_SEARCH: 'false',
      });
    } finally {
      model.close();
      await rm(home, { recursive: true, force: true });
    }
  },
});
