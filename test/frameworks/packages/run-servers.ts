/** Runs the example without Hewn in it, inside `hewn run`. Prints what its model saw, as JSON. */
import { summarize } from './examples/langchain-servers.ts';
import { runAll } from './harness.ts';
import { LangChainModel } from './langchain-model.ts';

await runAll({
  'langchain-servers': (seen) =>
    summarize(process.env.HEWN_MCP_CONFIG ?? '', new LangChainModel(seen)),
});
