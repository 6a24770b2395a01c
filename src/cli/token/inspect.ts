import { printableJson } from '../../approval/index.ts';
import { parseToken } from '../../biscuit/index.ts';
import type { Json } from '../../canonical-json.ts';
import { inspectToken, openToken, type TokenClaims, trustIssuer } from '../../capability/index.ts';
import { toHex } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type Answer, type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import {
  type Fact,
  paint,
  renderFacts,
  showAge,
  showSeconds,
  showTime,
} from '../terminal/index.ts';
import { readToken } from './read-token.ts';

export const ROOT_KEY_FLAG = {
  'root-key': {
    kind: 'list',
    value: 'HEX',
    description: 'a public root key of the issuer, as hewn keys list and hewn feed status show it',
  },
} as const;

export const tokenInspect = defineCommand({
  name: 'token inspect',
  summary: 'show what a capability says, and who may use it',
  operands: '[FILE]',
  description: `Reads a capability from FILE or standard input, and shows what it says: for which workflow, agent, person, owner and task, what it grants, how each later block narrows it, through whose hands it went, to which key it is bound, and when it ends. It needs no secret and no network.

Without --root-key, no signature is verified, and the sender of the token may have written all of it. With it, the command also says whether the issuer made the token. Whether it was revoked is in the feed: hewn feed verify looks up the ids that this command prints.`,
  flags: { ...ROOT_KEY_FLAG, ...JSON_FLAG },
  examples: [
    'hewn token inspect capability.txt',
    'hewn token inspect --root-key 5f0c... < capability.txt',
  ],
  exitCodes: {
    0: 'it can be read; with --root-key, the issuer made it',
    1: 'with --root-key: no such key signed it, or a block was changed',
    2: 'it is not a capability',
  },
  run: async ({ flags, operands }, context) => {
    const token = await readToken(context, operands);
    if (!token.ok) return token;
    const claims = await inspectToken(token.value);
    if (!claims.ok) return refuse(`this is not a capability: ${claims.error.code}`);
    const blocks = blocksOf(token.value);
    if (!blocks.ok) return blocks;
    const signature = await verifySignature(token.value, flags['root-key']);
    if (!signature.ok) return signature;
    return print(context, claims.value, blocks.value, signature.value, flags.json);
  },
});

interface ShownBlock {
  readonly id: string;
  readonly source: string;
}

function blocksOf(text: string): Result<readonly ShownBlock[], string> {
  const parsed = parseToken(text);
  if (!parsed.ok) return refuse(`this is not a capability: ${parsed.error.code}`);
  const token = parsed.value;
  const blocks: ShownBlock[] = [];
  for (const [index, id] of token.revocationIds.entries()) {
    const block = token.block(index);
    if (!block.ok) return refuse(`block ${index} cannot be read: ${block.error.code}`);
    blocks.push({ id: toHex(id), source: block.value.source.trim() });
  }
  return ok(blocks);
}

type Signature = 'not verified' | 'valid' | 'invalid';

async function verifySignature(
  token: string,
  keys: readonly string[],
): Promise<Result<Signature, string>> {
  if (keys.length === 0) return ok('not verified');
  if (keys.some((key) => !/^[0-9a-f]{64}$/.test(key))) {
    return refuse('--root-key must be a public key: 64 lower-case hex digits');
  }
  const issuer = trustIssuer(keys.map((publicKey, id) => ({ id, publicKey })));
  return ok((await openToken(token, issuer)).ok ? 'valid' : 'invalid');
}

function print(
  context: CommandContext,
  claims: TokenClaims,
  blocks: readonly ShownBlock[],
  signature: Signature,
  asJson: boolean,
): Answer {
  const { authority, hops, holder, grants, expires } = claims;
  const answer = signature === 'invalid' ? NO : YES;
  if (asJson) {
    const ends = expires === undefined ? null : new Date(expires * 1000).toISOString();
    const facts = { signature, ...authority, holder: holder ?? null, expires: ends, hops };
    context.out(showJson({ ...facts, grants, blocks }));
    return answer;
  }
  const lines = [
    `${authority.workflow}  ${paint(context, TONES[signature], `signature ${signature}`)}`,
    ...renderFacts(context, factsOf(context, claims)),
    ...blocks.flatMap(({ id, source }, index) => [
      `block ${index}${index === 0 ? ', of the issuer' : ', of a holder'}`,
      ...renderFacts(context, [
        { name: 'id', value: id },
        ...(index === 0 ? [] : source.split('\n').map((line) => ({ name: 'says', value: line }))),
      ]),
    ]),
  ];
  context.out(lines.join('\n'));
  return answer;
}

const TONES = { 'not verified': 'waits', valid: 'good', invalid: 'bad' } as const;

function factsOf(context: CommandContext, claims: TokenClaims): readonly Fact[] {
  const { authority, hops, holder, grants, expires } = claims;
  const now = context.now().getTime();
  const quoted = (text: string): string => printableJson(text);
  const ends =
    expires === undefined
      ? 'never: a verifier refuses it'
      : `${showSeconds(context, expires)} (${showAge(now, expires * 1000)})`;
  const isOver = expires !== undefined && expires * 1000 <= now;
  return [
    { name: 'issuer', value: quoted(authority.issuer) },
    { name: 'audience', value: quoted(authority.audience) },
    { name: 'agent', value: quoted(authority.agent) },
    { name: 'for', value: quoted(authority.subject) },
    { name: 'owner', value: quoted(authority.owner) },
    { name: 'task', value: quoted(authority.task) },
    { name: 'issued', value: showTime(context, authority.issuedAt.getTime()) },
    { name: 'ends', value: ends, tone: isOver ? 'bad' : undefined },
    {
      name: 'bound to',
      value: holder ?? 'no key: anyone who has the token can use it',
      tone: holder === undefined ? 'waits' : undefined,
    },
    ...hops.map(({ to, name }) => ({
      name: 'handed on',
      value: `to ${to}${name === undefined ? '' : `, called ${quoted(name)}`}`,
    })),
    ...(grants.length === 0 ? [{ name: 'may', value: 'nothing', tone: 'bad' } as const] : []),
    ...grants.map(({ tool, action, dataset, constraints }) => ({
      name: 'may',
      value: `${action} ${dataset} with ${tool}${
        constraints === undefined ? '' : `, if ${printableJson(constraints as unknown as Json)}`
      }`,
    })),
  ];
}
