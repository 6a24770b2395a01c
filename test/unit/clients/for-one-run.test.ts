import { describe, expect, test } from 'vitest';
import {
  CLIENT_NAMES,
  CLIENTS,
  clientOfCommand,
  collidingTools,
  forOneRun,
  type OneRun,
  type RunSettings,
  type ServerEntries,
} from '../../../src/clients/index.ts';

const FOLDER = '/home/ada/.hewn/run-1';
const ENTRIES: ServerEntries = {
  notes: { command: '/usr/bin/node', args: ['main.js', 'bridge', 'notes'] },
};

function runOf(command: string, settings: RunSettings = {}, entries = ENTRIES): OneRun {
  const run = forOneRun(clientOfCommand(command), entries, FOLDER, settings);
  if (!run.ok) throw new Error(run.error);
  return run.value;
}

const refusalOf = (command: string, settings: RunSettings, entries = ENTRIES): string => {
  const run = forOneRun(clientOfCommand(command), entries, FOLDER, settings);
  return run.ok ? '' : run.error;
};

describe('the servers of one run', () => {
  test('reach Claude Code as a file, and no other server does', () => {
    const { args, env, files } = runOf('claude', { approveTools: true, callSeconds: 300 });
    expect(args).toEqual([
      `--mcp-config=${FOLDER}/claude-mcp.json`,
      '--strict-mcp-config',
      '--allowedTools=mcp__notes',
    ]);
    expect(env).toEqual({ MCP_TOOL_TIMEOUT: '300000' });
    expect(files.map(({ path, content }) => [path, JSON.parse(content)])).toEqual([
      [`${FOLDER}/claude-mcp.json`, { mcpServers: { notes: { type: 'stdio', ...ENTRIES.notes } } }],
    ]);
  });

  test('reach Codex as settings that it waits for, and its own servers are off', () => {
    const { args, env, files } = runOf('/usr/local/bin/codex', {
      approveTools: true,
      others: ['notes', 'own'],
    });
    expect(args).toEqual([
      '-c',
      'mcp_servers.notes={ command = "/usr/bin/node", args = ["main.js", "bridge", "notes"], required = true, default_tools_approval_mode = "approve" }',
      '-c',
      'mcp_servers.own={ command = "true", enabled = false }',
    ]);
    expect([env, files]).toEqual([{}, []]);
  });

  test('reach Gemini CLI as system defaults, and no other server is allowed', () => {
    const { args, env, files } = runOf('gemini', { approveTools: true, others: ['own'] });
    expect(args).toEqual(['--allowed-mcp-server-names=notes']);
    expect(env).toEqual({
      GEMINI_CLI_SYSTEM_DEFAULTS_PATH: `${FOLDER}/gemini-defaults.json`,
    });
    expect(JSON.parse(files[0]?.content ?? '')).toEqual({
      mcpServers: { notes: { ...ENTRIES.notes, trust: true } },
    });
  });

  test('are refused to Gemini CLI if its own settings would win over them', () => {
    expect(refusalOf('gemini', { others: ['notes'] })).toContain('used instead');
    expect(refusalOf('gemini', { variable: () => '/etc/defaults.json' })).toContain('set already');
    const split: ServerEntries = { my_notes: { command: 'node', args: [] } };
    expect(refusalOf('gemini', {}, split)).toContain('without "_"');
  });

  test('reach OpenCode in a variable, next to what it holds already', () => {
    const variable = () => '{"model":"a/b","mcp":{"own":{"type":"remote"}}}';
    const { env, args } = runOf('opencode', { others: ['own'], callSeconds: 10, variable });
    expect(args).toEqual([]);
    expect(JSON.parse(env.OPENCODE_CONFIG_CONTENT ?? '')).toEqual({
      model: 'a/b',
      mcp: {
        own: { enabled: false },
        notes: {
          type: 'local',
          command: ['/usr/bin/node', 'main.js', 'bridge', 'notes'],
          enabled: true,
          timeout: 10_000,
        },
      },
    });
    expect(refusalOf('opencode', { variable: () => '[]' })).toContain('no JSON object');
  });

  test('reach any other program as a file in the common form, and as URLs', () => {
    const entries: ServerEntries = {
      ...ENTRIES,
      'to-do': { url: 'http://127.0.0.1:4000/mcp', headers: { Authorization: 'Bearer x' } },
    };
    const { args, env, files } = runOf('./my-agent.sh', {}, entries);
    expect(args).toEqual([]);
    expect(env).toEqual({
      HEWN_MCP_CONFIG: `${FOLDER}/mcp.json`,
      HEWN_MCP_URL_TO_DO: 'http://127.0.0.1:4000/mcp',
    });
    expect(JSON.parse(files[0]?.content ?? '').mcpServers['to-do']).toEqual({
      type: 'http',
      url: 'http://127.0.0.1:4000/mcp',
      headers: { Authorization: 'Bearer x' },
    });
  });

  test('are refused to a desktop program, which has no run', () => {
    const run = forOneRun(CLIENTS.cursor, ENTRIES, FOLDER);
    expect(run).toMatchObject({ ok: false, error: expect.stringContaining('hewn connect') });
  });

  test('get no headers from a command unless the client is Claude Code', () => {
    const entries: ServerEntries = {
      notes: { url: 'https://gateway.example/mcp/notes', headersHelper: 'hewn headers notes' },
    };
    const [file] = runOf('claude', {}, entries).files;
    expect(JSON.parse(file?.content ?? '').mcpServers.notes).toEqual({
      type: 'http',
      ...entries.notes,
    });
    for (const command of ['codex', 'gemini', 'opencode', 'other']) {
      expect(refusalOf(command, {}, entries), command).toContain('notes: only Claude Code');
    }
  });
});

describe('a client', () => {
  test('is found by its program, in any folder and with any ending', () => {
    expect(clientOfCommand('C:\\npm\\claude.cmd')?.name).toBe('claude');
    expect(clientOfCommand('/opt/bin/gemini')?.name).toBe('gemini');
    expect(clientOfCommand('claude-wrapper')).toBeUndefined();
  });

  test.each(CLIENT_NAMES)('%s reads the entries that it writes', (name) => {
    const { write, read } = CLIENTS[name];
    const stdio = { command: 'npx', args: ['-y', 'server'], env: { LEVEL: '1' } };
    const http = { url: 'https://mcp.example/', headers: { 'X-Api-Key': 'k' } };
    for (const entry of name === 'claude-desktop' ? [stdio] : [stdio, http]) {
      const written = write(entry);
      if (!written.ok) throw new Error(written.error);
      expect(read(written.value)).toEqual(entry);
    }
  });

  test('claude-desktop refuses a URL', () => {
    expect(CLIENTS['claude-desktop'].write({ url: 'https://mcp.example/' }).ok).toBe(false);
  });
});

test('tools whose names become one for a model are found, with the clients', () => {
  expect(collidingTools('notes', ['read.note', 'read_note', 'list'])).toEqual([
    {
      modelName: 'mcp__notes__read_note',
      tools: ['read.note', 'read_note'],
      clients: [
        'Claude Code',
        'Codex',
        'OpenCode',
        'Cursor',
        'VS Code',
        'Claude Desktop',
        'Windsurf',
      ],
    },
  ]);
  expect(collidingTools('notes', ['read-note', 'read_note'])).toMatchObject([
    { clients: ['Codex'] },
  ]);
  expect(collidingTools('notes', ['read', 'write'])).toEqual([]);
});
