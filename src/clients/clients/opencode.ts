import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '../../canonical-json.ts';
import { ok, refuse } from '../../result.ts';
import type { Client } from '../client.ts';
import type { ServerEntry } from '../entry.ts';
import { textOf, textsOf, textTable, writeAll, writeEntry, writeHeaders } from '../fields.ts';

const write = (entry: ServerEntry) =>
  writeEntry(
    entry,
    ({ command, args, env }) => ({
      type: 'local',
      command: [command, ...args],
      ...(env !== undefined && { environment: { ...env } }),
    }),
    // Without `oauth: false` it would start a login at the first 401.
    (http) => ({ type: 'remote', url: http.url, oauth: false, ...writeHeaders(http) }),
  );

function read(value: JsonObject): ServerEntry | undefined {
  const [command, ...args] = textsOf(value.command);
  const env = textTable(value.environment);
  if (command !== undefined) return { command, args, ...(env !== undefined && { env }) };
  const [url, headers] = [textOf(value.url), textTable(value.headers)];
  return url === undefined ? undefined : { url, ...(headers !== undefined && { headers }) };
}

const CONTENT = 'OPENCODE_CONFIG_CONTENT';

/** OpenCode. */
export const opencode: Client = {
  name: 'opencode',
  title: 'OpenCode',
  commands: ['opencode'],
  format: 'jsonc',
  file: (scope, { home, project, variable }) =>
    scope === 'project'
      ? join(project, 'opencode.json')
      : join(variable('XDG_CONFIG_HOME') ?? join(home, '.config'), 'opencode', 'opencode.json'),
  path: ['mcp'],
  write,
  read,
  modelName: (server, tool) => `${server}_${tool}`.replace(/[^\w-]/g, '_'),
  oneRun: (entries, _folder, { callSeconds, others = [], variable }) => {
    const servers = writeAll(entries, write);
    if (!servers.ok) return servers;
    const given = contentOf(variable?.(CONTENT));
    if (given === undefined) return refuse(`${CONTENT} is set, and is no JSON object`);
    const timeout = callSeconds === undefined ? {} : { timeout: callSeconds * 1_000 };
    const off = others
      .filter((name) => !Object.hasOwn(entries, name))
      .map((name) => [name, { enabled: false }]);
    const on = Object.entries(servers.value).map(([name, entry]) => [
      name,
      { ...entry, enabled: true, ...timeout },
    ]);
    const mcp = {
      ...(isJsonObject(given.mcp) && given.mcp),
      ...Object.fromEntries([...off, ...on]),
    };
    return ok({ args: [], env: { [CONTENT]: JSON.stringify({ ...given, mcp }) }, files: [] });
  },
};

/** The variable may hold settings of the user, such as the model. */
function contentOf(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
