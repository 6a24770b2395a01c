import { METHODS } from '../../workers/gateway/mcp/methods/index.ts';
import { markdownTable } from './table.ts';

/** Renders the methods of MCP that the gateway carries, and how. */
export function renderMcpMethods(): string {
  const rows = Object.entries(METHODS)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([
        name,
        {
          revisions: [first, last],
          about,
        },
      ]) => {
        const revisions = last === undefined ? `since ${first}` : `${first} to ${last}`;
        return [`\`${name}\``, first === last ? first : revisions, about];
      },
    );
  return markdownTable(['method', 'revisions', 'how it is carried'], rows);
}
