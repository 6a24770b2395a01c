import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { REVIEW_MARK, renderDraft } from '../../catalogue-draft/index.ts';
import { createFile } from '../../durable-file.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type ServerListing, writeListingFile } from '../../server-listing/index.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { visible } from '../visible.ts';
import { draftAll } from './draft-all.ts';
import { CATALOGUE_FLAG, LISTING_FLAG, listingFile, readOwnCatalogue } from './files.ts';
import { ask, chooseServer, SERVER_FLAGS } from './source.ts';

export const catalogueImport = defineCommand({
  name: 'catalogue import',
  summary: 'draft catalogue entries from a live MCP server or an OpenAPI document',
  operands: 'URL|NAME|COMMAND...|OPENAPI',
  description: `Asks a server for its tools, resources and prompts, and prints a catalogue entry for each tool that the catalogue does not have yet. Action and tier come from the tool's annotations and its name, of which the more dangerous one counts; datasets and sinks from the names and formats of its arguments. Above each guess stands a comment that begins with "${REVIEW_MARK}": check the guess, and remove the comment. hewn check warns until then. The entry of a tool of an MCP server pins its definition: if the server changes it, the tool is hidden and denied until hewn catalogue diff --accept. For a tool that the catalogue has without a pin, prints the line that pins it.

The server is a URL, a name in [dev.servers] of hewn.toml, or a command that starts it on its standard streams. Write -- before a command with flags of its own.

A file or URL that ends in .json, .yaml or .yml is an OpenAPI 3.0 or 3.1 document. Each operation becomes a tool with a route: GET reads, DELETE deletes, and any other method writes. What no route can express is listed at the head of the draft.

Also keeps what the server said in a file, for "hewn catalogue diff". A file that exists stays as it is.`,
  flags: {
    ...SERVER_FLAGS,
    ...CATALOGUE_FLAG,
    ...LISTING_FLAG,
    out: { kind: 'text', value: 'FILE', description: 'write the draft to a new file' },
    ...JSON_FLAG,
  },
  examples: [
    'hewn catalogue import notes >> catalogue/tools.toml',
    'hewn catalogue import https://mcp.example/mcp --server tickets --bearer TICKETS_TOKEN',
    'hewn catalogue import openapi.yaml --server orders >> catalogue/tools.toml',
    'hewn catalogue import --server files -- npx -y @modelcontextprotocol/server-filesystem docs',
  ],
  run: async ({ flags, operands }, context) => {
    const server = await chooseServer(context, operands, flags);
    if (!server.ok) return server;
    const catalogue = await readOwnCatalogue(context, flags.catalogue);
    if (!catalogue.ok) return catalogue;
    const listing = await ask(server.value);
    if (!listing.ok) return listing;
    const { name } = server.value;
    const { tools, leftOut } = await draftAll(name, listing.value);
    const added = tools.filter(({ tool }) => !catalogue.value.has(tool.name));
    const [entries, known] = [added.length, tools.length - added.length];
    const toPin = tools.flatMap(({ tool: { name: tool, definition } }) => {
      const entry = catalogue.value.get(tool);
      const isUnpinned = entry !== undefined && entry.definition === undefined;
      return isUnpinned && definition !== undefined ? [{ tool, definition }] : [];
    });
    const text = renderDraft(listing.value, added, leftOut);
    const written = await write(context, text, listing.value, {
      out: flags.out,
      listing: listingFile(name, flags.listing),
    });
    if (!written.ok) return written;
    if (flags.json) {
      context.out(showJson({ entries, known, leftOut, unpinned: toPin, draft: text }));
      return YES;
    }
    if (flags.out === undefined) context.out(text.trimEnd());
    context.err(
      `${entries} drafted, ${known} in the catalogue already, ${leftOut.length} left out`,
    );
    for (const line of written.value) context.err(line);
    for (const { tool, definition } of toPin) {
      context.err(`${tool} is not pinned; to pin what the server says now, add this to its entry:`);
      context.err(`  definition = "${definition}"`);
    }
    return YES;
  },
});

/** Writes both files. Returns what to tell about them. */
async function write(
  { cwd }: CommandContext,
  text: string,
  listing: ServerListing,
  files: { readonly out: string | undefined; readonly listing: string },
): Promise<Result<readonly string[], string>> {
  const create = async (file: string, content: string): Promise<boolean> => {
    const path = resolve(cwd, file);
    await mkdir(dirname(path), { recursive: true });
    return createFile(path, content, 0o644);
  };
  try {
    if (files.out !== undefined && !(await create(files.out, text))) {
      return refuse(`${visible(files.out)} exists: name a new file`);
    }
    const isNew = await create(files.listing, writeListingFile(listing));
    const kept = isNew
      ? `wrote ${files.listing}: what the server says now, for hewn catalogue diff`
      : `${files.listing} exists and stays: hewn catalogue diff compares the server with it`;
    return ok(files.out === undefined ? [kept] : [`wrote ${files.out}`, kept]);
  } catch (error) {
    return refuse(`cannot write: ${(error as NodeJS.ErrnoException).code}`);
  }
}
