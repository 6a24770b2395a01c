import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Change,
  changedPins,
  changesBetween,
  repinned,
  wordsOfChange,
} from '../../catalogue-draft/index.ts';
import { CATALOGUE_DEFAULT } from '../../deployment/index.ts';
import { replaceFile } from '../../durable-file.ts';
import { refuse } from '../../result.ts';
import { writeListingFile } from '../../server-listing/index.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { visibleLine } from '../visible.ts';
import { CATALOGUE_FLAG, LISTING_FLAG, listingFile, readKept, readOwnCatalogue } from './files.ts';
import { ask, chooseServer, SERVER_FLAGS } from './source.ts';

export const catalogueDiff = defineCommand({
  name: 'catalogue diff',
  summary: 'show what an MCP server says differently than before',
  operands: 'URL|NAME|COMMAND...',
  description: `Compares the server with the file that "hewn catalogue import" kept: tools, resources and prompts that are new or gone, and every member of a tool's definition that changed. A changed description matters as much as a changed schema, because models read it and do what it says.

A tool whose definition the catalogue pins is hidden and denied by the gateway as soon as the server changes it.

With --accept, the file is replaced after the difference was printed, and the catalogue pins the new definitions. Look at it first, then correct the catalogue, then accept, then activate the version.`,
  flags: {
    ...SERVER_FLAGS,
    ...LISTING_FLAG,
    ...CATALOGUE_FLAG,
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
    const catalogue = await readOwnCatalogue(context, flags.catalogue);
    if (!catalogue.ok) return catalogue;
    const changes = changesBetween(before.value, listing.value);
    const pins = await changedPins(catalogue.value, server.value.name, listing.value);
    if (flags.json) context.out(showJson({ changes, pins, accepted: flags.accept }));
    else for (const line of [...changes.flatMap(lines), ...pins.map(pinLine)]) context.out(line);
    if (changes.length === 0 && pins.length === 0) {
      if (!flags.json) context.out(`nothing changed: ${listing.value.tools.length} tools`);
      return YES;
    }
    if (!flags.accept) return NO;
    try {
      await replaceFile(resolve(context.cwd, file), writeListingFile(listing.value), 0o644);
      if (pins.some(({ now }) => now !== undefined)) {
        const path = resolve(context.cwd, flags.catalogue ?? CATALOGUE_DEFAULT);
        await replaceFile(path, repinned(await readFile(path, 'utf8'), pins), 0o644);
      }
    } catch (error) {
      return refuse(`cannot write ${file}: ${(error as NodeJS.ErrnoException).code}`);
    }
    if (!flags.json) {
      context.out(`accepted: ${file} has what the server says now`);
      if (pins.length > 0) context.out('the catalogue pins it: activate the version to apply it');
    }
    return YES;
  },
});

const pinLine = ({
  tool,
  now,
}: {
  readonly tool: string;
  readonly now: string | undefined;
}): string =>
  visibleLine(
    now === undefined
      ? `pinned ${tool}: the server no longer has it`
      : `pinned ${tool}: hidden and denied until the change is accepted and activated`,
  );

const SHOWN_CHARACTERS_MAX = 400;

function lines({ change, what, name, members = [] }: Change): readonly string[] {
  const shown = (value: unknown): string => {
    const text = JSON.stringify(value);
    return text.length <= SHOWN_CHARACTERS_MAX
      ? visibleLine(text)
      : `${visibleLine(text.slice(0, SHOWN_CHARACTERS_MAX))} … (${text.length} characters)`;
  };
  return [
    visibleLine(`${change} ${what} ${name}`),
    ...members.flatMap(({ pointer, before, after }) => [
      `  ${visibleLine(pointer)}`,
      ...wordsOfChange({
        pointer,
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
      }).map((line) => `    ${visibleLine(line)}`),
      ...(before === undefined ? [] : [`    - ${shown(before)}`]),
      ...(after === undefined ? [] : [`    + ${shown(after)}`]),
    ]),
  ];
}
