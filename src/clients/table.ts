import type { Client, ClientName } from './client.ts';
import { claude } from './clients/claude.ts';
import { codex } from './clients/codex.ts';
import { claudeDesktop, cursor, vscode, windsurf } from './clients/desktop.ts';
import { gemini } from './clients/gemini.ts';
import { opencode } from './clients/opencode.ts';

/** Every client that Hewn can configure. */
export const CLIENTS: Readonly<Record<ClientName, Client>> = {
  claude,
  codex,
  gemini,
  opencode,
  cursor,
  vscode,
  'claude-desktop': claudeDesktop,
  windsurf,
};

/** Returns the client that a command starts, by the name of its program. */
export function clientOfCommand(command: string): Client | undefined {
  const program = command.replace(/^.*[/\\]/, '').replace(/\.(?:exe|cmd|ps1|js|mjs)$/i, '');
  return Object.values(CLIENTS).find(({ commands }) => commands.includes(program));
}
