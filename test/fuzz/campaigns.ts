/** The campaigns: each turns a seed into a token and questions about the token. */
import { ALICE, BOB, ROOT_PUBLIC, ROOT_SECRET, ROOT_SEED } from '../conformance/cases/index.ts';
import {
  type Bytes,
  type Field,
  type ForgedBlock,
  forgeToken,
  readFields,
} from '../forge/index.ts';
import { mint, type Reference } from '../reference/index.ts';
import {
  type Campaign,
  type FuzzToken,
  fuzzAuthorizer,
  fuzzToken,
  planOf,
  sourceOf,
} from './generate/case.ts';
import { mutateBytes, mutateMessage, rearrange } from './generate/mutations.ts';
import { regexChecks } from './generate/patterns.ts';
import { caseSeed, type Random, randomOf } from './generate/random.ts';
import { mintWithEngine } from './mint.ts';
import { failsSomewhere } from './probe.ts';

export type FuzzQuestion = {
  readonly token: Bytes;
  readonly authorizerCode: string;
  /** Asks the reference whether any combination of any query fails. */
  failsSomewhere(): boolean;
};

/** Several per token, because minting and parsing cost as much as a judgement. */
const QUESTIONS = 6;
const SECRET = `ed25519-private/${ROOT_SECRET}`;

export const ROOT_KEY = { algorithm: 'ed25519', hex: ROOT_PUBLIC } as const;

/** Undefined if the reference refuses the generated text. */
function mintTheirs(reference: Reference, token: FuzzToken): Bytes | undefined {
  try {
    return mint(reference, SECRET, planOf(token));
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    return undefined;
  }
}

async function mintOurs(token: FuzzToken): Promise<Bytes | undefined> {
  const minted = await mintWithEngine(SECRET, planOf(token));
  return minted.ok ? minted.value.bytes : undefined;
}

const messageOf = ({ value }: Field): Bytes =>
  typeof value === 'bigint' ? new Uint8Array() : value;

const fieldOf = (message: Bytes, field: number): Bytes | undefined => {
  const found = readFields(message).find((candidate) => candidate.field === field);
  return found === undefined ? undefined : messageOf(found);
};

const PARTY_SEEDS = new Map([
  [ALICE.key, new Uint8Array(32).fill(0xa1)],
  [BOB.key, new Uint8Array(32).fill(0xb0)],
]);

/** Returns a token with one changed block, signed again so that the signatures are valid. */
async function forgeChanged(random: Random, token: Bytes, plan: FuzzToken): Promise<Bytes> {
  const data = readFields(token)
    .filter(({ field }) => field === 2 || field === 3)
    .map((signed) => fieldOf(messageOf(signed), 1) ?? new Uint8Array());
  const changed = random.below(data.length);
  const blocks = data.map((payload, i): ForgedBlock => {
    const party = plan.blocks[i]?.signedBy?.key ?? '';
    const externalSeed = PARTY_SEEDS.get(party);
    return {
      data: i === changed ? mutateMessage(random, payload) : payload,
      signatureVersion: 1,
      ...(externalSeed && { externalSeed }),
    };
  });
  return forgeToken({ rootSeed: ROOT_SEED, blocks });
}

const CHARACTERS = '(){}[],.;:"$!<>=&|+-*/^ \n\\aorif01Zhex_\u00e9';

function mutateText(random: Random, text: string): string {
  const points = [...text];
  const inserted = random.chance(0.7) ? CHARACTERS[random.below(CHARACTERS.length)] : '';
  points.splice(random.below(points.length), random.below(3), inserted ?? '');
  return points.join('');
}

/** Returns the questions about one token; none if the generated text is refused. */
export async function questionsOf(
  reference: Reference,
  campaign: Campaign,
  seed: number,
): Promise<readonly FuzzQuestion[]> {
  const plan = fuzzToken(seed);
  const random = randomOf(caseSeed(seed, 1));
  const theirs = mintTheirs(reference, plan);
  const token = campaign === 'ours' && theirs !== undefined ? await mintOurs(plan) : theirs;
  if (token === undefined) return [];
  const isSpliced = campaign === 'bytes';
  const other = (isSpliced && mintTheirs(reference, fuzzToken(caseSeed(seed, 2)))) || token;
  const questions: FuzzQuestion[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const statements =
      campaign === 'regex'
        ? [...regexChecks(random), 'allow if true']
        : fuzzAuthorizer(caseSeed(seed, 10 + i), plan);
    const code = sourceOf(statements);
    questions.push({
      token: await tokenOf(campaign, random, { token, other, plan }),
      authorizerCode: campaign === 'text' ? mutateText(random, code) : code,
      failsSomewhere: () => failsSomewhere(reference, plan, statements),
    });
  }
  return questions;
}

type Material = { readonly token: Bytes; readonly other: Bytes; readonly plan: FuzzToken };

async function tokenOf(
  campaign: Campaign,
  random: Random,
  { token, other, plan }: Material,
): Promise<Bytes> {
  if (campaign === 'forged') return forgeChanged(random, token, plan);
  if (campaign !== 'bytes') return token;
  if (random.chance(0.3)) return rearrange(random, token, other);
  return random.chance(0.5) ? mutateMessage(random, token) : mutateBytes(random, token);
}
