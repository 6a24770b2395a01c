import { resolve } from 'node:path';
import type { CryptoKey } from 'jose';
import { printableJson } from '../../approval/index.ts';
import { checkAudience } from '../../capability/index.ts';
import type { UnixSeconds } from '../../clock.ts';
import { replaceFile } from '../../durable-file.ts';
import { type KillStatement, WATERMARK_SCOPES, type Watermark } from '../../feed/index.ts';
import { readKills, signKill } from '../../feed/log/index.ts';
import { UNIX_SECONDS_MAX } from '../../issuer-api/index.ts';
import { signerOf } from '../../key-file/index.ts';
import type { KeyPair } from '../../keyring/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX, FEED_KILLS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { readPublicKey } from '../feed/source.ts';
import { JSON_FLAG } from '../flags.ts';
import { secondsNow, showPath } from '../keys/target.ts';
import { withLock } from '../lock-file.ts';
import { isTokenSpelling, readBefore, readScope } from '../watermark/scope.ts';
import { readKillKey } from './key-file.ts';
import { killLine, readKillFile } from './list.ts';

export const killSign = defineCommand({
  name: 'kill sign',
  summary: 'sign a stop with the offline key, for the list that verifiers read',
  operands: 'SCOPE [VALUE]',
  operandChoices: WATERMARK_SCOPES,
  description: `Signs a statement that stops everything in a scope, and adds it to a list that any static host can serve. Verifiers that pin the key obey it within half a minute, even if the issuer is down or compromised. A running verifier never forgets a statement.

SCOPE is as for hewn watermark. Because this command does not contact the issuer, issuer_key takes the public key that hewn keys list shows, and agent and subject take the spelling of tokens: ISSUER-URL#SUBJECT, or a SPIFFE ID.`,
  flags: {
    key: {
      kind: 'text',
      value: 'FILE',
      required: true,
      description: 'the offline key of hewn kill new-key',
    },
    list: {
      kind: 'text',
      value: 'FILE',
      required: true,
      description: 'the list to add the statement to; it is created if it does not exist',
    },
    issuer: {
      kind: 'text',
      value: 'URL',
      description:
        'the issuer whose tokens are stopped, as tokens spell it; by default HEWN_ISSUER',
    },
    before: {
      kind: 'text',
      value: 'TIME',
      description:
        'stop what was issued before then: 30m, 2h or 7d ago, or RFC 3339; by default before now',
    },
    'for-ever': {
      kind: 'switch',
      description: 'stop it permanently, whenever it was issued, as for a stolen root key',
    },
    'drop-dead': {
      kind: 'switch',
      description: 'remove statements whose tokens have all expired',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn kill sign owner team:growth --key kill.json --list kills.json --issuer https://issuer.example',
    'hewn kill sign issuer_key 5f0c... --for-ever --key kill.json --list kills.json --issuer URL',
  ],
  run: async ({ flags, operands }, context) => {
    const scope = readKillScope(operands);
    if (!scope.ok) return scope;
    const before = readEnd(context, flags.before, flags['for-ever']);
    if (!before.ok) return before;
    const issuer = flags.issuer ?? context.variable('HEWN_ISSUER');
    // Another spelling names another issuer: its tokens would stay valid, and no one would notice.
    if (issuer === undefined || !checkAudience(issuer).ok) {
      return refuse('--issuer URL must name the issuer as its tokens spell it');
    }
    const pair = await readKillKey(resolve(context.cwd, flags.key));
    if (!pair.ok) return pair;
    const publicKey = await readPublicKey(pair.value.publicKey);
    if (!publicKey) return refuse(`${flags.key} does not contain a key`);
    const file = resolve(context.cwd, flags.list);
    const added = await withLock(file, () =>
      add({
        file,
        pair: pair.value,
        signer: { issuer, key: publicKey },
        now: secondsNow(context),
        mark: { ...scope.value, before: before.value },
        dropsDead: flags['drop-dead'],
      }),
    );
    if (!added.ok) return added;
    const { kill, count } = added.value;
    const text = `${showPath(context, file)}, ${count} statements:\n${killLine(context, kill)}`;
    context.out(flags.json ? showJson(kill) : text);
    return YES;
  },
});

function readKillScope(operands: readonly string[]): ReturnType<typeof readScope> {
  const scope = readScope(operands);
  if (!scope.ok) return scope;
  if (scope.value.scope === 'issuer_key' && !/^[0-9a-f]{64}$/.test(scope.value.value)) {
    return refuse('issuer_key needs the public key, 64 hex digits: no issuer resolves an id here');
  }
  if (isTokenSpelling(scope.value)) return scope;
  const value = printableJson(scope.value.value);
  return refuse(`no token contains ${value}: write ISSUER-URL#SUBJECT, as records have it`);
}

interface Signer {
  readonly issuer: string;
  readonly key: CryptoKey;
}

interface Addition {
  readonly file: string;
  readonly pair: KeyPair;
  readonly signer: Signer;
  readonly now: UnixSeconds;
  readonly mark: Watermark;
  readonly dropsDead: boolean;
}

/** Adds the statement, and counts the list. A refusal leaves the list unchanged. */
async function add({
  file,
  pair,
  signer,
  now,
  mark,
  dropsDead,
}: Addition): Promise<Result<{ kill: KillStatement; count: number }, string>> {
  const existing = await readKillFile(file);
  if (!existing.ok) return existing;
  const kept = dropsDead ? await withoutDead(existing.value, signer, now) : existing.value;
  if (kept.length >= FEED_KILLS_MAX) {
    return refuse(`the list is full: verifiers read ${kept.length} statements. Use --drop-dead`);
  }
  const known = await readKills(existing.value, signer);
  const serial = Math.max(0, ...known.map((one) => one.serial)) + 1;
  const kill: KillStatement = { v: 1, issuer: signer.issuer, issued_at: now, ...mark, serial };
  const signed = await signKill(kill, signerOf(pair.privateKey));
  // Read it as a verifier does, before anyone relies on it.
  const [read] = await readKills([signed], signer);
  if (!read) return refuse('VALUE is too long, or not well-formed text');
  // Newest first: if a host or a reader truncates the list, the oldest are lost.
  await replaceFile(file, `${showJson([signed, ...kept])}\n`, 0o644);
  return ok({ kill, count: kept.length + 1 });
}

function readEnd(
  context: CommandContext,
  text: string | undefined,
  isForEver: boolean,
): Result<UnixSeconds, string> {
  if (isForEver && text !== undefined) return refuse('--before and --for-ever exclude each other');
  const before = readBefore(context, text);
  if (!before.ok) return before;
  // Tokens issued within this second are stopped as well.
  return ok(isForEver ? UNIX_SECONDS_MAX : (before.value ?? secondsNow(context) + 1));
}

/** Drops the statements whose tokens have all expired. Everything else in the list stays. */
async function withoutDead(
  list: readonly unknown[],
  signer: Signer,
  now: UnixSeconds,
): Promise<readonly unknown[]> {
  const dead = await Promise.all(
    list.map(async (one) => {
      const [kill] = await readKills([one], signer);
      return kill && kill.before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX < now;
    }),
  );
  return list.filter((_, index) => dead[index] !== true);
}
