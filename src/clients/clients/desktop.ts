import { join } from 'node:path';
import { refuse } from '../../result.ts';
import type { Client, Places } from '../client.ts';
import type { ServerEntry } from '../entry.ts';
import { readCommon, writeEntry, writeHeaders, writeStdio } from '../fields.ts';

/** Desktop programs, whose configuration is known from their documentation. */

const write = (entry: ServerEntry) =>
  writeEntry(entry, writeStdio, (http) => ({ url: http.url, ...writeHeaders(http) }));

const modelName = (server: string, tool: string): string =>
  `${server}_${tool}`.replace(/[^\w-]/g, '_');

export const cursor: Client = {
  name: 'cursor',
  title: 'Cursor',
  commands: [],
  format: 'jsonc',
  file: (scope, { home, project }) =>
    join(scope === 'project' ? project : home, '.cursor', 'mcp.json'),
  path: ['mcpServers'],
  write,
  read: (value) => readCommon(value, ['url']),
  modelName,
};

export const vscode: Client = {
  name: 'vscode',
  title: 'VS Code',
  commands: [],
  format: 'jsonc',
  file: (scope, places) =>
    scope === 'project'
      ? join(places.project, '.vscode', 'mcp.json')
      : join(applicationFolder(places), 'Code', 'User', 'mcp.json'),
  path: ['servers'],
  write: (entry) => {
    const written = write(entry);
    const type = 'command' in entry ? 'stdio' : 'http';
    return written.ok ? { ok: true, value: { type, ...written.value } } : written;
  },
  read: (value) => readCommon(value, ['url']),
  modelName,
};

export const claudeDesktop: Client = {
  name: 'claude-desktop',
  title: 'Claude Desktop',
  commands: [],
  format: 'json',
  file: (scope, places) =>
    scope === 'project'
      ? undefined
      : join(applicationFolder(places), 'Claude', 'claude_desktop_config.json'),
  path: ['mcpServers'],
  write: (entry) =>
    'command' in entry
      ? write(entry)
      : refuse('Claude Desktop reads servers that it starts itself, and no URL'),
  read: (value) => readCommon(value, []),
  modelName,
};

export const windsurf: Client = {
  name: 'windsurf',
  title: 'Windsurf',
  commands: [],
  format: 'json',
  file: (scope, { home }) =>
    scope === 'project' ? undefined : join(home, '.codeium', 'windsurf', 'mcp_config.json'),
  path: ['mcpServers'],
  write: (entry) =>
    writeEntry(entry, writeStdio, (http) => ({ serverUrl: http.url, ...writeHeaders(http) })),
  read: (value) => readCommon(value, ['serverUrl', 'url']),
  modelName,
};

/** Where desktop programs keep the settings of a user. */
function applicationFolder({ home, platform, variable }: Places): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support');
  if (platform === 'win32') return variable('APPDATA') ?? join(home, 'AppData', 'Roaming');
  return variable('XDG_CONFIG_HOME') ?? join(home, '.config');
}
