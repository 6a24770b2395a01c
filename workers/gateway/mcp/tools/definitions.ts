import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';
import { type Catalogue, definitionDigest } from '../../../../src/catalogue/index.ts';
import { readClock, type UnixMilliseconds } from '../../../../src/clock.ts';
import { lookOf } from '../../../../src/look-alike.ts';
import { report } from '../../../../src/report.ts';
import type { Route } from '../route.ts';
import { callUpstream } from '../upstream.ts';

/** How long a definition counts as seen. A list that an agent gets is compared each time anyway. */
const SEEN_MILLISECONDS_MAX = 300_000;
const FAILED_MILLISECONDS = 2_000; // A server that does not answer is not asked by every call.
const PAGES_MAX = 20;
const TOOLS_MAX = 2_000; // Of one server.
const LOOKING_ALIKE_MAX = 100; // That an isolate reports.

/** What a server last said about a pinned tool. */
interface Seen {
  readonly at: UnixMilliseconds;
  /** Undefined if the server lists no such tool, two of them, or one without a digest. */
  readonly digest: string | undefined;
}

/** Whether a tool is still what the catalogue pins. */
export type Pinned = 'same' | 'changed' | 'unavailable';

/**
 * The definitions of pinned tools, as their servers list them. A model does what a description
 * says, so a tool whose definition changes is another tool until a person has looked at it.
 */
export class Definitions {
  /** By `mcp/<server>/<tool>`. */
  readonly #seen = new Map<string, Seen>();
  /** When the list of a server could not be read. */
  readonly #failedAt = new Map<string, UnixMilliseconds>();
  readonly #lookAlikes = new Set<string>();

  /**
   * Learns one page of a server's list. Returns the names on it that must not be shown: pinned
   * tools that changed, every tool that is listed twice, and what a longer list has beyond the
   * bound, because nothing compares it.
   */
  async learn(
    server: string,
    listed: readonly Json[],
    catalogue: Catalogue,
  ): Promise<ReadonlySet<string>> {
    const all = listed.filter(isJsonObject);
    const definitions = all.slice(0, TOOLS_MAX);
    const counts = new Map<string, number>();
    for (const { name } of definitions) {
      counts.set(String(name), (counts.get(String(name)) ?? 0) + 1);
    }
    const hidden = new Set(all.slice(TOOLS_MAX).map(({ name }) => String(name)));
    for (const definition of definitions) {
      const name = String(definition.name);
      const isTwice = (counts.get(name) ?? 0) > 1;
      const tool = `mcp/${server}/${name}`;
      const pinned = catalogue.get(tool)?.definition;
      if (isTwice) hidden.add(name);
      if (pinned === undefined) continue;
      const digest = isTwice ? undefined : await definitionDigest(definition);
      this.#note(tool, digest);
      if (digest !== pinned) hidden.add(name);
    }
    this.#reportLookAlikes(server, [...counts.keys()], catalogue);
    return hidden;
  }

  /**
   * Compares a pinned tool with what its server lists now. Asks the server if that was not seen
   * lately, in the session and on behalf of the caller.
   */
  async check(route: Route, tool: string, catalogue: Catalogue): Promise<Pinned> {
    const pinned = catalogue.get(tool)?.definition;
    if (pinned === undefined) return 'same';
    const now = readClock();
    const seen = this.#seen.get(tool);
    if (seen && seen.digest === pinned && now - seen.at < SEEN_MILLISECONDS_MAX) return 'same';
    const { server } = route;
    const failedAt = this.#failedAt.get(server);
    if (failedAt !== undefined && now - failedAt < FAILED_MILLISECONDS) return 'unavailable';
    const listed = await listTools(route);
    if (!listed) {
      this.#failedAt.set(server, readClock());
      return 'unavailable';
    }
    this.#failedAt.delete(server);
    const ofServer = [...catalogue.values()].filter(
      ({ name, definition }) => definition !== undefined && name.startsWith(`mcp/${server}/`),
    );
    // What the server no longer lists, or lists under another name, is gone.
    for (const { name } of ofServer) this.#note(name, undefined);
    await this.learn(server, listed, catalogue);
    return this.#seen.get(tool)?.digest === pinned ? 'same' : 'changed';
  }

  #note(tool: string, digest: string | undefined): void {
    this.#seen.set(tool, { at: readClock(), digest });
  }

  /** No unlisted tool can be called, and an operator learns of one that looks like a listed one. */
  #reportLookAlikes(server: string, names: readonly string[], catalogue: Catalogue): void {
    const prefix = `mcp/${server}/`;
    const looks = new Map<string, string>();
    for (const name of catalogue.keys()) {
      if (name.startsWith(prefix)) looks.set(lookOf(name.slice(prefix.length)), name);
    }
    for (const name of names) {
      const like = looks.get(lookOf(name));
      const tool = `${prefix}${name.slice(0, 128)}`;
      if (like === undefined || catalogue.has(tool) || this.#lookAlikes.has(tool)) continue;
      if (this.#lookAlikes.size >= LOOKING_ALIKE_MAX) return;
      this.#lookAlikes.add(tool);
      report('tool.look_alike', { tool, like });
    }
  }
}

/** Asks a server for all of its tools. Undefined if the list could not be read to its end. */
async function listTools(route: Route): Promise<readonly Json[] | undefined> {
  const { upstream, caller, version, session } = route;
  const tools: Json[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { message } = await callUpstream(upstream, {
      id: `hewn-${crypto.randomUUID()}`,
      method: 'tools/list',
      caller,
      params: paramsOf(version, cursor),
      version,
      session,
    });
    const result = message?.result;
    if (!isJsonObject(result) || !Array.isArray(result.tools)) return undefined;
    tools.push(...(result.tools as readonly Json[]));
    if (tools.length > TOOLS_MAX) return undefined;
    if (typeof result.nextCursor !== 'string') return tools;
    cursor = result.nextCursor;
  }
  return undefined;
}

const META = 'io.modelcontextprotocol';

/** From revision 2026-07-28 on, each request says who asks in which revision. */
function paramsOf(version: string | undefined, cursor: string | undefined): JsonObject {
  const isModern = version !== undefined && version >= '2026-07-28';
  return {
    ...(cursor !== undefined && { cursor }),
    ...(isModern && {
      _meta: {
        [`${META}/protocolVersion`]: version,
        [`${META}/clientInfo`]: { name: 'hewn-gateway', version: '1' },
        [`${META}/clientCapabilities`]: {},
      },
    }),
  };
}
