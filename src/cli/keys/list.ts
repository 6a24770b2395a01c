import { createHash } from 'node:crypto';
import { CONTROL_LOG, isLogName, type LogName, originOf } from '../../audit/index.ts';
import { fromHex } from '../../encoding.ts';
import { isSafeUrl } from '../../issuer-api/index.ts';
import { type KeyFile, readKeyFile } from '../../key-file/index.ts';
import { writeMintKeys } from '../../keyring/index.ts';
import { refuse } from '../../result.ts';
import { formatVerifierKey, noteKey } from '../../tlog/index.ts';
import { defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { logsBaseOfKeys } from '../issuer.ts';
import { showTimestamp } from '../terminal/index.ts';
import { keyFacts } from './facts.ts';
import { describeKeyProblem, KEY_FILE_FLAG, keyFilePath, showPath } from './target.ts';

/** The issuer's secrets by the names of its configuration, and the operator's own credential. */
const SECRETS: ReadonlyMap<string, (keys: KeyFile) => string | undefined> = new Map([
  ['MINT_KEYS', ({ mint }) => writeMintKeys(mint)],
  ['FEED_KEY', ({ feed }) => feed.privateKey],
  ['LOG_KEY', ({ log }) => log?.privateKey],
  ['APPROVER_KEY', ({ approver }) => approver?.privateKey],
  ['OPERATOR_SHA256', ({ operator }) => createHash('sha256').update(operator).digest('hex')],
  ['OPERATOR', ({ operator }) => operator],
]);

const NAMES = [...SECRETS.keys()].join(', ');

export const keysList = defineCommand({
  name: 'keys list',
  summary: 'list the root keys, or write one secret to a pipe',
  description: `Lists the root keys with their ids, states and public halves, and the public halves of the feed key and of the key that signs the logs. With the name of a log, the latter is LOG_VERIFIER_KEY, the key for hewn audit verify and for witnesses: it is public, so give it to every auditor. A key is published (its tokens are valid), active (it also mints) or retired (its tokens are denied).

--show-secret writes one secret to standard output and nothing else: ${NAMES}. It refuses to write to a terminal. OPERATOR is the operator credential itself.`,
  flags: {
    ...KEY_FILE_FLAG,
    'show-secret': { kind: 'text', value: 'NAME', description: 'write one secret to a pipe' },
    issuer: {
      kind: 'text',
      value: 'URL',
      description:
        'the issuer that the verifier key names; by default that of the environment whose key file --file names, HEWN_ISSUER, or that of hewn dev in this folder',
    },
    log: {
      kind: 'text',
      value: 'LOG',
      description: `the log that the verifier key names, such as feed-0; by default ${CONTROL_LOG}`,
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn keys list',
    'hewn keys list --json',
    'hewn keys list --file .hewn/production/keys.json --log feed-0',
    'hewn keys list --show-secret MINT_KEYS | npx wrangler secret put MINT_KEYS',
  ],
  run: async ({ flags }, context) => {
    const file = keyFilePath(context, flags.file);
    const contents = await readKeyFile(file);
    if (!contents.ok) return refuse(describeKeyProblem(contents.error));
    const name = flags['show-secret'];
    if (name !== undefined) {
      const secret = SECRETS.get(name);
      if (!secret) return refuse(`--show-secret must be one of ${NAMES}`);
      if (context.outIsTerminal) {
        return refuse('a terminal keeps what it shows: write the secret to a pipe');
      }
      const value = secret(contents.value);
      if (value === undefined) return refuse(`the file has no ${name}: hewn keys new adds it`);
      context.out(value);
      return YES;
    }
    const logName = flags.log ?? CONTROL_LOG;
    if (!isLogName(logName)) return refuse(`--log: there is no log of the name ${logName}`);
    const issuer = await logsBaseOfKeys(context, flags);
    if (issuer !== undefined && !isSafeUrl(issuer)) {
      return refuse(`--issuer must be the URL of the issuer (got ${issuer})`);
    }
    const keys = contents.value.mint.map(keyFacts);
    const feed = contents.value.feed.publicKey;
    const log = contents.value.log?.publicKey;
    const verifierKey = issuer && log ? verifierKeyOf(issuer, logName, log) : undefined;
    if (flags.json) {
      const logKeys = {
        ...(log && { logPublicKey: log }),
        ...(verifierKey && { logVerifierKey: verifierKey }),
      };
      context.out(showJson({ file, keys, feedPublicKey: feed, ...logKeys }));
      return YES;
    }
    context.out(showPath(context, file));
    for (const { id, state, since, publicKey } of keys) {
      context.out(
        `  ${String(id).padStart(3)}  ${state.padEnd(9)}  since ${showTimestamp(context, since)}  ${publicKey}`,
      );
    }
    context.out(`  FEED_PUBLIC_KEY  ${feed}`);
    if (log === undefined) return YES;
    context.out(`  LOG_PUBLIC_KEY   ${log}`);
    context.out(`  LOG_VERIFIER_KEY ${verifierKey ?? 'names the issuer: pass --issuer URL'}`);
    return YES;
  },
});

const verifierKeyOf = (issuer: string, log: LogName, publicKey: string): string =>
  formatVerifierKey(noteKey(originOf(issuer, log), 'log', fromHex(publicKey) ?? new Uint8Array()));
