import { resolve } from 'node:path';
import { type Change, changesBetween } from '../../catalogue-draft/index.ts';
import { replaceFile } from '../../durable-file.ts';
import { refuse } from '../../result.ts';
import { writeListingFile } from '../../server-listing/index.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { visible } from '../visible.ts';
import { LISTING_FLAG, listingFile, readKept } from './files.ts';
import { ask, chooseServer, SERVER_FLAGS } from './source.ts';

export const catalogueDiff = defineCommand({
  name: 'catalogue diff',
  summary: 'show what an MCP server says differently than before',
  operands: 'URL|NAME|COMMAND...',
  description: `Compares the server with the file that "hewn catalogue import" kept: tools, resources and prompts that are new or gone, and every member of a tool's definition that changed. A changed description matters as much as a changed schema, because models read it and do what it says.

With --accept, the file is replaced after the difference was printed. Look at it first, then correct the catalogue, then accept.`,
  flags: {
    ...SERVER_FLAGS,
    ...LISTING_FLAG,
    accept: { kind: 'switch', description: 'keep what the server says now' },
    ...JSON_FLAG,
  },
  examples: ['hewn catalogue diff notes', 'hewn catalogue diff notes --accept'],
  exitCodes: {
    0: 'nothing changed, or the change was accepted',
    1: 'something changed',
    2: 'the server cannot be asked, or nothing was kept',
  },
  run: async ({ flags, operands }, context) => {
    const server = await chooseServer(context, operands, flags);
    if (!server.ok) return server;
    const file = listingFile(server.value.name, flags.listing);
    const before = await readKept(context, file);
    if (!before.ok) return before;
    if (!before.value) {
      return refuse(`there is no ${file} to compare with: run "hewn catalogue import" first`);
    }
    const listing = await ask(server.value);
    if (!listing.ok) return listing;
    const changes = changesBetween(before.value, listing.value);
    if (flags.json) context.out(showJson({ changes, accepted: flags.accept }));
    else for (const line of changes.flatMap(lines)) context.out(line);
    if (changes.length === 0) {
      if (!flags.json) context.out(`nothing changed: ${listing.value.tools.length} tools`);
      return YES;
    }
    if (!flags.accept) return NO;
    try {
      await replaceFile(resolve(context.cwd, file), writeListingFile(listing.value), 0o644);
    } catch (error) {
      return refuse(`cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`);
    }
    if (!flags.json) context.out(`accepted: ${file} has what the server says now`);
    return YES;
  },
});

const SHOWN_CHARACTERS_MAX = 400;

function lines({ change, what, name, members = [] }: Change): readonly string[] {
  const shown = (value: unknown): string => {
    const text = JSON.stringify(value);
    return text.length <= SHOWN_CHARACTERS_MAX
      ? visible(text)
      : `${visible(text.slice(0, SHOWN_CHARACTERS_MAX))} … (${text.length} characters)`;
  };
  return [
    visible(`${change} ${what} ${name}`),
    ...members.flatMap(({ pointer, before, after }) => [
      `  ${visible(pointer)}`,
      ...(before === undefined ? [] : [`    - ${shown(before)}`]),
      ...(after === undefined ? [] : [`    + ${shown(after)}`]),
    ]),
  ];
}
