// A small MCP server over standard input and output, without packages. Put your own in its place.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../notes');
const text = { type: 'string' };
const inputs = (...names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
});
const TOOLS = [
  { name: 'list_notes', description: 'Lists a folder.', inputSchema: inputs('folder') },
  { name: 'read_note', description: 'Reads a note.', inputSchema: inputs('path') },
  { name: 'write_note', description: 'Writes a note.', inputSchema: inputs('path', 'text') },
];

/** The gateway has checked the path. A server should check it all the same. */
const at = (path) => join(ROOT, normalize(`/${path}`));

const RUN = {
  list_notes: async ({ folder }) => (await readdir(at(folder))).join('\n'),
  read_note: ({ path }) => readFile(at(path), 'utf8'),
  write_note: async ({ path, text: note }) => {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), note);
    return 'written';
  },
};

async function call({ name, arguments: args = {} }) {
  try {
    return { content: [{ type: 'text', text: await RUN[name](args) }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: error.message }] };
  }
}

const ANSWERS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'notes', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: TOOLS }),
  'tools/call': call,
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params = {} } = JSON.parse(line);
  if (id === undefined) return; // a notification
  const answer = ANSWERS[method];
  const message = answer
    ? { result: await answer(params) }
    : { error: { code: -32601, message: `unknown method ${method}` } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n`);
});
