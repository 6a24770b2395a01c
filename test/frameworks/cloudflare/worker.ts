/** The examples for Cloudflare as one Worker, with a scripted model. */
import { getAgentByName } from 'agents';
import { aiSdkModel } from './ai-sdk-model.ts';
import { type AgentEnv, ReportAgent } from './examples/cloudflare-agent.ts';
import { Seen } from './script.ts';

export { ReportWorkflow } from './examples/cloudflare-workflow.ts';

interface Env extends AgentEnv {
  readonly AGENT: DurableObjectNamespace<ScriptedAgent>;
}

export class ScriptedAgent extends ReportAgent<Env> {
  #seen = new Seen();

  protected override model() {
    // The SDK names a tool after its connection, which has a random id.
    const nameOf = (tool: string, offered: readonly string[]) =>
      offered.find((name) => name.endsWith(`_${tool}`)) ?? tool;
    return aiSdkModel(this.#seen, nameOf);
  }

  /** Answers one message: the model does the steps of the script from one to another. */
  async turn(from: number, to: number): Promise<object> {
    this.#seen = new Seen(from, to);
    const answer = await this.ask('go');
    const { tools, turns } = this.#seen;
    return { answer, tools, turns, workflow: this.state.workflow };
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const agent = await getAgentByName(env.AGENT, 'quarterly');
    if (pathname === '/finish') {
      await agent.finish();
      return new Response(null, { status: 204 });
    }
    const [from, to] = ['from', 'to'].map((name) => Number(searchParams.get(name)));
    return Response.json(await agent.turn(from ?? 0, to ?? 0));
  },
} satisfies ExportedHandler<Env>;
