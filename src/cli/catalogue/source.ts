import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readBytes } from '../../body.ts';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  readDeployment,
  showFault,
} from '../../deployment/index.ts';
import { fromUtf8 } from '../../encoding.ts';
import { listOpenApi, OPENAPI_BYTES_MAX } from '../../openapi/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { readServer, type ServerListing, type ServerSource } from '../../server-listing/index.ts';
import { serverName } from '../../upstream/index.ts';
import type { CommandContext } from '../command.ts';
import { visible } from '../visible.ts';

/** The flags of every command that asks a live server. */
export const SERVER_FLAGS = {
  server: {
    kind: 'text',
    value: 'NAME',
    description:
      'the name of the server in mcp/NAME/tool, or of the API in http/NAME/tool; by default its name in hewn.toml',
  },
  bearer: {
    kind: 'text',
    value: 'VARIABLE',
    description: "send this environment variable's value to the server as a bearer token",
  },
} as const;

interface ServerChoice {
  readonly server: string | undefined;
  readonly bearer: string | undefined;
}

/** A server, under the name that the catalogue has for it. */
export interface NamedServer {
  readonly name: string;
  readonly source: ServerSource | OpenApiSource;
}

/** An OpenAPI document, which describes an HTTP API. */
interface OpenApiSource {
  readonly readText: () => Promise<Result<string, string>>;
}

/** A file or URL of an OpenAPI document. MCP servers have no such names. */
const isOpenApi = (operand: string): boolean =>
  /\.(?:json|ya?ml)$/i.test(operand.split(/[?#]/, 1)[0] ?? '');

/**
 * Finds the server that the operands name: a URL, a server of `[dev.servers]` in `hewn.toml`, or
 * the words of a command that starts it.
 */
export async function chooseServer(
  context: CommandContext,
  operands: readonly string[],
  { server, bearer }: ServerChoice,
): Promise<Result<NamedServer, string>> {
  const [first, ...others] = operands;
  if (first === undefined) {
    return refuse('name a server: its URL, its name in hewn.toml, or the command that starts it');
  }
  if (server !== undefined && !serverName.test(server)) {
    return refuse('--server must be lower-case letters, digits and "-", at most 32');
  }
  const credential = bearer === undefined ? undefined : context.variable(bearer);
  if (bearer !== undefined && !credential) return refuse(`the variable ${bearer} is not set`);
  const http = (url: string): ServerSource => ({
    url,
    fetch: context.fetch,
    ...(credential !== undefined && { credential }),
  });
  if (isOpenApi(first) && others.length === 0) {
    if (server === undefined) return refuse(NAME_MISSING);
    return ok({ name: server, source: { readText: () => readText(context, first, credential) } });
  }
  if (/^https?:\/\//.test(first)) {
    if (others.length > 0) return refuse('one URL at a time. See --help');
    if (!URL.canParse(first)) return refuse(`${JSON.stringify(first)} is no URL`);
    return server === undefined ? refuse(NAME_MISSING) : ok({ name: server, source: http(first) });
  }
  if (others.length === 0) {
    const servers = await serversOfFile(context);
    if (!servers.ok) return servers;
    const known = Object.hasOwn(servers.value, first) ? servers.value[first] : undefined;
    if (known) return ok({ name: server ?? first, source: sourceOf(context, known, http) });
    const names = Object.keys(servers.value);
    if (server === undefined && names.length > 0) {
      return refuse(
        `${DEPLOYMENT_FILE} has no [dev.servers.${first}]. It has: ${names.join(', ')}. For a command of this name, add --server NAME`,
      );
    }
  }
  if (server === undefined) return refuse(NAME_MISSING);
  return ok({ name: server, source: { command: operands, cwd: context.cwd } });
}

const NAME_MISSING =
  'give the server a name with --server NAME: its tools are called mcp/NAME/tool in the catalogue, and those of an HTTP API http/NAME/tool';

type DevServers = NonNullable<NonNullable<Deployment['dev']>['servers']>;

/** Returns the servers of `[dev.servers]` by name; none if the folder has no deployment. */
async function serversOfFile({ cwd }: CommandContext): Promise<Result<DevServers, string>> {
  const bytes = await readFile(join(cwd, DEPLOYMENT_FILE)).catch(() => undefined);
  if (bytes === undefined) return ok({});
  const deployment = await readDeployment(bytes, DEPLOYMENT_FILE);
  if (!deployment.ok) return refuse(deployment.error.map(showFault).join('\n'));
  return ok(deployment.value.dev?.servers ?? {});
}

function sourceOf(
  { cwd }: CommandContext,
  server: DevServers[string],
  http: (url: string) => ServerSource,
): ServerSource {
  if (server.url !== undefined) return http(server.url);
  const { command = [], cwd: folder = '.' } = server;
  return { command, cwd: resolve(cwd, folder) };
}

/** Asks the server for everything that it offers. */
export async function ask({ name, source }: NamedServer): Promise<Result<ServerListing, string>> {
  const listing = 'readText' in source ? await askDocument(source, name) : await readServer(source);
  return listing.ok ? listing : refuse(visible(`the server "${name}": ${listing.error}`));
}

async function askDocument(
  { readText }: OpenApiSource,
  name: string,
): Promise<Result<ServerListing, string>> {
  const text = await readText();
  return text.ok ? listOpenApi(text.value, name) : text;
}

const DOCUMENT_MILLISECONDS_MAX = 30_000;

/** Reads a document from a file or a URL, within a bound. A redirect is not followed. */
async function readText(
  context: CommandContext,
  place: string,
  credential: string | undefined,
): Promise<Result<string, string>> {
  const bytes = /^https?:\/\//.test(place)
    ? await fetchBytes(context, place, credential)
    : await readFileBytes(resolve(context.cwd, place));
  if (!bytes.ok) return bytes;
  const text = fromUtf8(bytes.value);
  return text === undefined ? refuse('it is not UTF-8') : ok(text);
}

async function fetchBytes(
  { fetch }: CommandContext,
  url: string,
  credential: string | undefined,
): Promise<Result<Uint8Array, string>> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(DOCUMENT_MILLISECONDS_MAX),
      ...(credential !== undefined && { headers: { authorization: `Bearer ${credential}` } }),
    });
    if (!response.ok) return refuse(`HTTP ${response.status}`);
    const bytes = await readBytes(response, OPENAPI_BYTES_MAX);
    return bytes.ok ? bytes : refuse(TOO_LARGE);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : 'it cannot be fetched');
  }
}

async function readFileBytes(path: string): Promise<Result<Uint8Array, string>> {
  try {
    if ((await stat(path)).size > OPENAPI_BYTES_MAX) return refuse(TOO_LARGE);
    return ok(await readFile(path));
  } catch (error) {
    return refuse(`cannot read it: ${(error as NodeJS.ErrnoException).code}`);
  }
}

const TOO_LARGE = `it is larger than ${OPENAPI_BYTES_MAX / 1024 / 1024} MiB`;
