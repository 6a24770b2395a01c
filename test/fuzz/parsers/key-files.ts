/** The keys of the command line and of the issuer: read whole or not at all, and never repeated. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import { generateKeyFile, readContents } from '../../../src/cli/keys/contents.ts';
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
  const honest = value as Json;
  return writeJson(random, random.chance(0.8) ? mutateJsonOften(random, honest) : honest);
};

export const keyFiles: ParserCampaign = {
  name: 'key-files',
  outcomes: { ok: 'seen', damaged: 'seen' },
  cases: 2_500,
  attempt: (random) => {
    const honest = random.pick<unknown>([FILE, GROWN, FORMER]);
    const text = mutant(random, honest);
    const read = readContents(text);
    if (!read.ok) {
      claim(text !== JSON.stringify(honest), 'an honest file is refused', read.error);
      claimSilent(read.error, ...SECRETS);
      return 'damaged';
    }
    const { mint } = read.value;
    claim(ringFault(mint) === undefined, 'a file without one active key', mint.length);
    const written = JSON.stringify(read.value);
    const again = readContents(written);
    claim(again.ok && isDeepStrictEqual(again.value, read.value), 'read differently');
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
      claim(text !== JSON.stringify(LISTED), 'an honest secret is refused', read.error);
      claimSilent(read.error, ...SECRETS);
      return 'refused';
    }
    const { active, published } = read.value;
    claim(
      published.some(({ id }) => id === active.id),
      'the key that mints does not count',
    );
    claim(new Set(published.map(({ id }) => id)).size === published.length, 'one id, two keys');
    claim(new Set(published.map(({ key }) => key)).size === published.length, 'one key, two ids');
    claim(published.length <= 16, 'more keys than a head has room for');
    for (const { id, key } of published) {
      claim(Number.isSafeInteger(id) && id >= 0, 'an id that is no number');
      claim(/^ed25519-private\/[0-9a-f]{64}$/.test(key), 'a key of another form');
    }
    return 'ok';
  },
};
