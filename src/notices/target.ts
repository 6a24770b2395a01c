import * as v from 'valibot';
import { checkedText } from '../checked-text.ts';
import { isEndpoint } from '../endpoint-url.ts';
import { ok, type Result, refuse } from '../result.ts';
import { fromBase64 } from '../tlog/index.ts';
import { NOTICE_TYPES, type NoticeType } from './notice.ts';

/** Each stores one more copy of every notice. */
export const TARGETS_MAX = 16;
const URL_LENGTH_MAX = 2_048;
const RECIPIENTS_MAX = 20;
const AUTHORIZATION_LENGTH_MAX = 4_096;
/** Standard Webhooks 1.0: a secret has 24 to 64 bytes. */
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

export const targetName = /^[a-z][a-z0-9-]{0,31}$/;

const url = checkedText(
  (text) => text.length <= URL_LENGTH_MAX && isEndpoint(text, true),
  'an https URL (http on loopback) without user info, query and fragment',
);

const mailbox = checkedText(
  (text) => /^[^\s@<>"(),:;\\[\]]{1,64}@[A-Za-z0-9.-]{1,190}$/.test(text),
  'an e-mail address, such as "alerts@acme.example"',
);

const events = v.exactOptional(
  v.pipe(v.array(v.picklist(NOTICE_TYPES)), v.minLength(1, 'a list of at least one event')),
);

/** What is stated of a target, by its kind. */
export const TARGET_SCHEMAS = {
  webhook: v.strictObject({ kind: v.literal('webhook'), url, events }),
  slack: v.strictObject({ kind: v.literal('slack'), events }),
  email: v.strictObject({
    kind: v.literal('email'),
    url,
    from: mailbox,
    to: v.pipe(
      v.array(mailbox),
      v.minLength(1, 'a list of at least one address'),
      v.maxLength(RECIPIENTS_MAX, `a list of at most ${RECIPIENTS_MAX} addresses`),
    ),
    events,
  }),
} as const;

export type TargetKind = keyof typeof TARGET_SCHEMAS;

const named = { name: v.pipe(v.string(), v.regex(targetName)) };
const targetsSchema = v.pipe(
  v.array(
    v.variant('kind', [
      v.strictObject({ ...TARGET_SCHEMAS.webhook.entries, ...named }),
      v.strictObject({ ...TARGET_SCHEMAS.slack.entries, ...named }),
      v.strictObject({ ...TARGET_SCHEMAS.email.entries, ...named }),
    ]),
  ),
  v.maxLength(TARGETS_MAX),
);
const secretsSchema = v.record(v.string(), v.string());

interface TargetBase {
  readonly name: string;
  readonly events: readonly NoticeType[];
}

/** Where notices are sent, with the secret that this needs. */
export type Target = TargetBase &
  (
    | { readonly kind: 'webhook'; readonly url: string; readonly key: Uint8Array<ArrayBuffer> }
    /** The URL itself is the secret. */
    | { readonly kind: 'slack'; readonly url: string }
    | {
        readonly kind: 'email';
        readonly url: string;
        readonly from: string;
        readonly to: readonly string[];
        readonly authorization: string;
      }
  );

/** Why targets cannot be read. Names what is wrong, and nothing of a secret. */
interface TargetFault {
  readonly of: 'targets' | 'secrets';
  readonly why: string;
}

/** Reads the targets and their secrets, as the issuer has them in two variables. */
export function readTargets(
  targets: unknown,
  secrets: unknown,
  { allowLoopback }: { readonly allowLoopback: boolean },
): Result<readonly Target[], TargetFault> {
  const read = v.safeParse(targetsSchema, targets);
  if (!read.success) {
    return refuse({ of: 'targets', why: `malformed at "${v.getDotPath(read.issues[0]) ?? ''}"` });
  }
  const names = read.output.map(({ name }) => name);
  if (new Set(names).size < names.length) return refuse({ of: 'targets', why: 'a name is twice' });
  const plain = read.output.find((one) => 'url' in one && !isEndpoint(one.url, allowLoopback));
  if (plain) return refuse({ of: 'targets', why: `the URL of "${plain.name}" is not https` });
  const known = v.safeParse(secretsSchema, secrets);
  if (!known.success) return refuse({ of: 'secrets', why: 'not an object of texts' });
  const found: Target[] = [];
  for (const { events: listed, ...stated } of read.output) {
    const text = Object.hasOwn(known.output, stated.name) ? known.output[stated.name] : undefined;
    const target = text === undefined ? undefined : withSecret(stated, text, allowLoopback);
    if (!target) {
      const why = `no valid secret of "${stated.name}": ${EXPECTED[stated.kind]}`;
      return refuse({ of: 'secrets', why });
    }
    found.push({ ...target, events: listed ?? NOTICE_TYPES } as Target);
  }
  return ok(found);
}

/** What the secret of a target is. */
const EXPECTED: Readonly<Record<TargetKind, string>> = {
  webhook: '"whsec_" and 24 to 64 bytes in base64',
  slack: 'the https URL of an incoming webhook',
  email: 'the Authorization header of the mail API',
};

type Stated = Omit<v.InferOutput<typeof targetsSchema>[number], 'events'>;

function withSecret(stated: Stated, text: string, allowLoopback: boolean) {
  switch (stated.kind) {
    case 'webhook': {
      const key = /^whsec_/.test(text) ? fromBase64(text.slice('whsec_'.length)) : undefined;
      const isKey = key && key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX;
      return isKey ? { ...stated, key } : undefined;
    }
    case 'slack':
      return isEndpoint(text, allowLoopback) ? { ...stated, url: text } : undefined;
    case 'email': {
      const isHeader =
        text.length <= AUTHORIZATION_LENGTH_MAX && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(text);
      return isHeader ? { ...stated, authorization: text } : undefined;
    }
  }
}
