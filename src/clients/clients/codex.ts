import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { ok } from '../../result.ts';
import { tomlKey, tomlValue } from '../../toml-text.ts';
import type { Client } from '../client.ts';
import type { HttpEntry, ServerEntry } from '../entry.ts';
import { readCommon, textOf, textTable, writeAll, writeEntry, writeStdio } from '../fields.ts';

/** Codex calls its headers `http_headers` and ignores a key `headers`. */
const writeHttp = ({ url, headers }: HttpEntry): JsonObject => ({
  url,
  ...(headers !== undefined && { http_headers: { ...headers } }),
});

const write = (entry: ServerEntry) => writeEntry(entry, writeStdio, writeHttp);

/**
 * Headers that name a variable are read as `${NAME}`, which is how the other clients write them.
 */
function readHeaders(value: JsonObject): Readonly<Record<string, string>> {
  const bearer = textOf(value.bearer_token_env_var);
  const named = Object.entries(textTable(value.env_http_headers) ?? {});
  return {
    ...textTable(value.http_headers),
    ...Object.fromEntries(named.map(([header, name]) => [header, `\${${name}}`])),
    ...(bearer !== undefined && { Authorization: `Bearer \${${bearer}}` }),
  };
}

function read(value: JsonObject): ServerEntry | undefined {
  const entry = readCommon(isJsonObject(value) ? value : {}, ['url']);
  if (entry === undefined || 'command' in entry) return entry;
  const headers = readHeaders(value);
  return Object.keys(headers).length === 0 ? { url: entry.url } : { url: entry.url, headers };
}

/** Codex. Its sandbox keeps the agent's commands from the network, and from sockets. */
export const codex: Client = {
  name: 'codex',
  title: 'Codex',
  commands: ['codex'],
  format: 'toml',
  file: (scope, { home, project, variable }) =>
    scope === 'project'
      ? join(project, '.codex', 'config.toml')
      : join(variable('CODEX_HOME') ?? join(home, '.codex'), 'config.toml'),
  path: ['mcp_servers'],
  write,
  read,
  modelName: (server, tool) => `mcp__${server}__${tool}`.replace(/\W/g, '_'),
  oneRun: (entries, _folder, { approveTools = false, callSeconds, others = [] }) => {
    const servers = writeAll(entries, write);
    if (!servers.ok) return servers;
    const settings = {
      // Without it, Codex begins before the server has answered, and the first turn has no tools.
      required: true,
      ...(callSeconds !== undefined && { tool_timeout_sec: callSeconds }),
      ...(approveTools && { default_tools_approval_mode: 'approve' }),
    };
    const added = Object.entries(servers.value).map(
      ([name, entry]) => `mcp_servers.${tomlKey(name)}=${tomlValue({ ...entry, ...settings })}`,
    );
    // Codex reads no entry without a transport, not even one that is switched off.
    const off = others
      .filter((name) => !Object.hasOwn(entries, name))
      .map((name) => `mcp_servers.${tomlKey(name)}={ command = "true", enabled = false }`);
    return ok({ args: [...added, ...off].flatMap((each) => ['-c', each]), env: {}, files: [] });
  },
};
