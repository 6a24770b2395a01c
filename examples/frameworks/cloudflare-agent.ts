/**
 * An agent of Cloudflare's Agents SDK, a Durable Object. Its workflow outlives the object's memory:
 * after hibernation it has the same key again, and continues. Guide:
 * docs/guides/frameworks/cloudflare-agents.md. test/product/frameworks.test.ts runs this file with
 * the real packages and a scripted model, and evicts the object in the middle.
 */
import { Agent } from 'agents';
import { generateText, isStepCount, type LanguageModel } from 'ai';
import { type Connection, connect, deriveDpopKey, identityFrom } from 'hewn/agent';
import { GRANTS, TASK } from './task.ts';

export interface AgentEnv {
  readonly HEWN_ISSUER: string;
  readonly HEWN_GATEWAY: string;
  readonly HEWN_ACTOR_TOKEN: string;
  readonly HEWN_SUBJECT_TOKEN: string;
  /** A secret of this Worker: the keys of its agents are derived from it. */
  readonly HOLDER_SECRET: string;
}

interface Run {
  /** The id of the workflow, once it has begun. It allows nothing without the key. */
  readonly workflow?: string;
}

export abstract class ReportAgent<Env extends AgentEnv> extends Agent<Env & Cloudflare.Env, Run> {
  override initialState: Run = {};
  #connection: Promise<Connection> | undefined;

  protected abstract model(): LanguageModel;

  /** Answers a message with the tools of the gateway. */
  async ask(prompt: string): Promise<string> {
    const connection = await this.#connect();
    const { url, fetch } = connection.mcp('files');
    // In memory only: `addMcpServer` would store the connection without its `fetch`.
    const transport = { type: 'streamable-http', fetch } as const;
    const { id } = await this.mcp.connect(url.href, { transport });
    try {
      const tools = this.mcp.getAITools({ serverId: id });
      const model = this.model();
      const { text } = await generateText({ model, tools, prompt, stopWhen: isStepCount(20) });
      return text;
    } finally {
      await this.mcp.closeConnection(id);
    }
  }

  /** Ends the workflow. The next message begins another. */
  async finish(): Promise<void> {
    const connection = await this.#connect();
    const ended = await connection.complete();
    if (!ended.ok) throw new Error(`the workflow is still active: ${ended.error.code}`);
    this.#connection = undefined;
    this.setState({});
  }

  /** One connection for each life of the object. It continues the workflow of the life before. */
  #connect(): Promise<Connection> {
    this.#connection ??= this.#open().catch((error) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const { env, state } = this;
    const connection = await connect({
      issuer: env.HEWN_ISSUER,
      audience: env.HEWN_GATEWAY,
      identity: identityFrom(() => env.HEWN_ACTOR_TOKEN),
      user: identityFrom(() => env.HEWN_SUBJECT_TOKEN),
      task: TASK,
      grants: GRANTS,
      dpop: await deriveDpopKey(env.HOLDER_SECRET, `agent ${this.name}`),
      ...(state.workflow !== undefined && { workflow: state.workflow }),
    });
    this.setState({ workflow: connection.workflow });
    return connection;
  }
}
