import { groupBy } from '../group-by.ts';
import { CLIENT_NAMES } from './client.ts';
import { CLIENTS } from './table.ts';

/** Tools that have one name for the model, in the clients that are listed. */
export interface Collision {
  readonly modelName: string;
  readonly tools: readonly string[];
  readonly clients: readonly string[];
}

/**
 * Finds the tools of a server whose names become one when a client writes them for its model.
 * Claude Code and OpenCode then silently drop one of them.
 */
export function collidingTools(server: string, tools: readonly string[]): readonly Collision[] {
  const found = new Map<string, { modelName: string; tools: string[]; clients: string[] }>();
  for (const name of CLIENT_NAMES) {
    const { modelName, title } = CLIENTS[name];
    for (const [one, same] of groupBy(tools, (tool) => modelName(server, tool))) {
      if (same.length < 2) continue;
      const key = same.join('\n');
      const known = found.get(key);
      if (known) known.clients.push(title);
      else found.set(key, { modelName: one, tools: same, clients: [title] });
    }
  }
  return [...found.values()];
}
