import { join } from 'node:path';
import { ok, refuse } from '../../result.ts';
import type { Client } from '../client.ts';
import type { ServerEntry } from '../entry.ts';
import { readCommon, writeAll, writeEntry, writeHeaders, writeStdio } from '../fields.ts';

const write = (entry: ServerEntry) =>
  writeEntry(entry, writeStdio, (http) => ({ httpUrl: http.url, ...writeHeaders(http) }));

const DEFAULTS = 'GEMINI_CLI_SYSTEM_DEFAULTS_PATH';

/** Gemini CLI. */
export const gemini: Client = {
  name: 'gemini',
  title: 'Gemini CLI',
  commands: ['gemini'],
  format: 'jsonc',
  file: (scope, { home, project, variable }) => {
    const user = variable('GEMINI_CLI_HOME') ?? home;
    return join(scope === 'project' ? project : user, '.gemini', 'settings.json');
  },
  path: ['mcpServers'],
  write,
  read: (value) => readCommon(value, ['httpUrl', 'url']),
  modelName: (server, tool) => shortened(`mcp_${server}_${tool}`.replace(/[^\w.-]/g, '_')),
  oneRun: (entries, folder, { approveTools = false, callSeconds, others = [], variable }) => {
    const names = Object.keys(entries);
    // The user's own settings win over those that a run can add.
    const taken = names.find((name) => others.includes(name));
    if (taken !== undefined) {
      return refuse(
        `the settings of Gemini CLI have a server "${taken}" of their own, which would be used instead: move it behind the gateway with hewn connect gemini --adopt, or remove it`,
      );
    }
    // The policy of Gemini CLI splits the name of a tool at the first underscore after "mcp_".
    const split = names.find((name) => name.includes('_'));
    if (split !== undefined) return refuse(`Gemini CLI needs a name without "_": "${split}"`);
    if (variable?.(DEFAULTS) !== undefined) {
      return refuse(`${DEFAULTS} is set already: this run needs it to add its servers`);
    }
    const servers = writeAll(entries, write);
    if (!servers.ok) return servers;
    const settings = {
      ...(approveTools && { trust: true }),
      ...(callSeconds !== undefined && { timeout: callSeconds * 1_000 }),
    };
    const mcpServers = Object.fromEntries(
      Object.entries(servers.value).map(([name, entry]) => [name, { ...entry, ...settings }]),
    );
    const path = join(folder, 'gemini-defaults.json');
    return ok({
      args: [`--allowed-mcp-server-names=${names.join(',')}`],
      env: { [DEFAULTS]: path },
      files: [{ path, content: `${JSON.stringify({ mcpServers }, null, 2)}\n` }],
    });
  },
};

const NAME_CHARACTERS_MAX = 64;

/** Gemini CLI cuts a long name in the middle. */
const shortened = (name: string): string =>
  name.length <= NAME_CHARACTERS_MAX ? name : `${name.slice(0, 30)}...${name.slice(-30)}`;
