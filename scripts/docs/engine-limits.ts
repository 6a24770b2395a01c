import { DEFAULT_LIMITS, type Limits } from '../../src/biscuit/index.ts';
import { markdownTable } from './table.ts';

/** What each limit counts. A limit that is missing here does not compile. */
const COUNTS: Readonly<Record<keyof Limits, string>> = {
  tokenBytesMax: 'bytes of a serialized token',
  blocksMax: 'blocks, including the authority block',
  symbolsMax: 'symbols that a token declares',
  publicKeysMax: 'public keys that a token declares for scopes',
  factsMax: 'facts, given and derived',
  iterationsMax: 'rounds of rule evaluation',
  joinStepsMax: 'facts tried against a predicate',
  expressionStepsMax: 'instructions, and elements visited inside one',
  closureDepthMax: 'closures inside closures',
  termDepthMax: 'collections inside collections',
  collectionItemsMax: 'items of a collection, terms of a predicate',
  stringUnitsMax: 'text and bytes compared or created',
  regexPatternBytesMax: 'bytes of a pattern',
  regexProgramMax: 'instructions of a compiled pattern',
  regexStepsMax: 'instructions times characters',
  sourceCharsMax: 'characters of Datalog text',
  sourceDepthMax: 'brackets inside brackets in Datalog text',
};

/** Renders the limits of the Biscuit engine with their defaults. */
export const renderEngineLimits = (): string =>
  markdownTable(
    ['limit', 'default', 'counts'],
    Object.entries(COUNTS).map(([name, counts]) => [
      `\`${name}\``,
      String(DEFAULT_LIMITS[name as keyof Limits]),
      counts,
    ]),
  );
