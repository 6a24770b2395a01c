/**
 * The engine next to the reference implementation on the same tokens: an authority block of five
 * facts and a check, two blocks of three checks, an authorizer of three facts and a policy. One
 * operation does everything that one request needs. What a server prepares once (the root key, the
 * policy) is prepared once on both sides. The reference parses the request's facts from text,
 * because its API takes only text.
 */
import {
  authorize,
  type Block,
  type Check,
  createChainCache,
  date,
  type Expression,
  fact,
  mint,
  narrow,
  type Predicate,
  type PublicKey,
  parseAndVerify,
  parseAuthorizer,
  parseBlock,
  privateKeyFromBytes,
  string,
  type UnverifiedToken,
  type VerifyOptions,
  variable,
} from '../../src/biscuit/index.ts';
import { narrow as narrowText } from '../../src/capability/index.ts';
import type { ReferenceArena } from '../peers/reference.ts';
import { unwrap } from '../unwrap.ts';
import { counter } from './counter.ts';

/** Different tokens, so that a cache of verified tokens does not make an operation look fast. */
const TOKENS = 64;
/** More than a cache holds, so that a step has been evicted when its turn comes again. */
const STEPS = 2_100;
const NOW_SECONDS = 1_795_428_000;
const EXPIRES = new Date('2026-12-24T12:00:00Z');
const SECRET = new Uint8Array(32).fill(7);

const AUTHORITY = (user: number) => `
  user("user-${user}"); team("growth"); right("/crm/contacts", "read");
  right("/crm/deals", "read"); right("/crm/contacts", "write");
  check if time($t), $t < 2027-01-01T00:00:00Z;`;

const CAVEATS = (user: number) => `
  check if operation("read");
  check if resource($r), $r.starts_with("/crm/contacts/${user}");
  check if time($t), $t < 2026-12-24T12:00:00Z;`;

const POLICY = 'allow if user($u), right("/crm/contacts", "read")';

export interface Issued {
  readonly publicKey: PublicKey;
  readonly tokens: readonly UnverifiedToken[];
}

export async function issueTokens(): Promise<Issued> {
  const rootKey = unwrap(privateKeyFromBytes('ed25519', SECRET));
  const tokens: UnverifiedToken[] = [];
  for (let i = 0; i < TOKENS; i++) {
    let token = unwrap(await mint({ rootKey, block: unwrap(parseBlock(AUTHORITY(i))) }));
    for (let step = 0; step < 2; step++)
      token = unwrap(await narrow(token, unwrap(parseBlock(CAVEATS(i)))));
    tokens.push(token);
  }
  return { publicKey: await rootKey.publicKey(), tokens };
}

const resource = (user: number) => `/crm/contacts/${user}`;

export async function hewnOperations({ tokens: parsed, publicKey }: Issued) {
  const tokens = parsed.map(({ text }) => text);
  const authorizer = unwrap(parseAuthorizer(POLICY));
  const cache = createChainCache();
  const [received] = parsed;
  if (received === undefined) throw new RangeError('no tokens');
  const steps: string[] = [];
  for (let i = 0; i < STEPS; i++) steps.push(unwrap(await narrow(received, caveats(0))).text);
  const decide = async (text: string, user: number, options: VerifyOptions) => {
    const token = unwrap(await parseAndVerify(text, publicKey, options));
    const facts = [
      fact('time', date(NOW_SECONDS)),
      fact('operation', string('read')),
      fact('resource', string(resource(user))),
    ];
    unwrap(authorize(token, { authorizer, facts }));
  };
  const next = counter(TOKENS);
  const nextStep = counter(STEPS);
  return {
    'hewn cold': () => {
      const i = next();
      return decide(tokens[i] ?? '', i, {});
    },
    'hewn step': () => decide(steps[nextStep()] ?? '', 0, { cache }),
    'hewn again': () => decide(tokens[0] ?? '', 0, { cache }),
    'hewn narrow': async () => {
      const i = next();
      const token = parsed[i];
      if (token === undefined) throw new RangeError('no such token');
      return unwrap(await narrow(token, caveats(i))).text;
    },
    'hewn narrow text': async () => {
      const i = next();
      const dataset = `crm/contacts/${i}`;
      return unwrap(
        await narrowText(tokens[i] ?? '', { action: 'read', dataset, expires: EXPIRES }),
      );
    },
  };
}

/** `CAVEATS` as data. */
const caveats = (user: number): Block => ({
  facts: [],
  rules: [],
  checks: [
    check({ name: 'operation', terms: [string('read')] }),
    check({ name: 'resource', terms: [variable('r')] }, [
      { kind: 'value', term: variable('r') },
      { kind: 'value', term: string(resource(user)) },
      { kind: 'binary', operator: 'prefix' },
    ]),
    check({ name: 'time', terms: [variable('t')] }, [
      { kind: 'value', term: variable('t') },
      { kind: 'value', term: date(EXPIRES.getTime() / 1_000) },
      { kind: 'binary', operator: 'lessThan' },
    ]),
  ],
  scopes: [],
});

const check = (predicate: Predicate, ...expressions: readonly Expression[]): Check => ({
  kind: 'if',
  queries: [{ body: [predicate], expressions, scopes: [] }],
});

export function referenceOperations({ tokens: parsed }: Issued, arena: ReferenceArena) {
  const tokens = parsed.map(({ text }) => text);
  const limits = { max_facts: 1_000, max_iterations: 100, max_time_micro: 10_000_000 };
  const next = counter(TOKENS);
  const open = arena.keep(({ Biscuit, PrivateKey, KeyPair }) => {
    const secret = PrivateKey.fromString(`ed25519-private/${'07'.repeat(32)}`);
    const key = KeyPair.fromPrivateKey(secret).getPublicKey();
    return { key, parsed: tokens.map((text) => Biscuit.fromBase64(text, key)) };
  });
  return {
    'wasm cold': () =>
      arena.use(({ Biscuit, AuthorizerBuilder }) => {
        const i = next();
        const token = Biscuit.fromBase64(tokens[i] ?? '', open().key);
        const builder = new AuthorizerBuilder();
        builder.addCode(
          `time(2026-11-23T10:00:00Z); operation("read"); resource("${resource(i)}"); ${POLICY}`,
        );
        builder.buildAuthenticated(token).authorizeWithLimits(limits);
      }),
    'wasm narrow': () =>
      arena.use(({ BlockBuilder }) => {
        const i = next();
        const block = new BlockBuilder();
        block.addCode(CAVEATS(i));
        return open().parsed[i]?.appendBlock(block).toBase64();
      }),
    'wasm narrow text': () =>
      arena.use(({ Biscuit, BlockBuilder }) => {
        const i = next();
        const block = new BlockBuilder();
        block.addCode(CAVEATS(i));
        return Biscuit.fromBase64(tokens[i] ?? '', open().key)
          .appendBlock(block)
          .toBase64();
      }),
  };
}
