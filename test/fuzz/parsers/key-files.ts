/** The key files of the command line and the issuer: read completely or refused, never repeated. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import { generateKeyFile, readContents } from '../../../src/key-file/contents.ts';
import {
  addKey,
  readMintKeys,
  retireKey,
  ringFault,
  writeMintKeys,
} from '../../../src/keyring/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { claimSilent } from './secret.ts';

const NOW = 1_800_000_000;
const FILE = generateKeyFile(NOW);

function grownRing() {
  let ring = FILE.mint;
  for (let i = 0; i < 3; i++) {
    const added = addKey(ring, generateKeyFile(NOW).feed, NOW);
    if (added.ok) ring = added.value;
  }
  const retired = retireKey(ring, 3, { now: NOW, atOnce: true });
  return retired.ok ? retired.value : ring;
}
const GROWN = { ...FILE, mint: grownRing() };
const { privateKey = '', publicKey = '' } = FILE.mint[0] ?? {};
const FORMER = { ...FILE, mint: { id: 1, privateKey, publicKey } };
const SECRETS = [FILE, GROWN].flatMap(({ mint, feed, operator }) => [
  ...mint.map((key) => key.privateKey?.replace('ed25519-private/', '') ?? ''),
  ...[feed.privateKey.replace('ed25519-private/', ''), operator],
]);

const mutant = (random: Random, value: unknown): string => {
  const unmodified = value as Json;
  return writeJson(random, random.chance(0.8) ? mutateJsonOften(random, unmodified) : unmodified);
};

export const keyFiles: ParserCampaign = {
  name: 'key-files',
  outcomes: { ok: 'seen', damaged: 'seen' },
  cases: 2_500,
  attempt: (random) => {
    const unmodified = random.pick<unknown>([FILE, GROWN, FORMER]);
    const text = mutant(random, unmodified);
    const read = readContents(text);
    if (!read.ok) {
      claim(text !== JSON.stringify(unmodified), 'an unmodified file is refused', read.error);
      claimSilent(read.error, ...SECRETS);
      return 'damaged';
    }
    const { mint } = read.value;
    claim(
      ringFault(mint) === undefined,
      'a file without exactly one active key is accepted',
      mint.length,
    );
    const written = JSON.stringify(read.value);
    const again = readContents(written);
    claim(
      again.ok && isDeepStrictEqual(again.value, read.value),
      'the parsed file is parsed differently',
    );
    const value: unknown = JSON.parse(text);
    const isFormer = isJsonObject(value) && !Array.isArray(value.mint);
    claim(isFormer || isDeepStrictEqual(value, read.value), 'a member is dropped');
    return 'ok';
  },
};

const LISTED = JSON.parse(writeMintKeys(GROWN.mint)) as Json;

export const mintKeys: ParserCampaign = {
  name: 'mint-keys',
  outcomes: { ok: 'seen', refused: 'seen' },
  cases: 5_000,
  attempt: (random) => {
    const text = mutant(random, LISTED);
    const read = readMintKeys(text);
    if (!read.ok) {
      claim(text !== JSON.stringify(LISTED), 'an unmodified secret is refused', read.error);
      claimSilent(read.error, ...SECRETS);
      return 'refused';
    }
    const { active, published } = read.value;
    claim(
      published.some(({ id }) => id === active.id),
      'the active key is not published',
    );
    claim(
      new Set(published.map(({ id }) => id)).size === published.length,
      'two keys have the same id',
    );
    claim(new Set(published.map(({ key }) => key)).size === published.length, 'a key has two ids');
    claim(published.length <= 16, 'there are more keys than a head can hold');
    for (const { id, key } of published) {
      claim(Number.isSafeInteger(id) && id >= 0, 'an id is not a number');
      claim(/^ed25519-private\/[0-9a-f]{64}$/.test(key), 'a key has the wrong form');
    }
    return 'ok';
  },
};
