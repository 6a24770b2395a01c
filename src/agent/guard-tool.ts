import * as v from 'valibot';
import { readBounded } from '../body.ts';
import type { Grant } from '../capability/index.ts';
import { expecting, type Members, object, readOptions, text } from '../options.ts';
import type { Connection } from './connect.ts';
import { NarrowingFailed } from './narrowing-failed.ts';
import { neededGrantsOf } from './needed-grants.ts';

/** The options of `guardTool`. */
export interface GuardToolOptions {
  /** The connection that the tool calls with. */
  readonly connection: Pick<Connection, 'widen'>;
  /** The tool, or the tools, that it calls, as grants name them: a step-up is for no other. */
  readonly tool: string | readonly string[];
}

const OPTIONS: Members<GuardToolOptions> = {
  connection: object,
  tool: expecting(
    'the name of a tool, or a list of names',
    (value) =>
      text(value) === undefined ||
      (Array.isArray(value) && value.length > 0 && value.every((one) => text(one) === undefined)),
  ),
};

const DENIAL_BYTES_MAX = 64 * 1024;
const denialBody = v.object({ code: v.string(), message: v.optional(v.string(), '') });

/**
 * Wraps the function of a tool, as an agent framework takes it in `execute`. A denial becomes a
 * text that a model reads instead of an exception that ends the run. If the denial says what is
 * missing, the connection steps up, as its `stepUp` allows, and the function runs once more. Any
 * other exception and result pass through.
 *
 * The function may return the `Response` of an API, throw what its client throws, or return the
 * result of an MCP tool.
 *
 * @example
 * ```ts
 * import { connect, guardTool, identityFrom } from 'hewn/agent';
 *
 * const connection = await connect({
 *   issuer,
 *   audience,
 *   identity: identityFrom(async () => actorToken),
 *   task: 'quarterly churn report',
 *   grants: [{ tool: 'crm.search', action: 'read', dataset: 'crm/contacts' }],
 *   fetch,
 * });
 * const search = guardTool(
 *   async ({ region }: { region: string }) => {
 *     const response = await connection.fetch(`${audience}/contacts/${region}`);
 *     return response.ok ? await response.text() : response;
 *   },
 *   { connection, tool: 'crm.search' },
 * );
 * console.log(await search({ region: 'eu' }));
 * await connection.complete();
 * ```
 */
export function guardTool<Args extends readonly unknown[], Value>(
  execute: (...args: Args) => Value | Promise<Value>,
  options: GuardToolOptions,
): (...args: Args) => Promise<Value | string> {
  const { connection, tool } = readOptions(options, 'guardTool', OPTIONS);
  const tools = [tool].flat();
  return async (...args) => {
    const first = await outcomeOf(execute, args);
    const needed = await neededGrantsOf(first.answer);
    const isWider = needed !== undefined && isOf(tools, needed) && (await connection.widen(needed));
    const last = isWider ? await outcomeOf(execute, args) : first;
    return readable(last);
  };
}

type Outcome<Value> =
  | { readonly thrown: false; readonly answer: Value }
  | { readonly thrown: true; readonly answer: unknown };

async function outcomeOf<Args extends readonly unknown[], Value>(
  execute: (...args: Args) => Value | Promise<Value>,
  args: Args,
): Promise<Outcome<Value>> {
  try {
    return { thrown: false, answer: await execute(...args) };
  } catch (answer) {
    return { thrown: true, answer };
  }
}

const isOf = (tools: readonly string[], needed: readonly Grant[]): boolean =>
  needed.every((grant) => tools.includes(grant.tool));

async function readable<Value>(outcome: Outcome<Value>): Promise<Value | string> {
  const { answer } = outcome;
  if (!outcome.thrown) return (await describeDenial(outcome.answer)) ?? outcome.answer;
  if (answer instanceof NarrowingFailed) return `Not called: ${answer.message}`;
  if (answer instanceof Error && (await neededGrantsOf(answer)) !== undefined) {
    return `Denied: ${answer.message}`;
  }
  throw answer;
}

/** Returns the text of a denied request to an API; undefined for anything else. */
async function describeDenial(answer: unknown): Promise<string | undefined> {
  const response = answer as Partial<Response> | null | undefined;
  if (typeof response?.clone !== 'function' || response.bodyUsed) return undefined;
  if (response.status !== 401 && response.status !== 403) return undefined;
  const body = await readBounded(response.clone(), DENIAL_BYTES_MAX);
  const denial = v.safeParse(denialBody, parse(body.ok ? body.value : ''));
  if (!denial.success) return undefined;
  const { code, message } = denial.output;
  return `Denied (${code})${message && `: ${message}`}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
