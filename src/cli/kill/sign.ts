import { resolve } from 'node:path';
import { printableJson } from '../../approval/index.ts';
import { checkAudience } from '../../capability/index.ts';
import { replaceFile } from '../../durable-file.ts';
import type { KillStatement, Watermark } from '../../feed/index.ts';
import { readKills, signKill } from '../../feed/log/index.ts';
import type { KeyPair } from '../../keyring/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX, FEED_KILLS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type Command,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { readPublicKey } from '../feed/source.ts';
import { signerOf } from '../keys/pair.ts';
import { secondsNow, showPath } from '../keys/target.ts';
import { withLock } from '../lock-file.ts';
import { isTokenSpelling, readBefore, readScope } from '../watermark/scope.ts';
import { readKillKey } from './key-file.ts';
import { killLine, readKillFile } from './list.ts';

const HELP = `hewn kill sign SCOPE [VALUE] --key FILE --list FILE --issuer URL
               [--before TIME | --for-ever] [--drop-dead] [--json]

Signs a statement that stops everything of a scope that was issued until now, before TIME, or ever,
and adds it to a list that any static host can serve. Verifiers that pin the key obey it within half
a minute, also where the issuer is down or taken; nothing takes it back while a verifier lives. The
scopes are those of hewn watermark; issuer_key takes the public key, as hewn keys list shows it, and
agent and subject what tokens have: ISSUER-URL#SUBJECT or a SPIFFE ID, because no issuer is asked.
--for-ever is for a stolen root key: its holder writes any time into his tokens. --drop-dead takes
statements out of the list of which no token can be alive.

  hewn kill sign owner team:growth --key kill.json --list kills.json --issuer https://issuer.example
  hewn kill sign issuer_key 5f0c... --for-ever --key kill.json --list kills.json --issuer URL

The issuer may be HEWN_ISSUER instead; it is the one whose tokens are stopped, and is not asked.
Exit code: 0, or 2 where it could not be done.`;

const FLAGS = {
  key: TEXT,
  list: TEXT,
  issuer: TEXT,
  before: TEXT,
  'for-ever': SWITCH,
  'drop-dead': SWITCH,
  json: SWITCH,
} as const;

/** The end of the year 9999: no token is issued later. */
const FOR_EVER_SECONDS = 253_402_300_799;

export const killSign: Command = {
  name: 'kill sign',
  summary: 'add a signed statement to the list that verifiers read',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const scope = readScope(positionals);
    if (!scope.ok) return scope;
    if (scope.value.scope === 'issuer_key' && !/^[0-9a-f]{64}$/.test(scope.value.value)) {
      return refuse('issuer_key takes 64 hex digits: nobody is there to be asked for an id');
    }
    if (!isTokenSpelling(scope.value)) {
      return refuse(
        `${printableJson(scope.value.value)} is in no token: write ISSUER-URL#SUBJECT, as records have it`,
      );
    }
    const before = readEnd(at, values.before, values['for-ever'] === true);
    if (!before.ok) return before;
    const { key, list } = values;
    const issuer = values.issuer ?? at.variable('HEWN_ISSUER');
    if (key === undefined || list === undefined) return refuse('it takes --key FILE, --list FILE');
    // Another spelling is another issuer: its tokens would go on, and nobody would be told.
    if (issuer === undefined || !checkAudience(issuer).ok) {
      return refuse('--issuer URL says whose tokens are stopped, spelled as in its tokens');
    }
    const pair = await readKillKey(resolve(at.cwd, key));
    if (!pair.ok) return pair;
    const publicKey = await readPublicKey(pair.value.publicKey);
    if (!publicKey) return refuse(`${key} holds no key`);
    const file = resolve(at.cwd, list);
    const added = await withLock(file, () =>
      add({
        file,
        pair: pair.value,
        signer: { issuer, key: publicKey },
        now: secondsNow(at),
        mark: { ...scope.value, before: before.value },
        dropsDead: values['drop-dead'] === true,
      }),
    );
    if (!added.ok) return added;
    const { kill, count } = added.value;
    if (values.json === true) at.out(showJson(kill));
    else at.out(`${showPath(at, file)}, ${count} in all:\n${killLine(kill)}`);
    return YES;
  },
};

interface Signer {
  readonly issuer: string;
  readonly key: CryptoKey;
}

interface Addition {
  readonly file: string;
  readonly pair: KeyPair;
  readonly signer: Signer;
  readonly now: number;
  readonly mark: Watermark;
  readonly dropsDead: boolean;
}

/** The statement, and how many are in the list by now. A refusal leaves the list as it is. */
async function add({
  file,
  pair,
  signer,
  now,
  mark,
  dropsDead,
}: Addition): Promise<Result<{ kill: KillStatement; count: number }, string>> {
  const held = await readKillFile(file);
  if (!held.ok) return held;
  const kept = dropsDead ? await living(held.value, signer, now) : held.value;
  if (kept.length >= FEED_KILLS_MAX) {
    return refuse(`the list has ${kept.length} already, and verifiers read no more: --drop-dead`);
  }
  const known = await readKills(held.value, signer);
  const serial = Math.max(0, ...known.map((one) => one.serial)) + 1;
  const kill: KillStatement = { v: 1, issuer: signer.issuer, issued_at: now, ...mark, serial };
  const signed = await signKill(kill, signerOf(pair.privateKey));
  // As a verifier reads it, before anybody relies on it.
  const [read] = await readKills([signed], signer);
  if (!read) return refuse('VALUE is too long, or no text');
  // Newest first: where a host or a reader cuts a list, it is the old that goes.
  await replaceFile(file, `${showJson([signed, ...kept])}\n`, 0o644);
  return ok({ kill, count: kept.length + 1 });
}

function readEnd(
  at: Surroundings,
  text: string | undefined,
  isForEver: boolean,
): Result<number, string> {
  if (isForEver && text !== undefined) return refuse('--before or --for-ever, not both');
  const before = readBefore(text);
  if (!before.ok) return before;
  // A token of this very second is meant as well.
  return ok(isForEver ? FOR_EVER_SECONDS : (before.value ?? secondsNow(at) + 1));
}

/** Without those of which every token has expired; whatever else is in the list stays. */
async function living(
  list: readonly unknown[],
  signer: Signer,
  now: number,
): Promise<readonly unknown[]> {
  const dead = await Promise.all(
    list.map(async (one) => {
      const [kill] = await readKills([one], signer);
      return kill && kill.before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX < now;
    }),
  );
  return list.filter((_, index) => dead[index] !== true);
}
