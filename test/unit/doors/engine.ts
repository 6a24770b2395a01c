import * as biscuit from '../../../src/biscuit/index.ts';
import { type Walk, walk } from './walk.ts';

const { privateKey, publicKey } = await biscuit.generateKeyPair();
const block = { facts: [], rules: [], checks: [], scopes: [] };
const authorizer = { ...block, policies: [] };
const minted = await biscuit.mint({ rootKey: privateKey, block });
if (!minted.ok) throw new Error(minted.error.code);
const asked = biscuit.createThirdPartyRequest(minted.value);
if (!asked.ok) throw new Error(asked.error.code);
const verified = await biscuit.verifyToken(minted.value, publicKey);
if (!verified.ok) throw new Error(verified.error.code);
const { value: opened } = verified;
const HONEST_INPUT: Required<biscuit.AuthorizeInput> = {
  authorizer,
  facts: [],
  limits: biscuit.DEFAULT_LIMITS,
  externs: {},
  regex: { compile: biscuit.compileRegex } as never,
};
const MAY_LACK_INPUT = ['facts', 'limits', 'externs', 'regex'] as const;
const cache = biscuit.createChainCache();

export const ENGINE: readonly Walk[] = [
  walk<biscuit.MintRequest>(
    'mint',
    { rootKey: privateKey, rootKeyId: 1, block, limits: biscuit.DEFAULT_LIMITS },
    ['rootKeyId', 'limits'],
    biscuit.mint,
  ),
  walk<biscuit.VerifyOptions>(
    'verifyToken',
    { cache, algorithms: ['ed25519'] },
    ['cache', 'algorithms'],
    (given) => biscuit.verifyToken(minted.value, publicKey, given),
  ),
  walk<biscuit.VerifyOptions & { limits?: biscuit.Limits }>(
    'parseAndVerify',
    { cache, algorithms: ['ed25519'], limits: biscuit.DEFAULT_LIMITS },
    ['cache', 'algorithms', 'limits'],
    (given) => biscuit.parseAndVerify(minted.value.text, publicKey, given),
  ),
  walk<biscuit.Bounds>('createChainCache', { ...biscuit.DEFAULT_CACHE_BOUNDS }, [], (given) =>
    biscuit.createChainCache(given),
  ),
  ...Object.entries({
    authorize: biscuit.authorize,
    authorizeChecks: biscuit.authorizeChecks,
    worldOf: biscuit.worldOf,
  }).map(([name, judge]) =>
    walk<biscuit.AuthorizeInput>(name, HONEST_INPUT, MAY_LACK_INPUT, (given) =>
      judge(opened, given),
    ),
  ),
  walk<biscuit.AuthorizeInput>(
    'authorizeWithoutToken',
    HONEST_INPUT,
    MAY_LACK_INPUT,
    biscuit.authorizeWithoutToken,
  ),
  ...Object.entries({
    parseToken: (limits: biscuit.Limits) => biscuit.parseToken(minted.value.text, limits),
    parseBlock: (limits: biscuit.Limits) => biscuit.parseBlock('', {}, limits),
    parseAuthorizer: (limits: biscuit.Limits) => biscuit.parseAuthorizer('', {}, limits),
    parseFact: (limits: biscuit.Limits) => biscuit.parseFact('a(1)', {}, limits),
    parseRule: (limits: biscuit.Limits) => biscuit.parseRule('a($b) <- b($b)', {}, limits),
    parseCheck: (limits: biscuit.Limits) => biscuit.parseCheck('check if true', {}, limits),
    parsePolicy: (limits: biscuit.Limits) => biscuit.parsePolicy('allow if true', {}, limits),
    parseTerm: (limits: biscuit.Limits) => biscuit.parseTerm('1', limits),
    signThirdPartyBlock: (limits: biscuit.Limits) =>
      biscuit.signThirdPartyBlock(asked.value, privateKey, block, limits),
  }).map(([name, read]) =>
    walk<biscuit.Limits>(`${name}: limits`, { ...biscuit.DEFAULT_LIMITS }, [], read),
  ),
];
