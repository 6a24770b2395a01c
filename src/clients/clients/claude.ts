import { join } from 'node:path';
import { ok } from '../../result.ts';
import type { Client } from '../client.ts';
import { isStdio, type ServerEntry } from '../entry.ts';
import { readCommon, writeAll, writeHeaders, writeStdio } from '../fields.ts';

const write = (entry: ServerEntry) =>
  ok(
    isStdio(entry)
      ? { type: 'stdio', ...writeStdio(entry) }
      : {
          type: 'http',
          url: entry.url,
          ...writeHeaders(entry),
          ...(entry.headersHelper !== undefined && { headersHelper: entry.headersHelper }),
        },
  );

/** Claude Code. Its user file is also its state file, so nothing but the entries is touched. */
export const claude: Client = {
  name: 'claude',
  title: 'Claude Code',
  commands: ['claude'],
  format: 'json',
  file: (scope, { home, project, variable }) =>
    scope === 'project'
      ? join(project, '.mcp.json')
      : join(variable('CLAUDE_CONFIG_DIR') ?? home, '.claude.json'),
  path: ['mcpServers'],
  write,
  read: (value) => readCommon(value, ['url']),
  modelName: (server, tool) => `mcp__${server}__${tool}`.replace(/[^\w-]/g, '_'),
  oneRun: (entries, folder, { approveTools = false, callSeconds }) => {
    const servers = writeAll(entries, write);
    if (!servers.ok) return servers;
    const path = join(folder, 'claude-mcp.json');
    const approved = Object.keys(entries).map((name) => `mcp__${name}`);
    return ok({
      args: [
        // With a space, the option would take the user's own arguments for more files.
        `--mcp-config=${path}`,
        // Without it, Claude starts the servers of an unknown folder without asking.
        '--strict-mcp-config',
        ...(approveTools ? [`--allowedTools=${approved.join(',')}`] : []),
      ],
      env: callSeconds === undefined ? {} : { MCP_TOOL_TIMEOUT: String(callSeconds * 1_000) },
      files: [{ path, content: `${JSON.stringify({ mcpServers: servers.value }, null, 2)}\n` }],
    });
  },
};
