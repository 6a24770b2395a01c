import * as v from 'valibot';
import { PASSKEY_ALGORITHMS, type PasskeyAlgorithm } from '../../passkey/index.ts';
import type { AdminRoutes } from '../route.ts';
import { count, nameOf, reason, unixSeconds } from '../values.ts';

/** Ids have up to 1023 bytes (WebAuthn section 4). */
const ID_CHARACTERS_MAX = 1_364;
/** A challenge and an origin, or a hash and an id with a key: hundreds of bytes. */
const PART_CHARACTERS_MAX = 4_096;
const LABEL_CHARACTERS_MAX = 64;

const encoded = (lengthMax: number, description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_-]+$/),
    v.maxLength(lengthMax),
    v.description(`${description}, in base64url`),
  );

const id = encoded(ID_CHARACTERS_MAX, 'the id of the passkey');

/** What a browser answers when a passkey was used. */
export const PASSKEY_ANSWER = v.strictObject({
  id,
  client_data: encoded(PART_CHARACTERS_MAX, '`clientDataJSON`'),
  authenticator_data: encoded(PART_CHARACTERS_MAX, '`authenticatorData`'),
  signature: encoded(PART_CHARACTERS_MAX, 'the signature'),
});

export type SentPasskeyAnswer = v.InferOutput<typeof PASSKEY_ANSWER>;

const params = { id: { schema: id, problem: 'passkey_unknown' } } as const;

const passkey = v.object({
  id: v.string(),
  name: v.pipe(v.string(), v.description('whose it is, as records have it')),
  label: v.string(),
  at: unixSeconds,
  last_used: v.optional(unixSeconds),
});

export const PASSKEY_ROUTES = {
  listPasskeys: {
    method: 'GET',
    path: '/passkeys',
    summary: 'Lists the passkeys with which people approve.',
    needs: 'read',
    params: {},
    answer: v.object({
      passkeys: v.array(passkey),
      required: v.pipe(
        v.boolean(),
        v.description('whether an approval of a person needs a passkey'),
      ),
      challenge: v.pipe(
        v.optional(v.string()),
        v.description('what a new passkey of the caller has to sign; only for a person'),
      ),
    }),
    problems: [],
  },
  addPasskey: {
    method: 'POST',
    path: '/passkeys',
    summary: 'Adds a passkey of the caller.',
    description:
      'The first one of a person is taken as the session vouches for it. A further one needs the answer of one that the person has, to the SHA-256 of the lines `hewn passkey confirmation 1`, the challenge and the id of the new one.',
    needs: 'approve',
    scoped: true,
    // It opens nothing by itself: each approval waits for a second person as before.
    stopsWith: {},
    params: {},
    body: v.strictObject({
      label: nameOf(LABEL_CHARACTERS_MAX, 'what the person calls it'),
      id,
      client_data: encoded(PART_CHARACTERS_MAX, '`clientDataJSON`'),
      authenticator_data: encoded(PART_CHARACTERS_MAX, '`getAuthenticatorData()`'),
      algorithm: v.pipe(
        v.picklist(PASSKEY_ALGORITHMS as [PasskeyAlgorithm, ...PasskeyAlgorithm[]]),
        v.description('`getPublicKeyAlgorithm()`: -7, -8 or -257'),
      ),
      public_key: encoded(PART_CHARACTERS_MAX, '`getPublicKey()`'),
      confirmed_by: v.optional(
        v.pipe(PASSKEY_ANSWER, v.description('the answer of a passkey that the person has')),
      ),
    }),
    status: 201,
    answer: v.object({ id: v.string(), count }),
    problems: ['passkey_refused', 'passkeys_full', 'audit_unavailable'],
  },
  removePasskey: {
    method: 'POST',
    path: '/passkeys/:id/remove',
    summary: 'Removes a passkey of another person, who then can add another.',
    needs: 'end-session',
    stopsWith: {},
    params,
    body: v.strictObject({ reason }),
    status: 204,
    problems: ['passkey_unknown', 'same_person'],
  },
} as const satisfies AdminRoutes;
