import * as v from 'valibot';
import { checkedText } from '../checked-text.ts';
import { credentialDigestSchema } from '../credential-digest.ts';
import { wholeNumber } from '../whole-number.ts';
import type { Settings } from './settings.ts';
import { witnessPolicy } from './witness-policy.ts';

/** Keeps the archive in Durable Objects, for an account without R2. */
export const NO_ARCHIVE_BUCKET = 'none';

/** A hundred years: longer rules are the same as none. */
const RETENTION_MONTHS_MAX = 1_200;
const months = v.pipe(wholeNumber(1, RETENTION_MONTHS_MAX), v.description('months'));

/** Seconds since 1970, with room. */
const GENERATION_MAX = 999_999_999_999;

/** Keys of `[audit]`: where the logs are archived, for how long, and who attests to them. */
export const AUDIT_SETTINGS = {
  archive: {
    // The rules of R2 for a name, which contain those for "none".
    schema: checkedText(
      (text) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(text),
      'the name of an R2 bucket: 3 to 63 lower-case letters, digits and "-"',
    ),
    absent: '`<name>-<environment>-issuer-archive`',
    purpose: `The R2 bucket with the archive of the logs. \`hewn deploy\` creates it. \`${NO_ARCHIVE_BUCKET}\`: Durable Objects have the archive, as under \`hewn serve\`. Do not change it once the issuer has run: the archive is not moved.`,
  },
  retention: {
    schema: v.strictObject({
      control: v.exactOptional(months),
      decisions: v.exactOptional(months),
      old: v.exactOptional(months),
    }),
    variable: 'AUDIT_RETENTION',
    absent: 'records are never deleted',
    purpose:
      'After how many months the records of a log are deleted. `control`: what granted and took power. `decisions`: what verifiers decided. `old`: the log of releases before 0.4.0. Proofs of deleted records stay valid.',
  },
  witnesses: {
    schema: witnessPolicy,
    variable: 'WITNESSES',
    absent: 'no one but the issuer signs the checkpoints',
    purpose:
      'Who cosigns the checkpoints of the logs: a policy in the form of C2SP tlog-policy, with a URL for each witness.',
  },
  generation: {
    schema: wholeNumber(1, GENERATION_MAX),
    variable: 'LOG_GENERATION',
    absent: 'the first: origins have no number',
    purpose:
      'A number in the names (origins) of the logs and of the feed. Witnesses refuse a log that lost records or of which a thief signed another history; under a new number it is another log to them. `hewn restore` says when it is needed. Take a greater one each time, such as the seconds since 1970, and give verifiers and auditors the new keys.',
  },
  auditorSha256: {
    schema: credentialDigestSchema,
    variable: 'AUDITOR_SHA256',
    absent: 'only the operator reads the logs',
    purpose: 'SHA-256 of the credential of an auditor, who may read the logs and do nothing else.',
  },
} as const satisfies Settings;
