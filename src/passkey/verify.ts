import { isJsonObject } from '../canonical-json.ts';
import { fromBase64Url, fromUtf8, sameBytes, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data.ts';
import { importPasskey, isSignedByPasskey, type PasskeyAlgorithm } from './signature.ts';

/** What a server keeps of a passkey. Nothing of it is secret. */
export interface Passkey {
  /** In base64url. */
  readonly id: string;
  readonly algorithm: PasskeyAlgorithm;
  /** SubjectPublicKeyInfo in base64url. */
  readonly publicKey: string;
  /** Of its last signature. */
  readonly counter: number;
}

/** What a browser sends when a passkey was used. Each member is in base64url. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly clientData: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

/** What a browser sends when a passkey was made. */
export interface PasskeyMade extends Omit<PasskeyAnswer, 'signature'> {
  readonly algorithm: PasskeyAlgorithm;
  readonly publicKey: string;
}

export interface PasskeyExpectations {
  /** What must have been signed, in base64url. */
  readonly challenge: string;
  /** The origin of the console. Its host is the relying party. */
  readonly origin: string;
}

/** Why a passkey does not count. For the log: the sender learns only that it does not. */
export interface PasskeyRefused {
  readonly code:
    | ('client_data' | 'type' | 'challenge' | 'origin' | 'authenticator_data' | 'relying_party')
    | ('user_absent' | 'user_unverified' | 'credential' | 'public_key' | 'signature' | 'counter');
}

const refused = (code: PasskeyRefused['code']): Result<never, PasskeyRefused> => refuse({ code });

/**
 * Verifies the answer of a browser in which a passkey was used (WebAuthn section 7.2). The person
 * must have been verified by the authenticator: presence alone is a button. Returns the new
 * counter.
 */
export async function verifyPasskey(
  { clientData, authenticatorData, signature, id }: PasskeyAnswer,
  passkey: Passkey,
  expected: PasskeyExpectations,
): Promise<Result<{ readonly counter: number }, PasskeyRefused>> {
  if (id !== passkey.id) return refused('credential');
  const read = await readAnswer({ clientData, authenticatorData }, 'webauthn.get', expected);
  if (!read.ok) return read;
  const { data, clientBytes, dataBytes } = read.value;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', clientBytes));
  const signed = new Uint8Array([...dataBytes, ...hash]);
  const bytes = fromBase64Url(signature);
  if (!bytes || !(await isSignedByPasskey(passkey, bytes, signed))) return refused('signature');
  // A counter that does not rise is that of a copy. Synchronized passkeys always have 0.
  const isCounting = data.counter !== 0 || passkey.counter !== 0;
  if (isCounting && data.counter <= passkey.counter) return refused('counter');
  return ok({ counter: data.counter });
}

/**
 * Verifies the answer of a browser in which a passkey was made (WebAuthn section 7.1). No
 * attestation is required, so the page states the key: the person's session vouches for both.
 */
export async function verifyNewPasskey(
  { id, clientData, authenticatorData, algorithm, publicKey }: PasskeyMade,
  expected: PasskeyExpectations,
): Promise<Result<Passkey, PasskeyRefused>> {
  const read = await readAnswer({ clientData, authenticatorData }, 'webauthn.create', expected);
  if (!read.ok) return read;
  const { data } = read.value;
  if (data.credential !== id) return refused('credential');
  if (!(await importPasskey(algorithm, publicKey))) return refused('public_key');
  return ok({ id, algorithm, publicKey, counter: data.counter });
}

interface Read {
  readonly data: AuthenticatorData;
  readonly clientBytes: Uint8Array<ArrayBuffer>;
  readonly dataBytes: Uint8Array<ArrayBuffer>;
}

async function readAnswer(
  { clientData, authenticatorData }: Pick<PasskeyAnswer, 'clientData' | 'authenticatorData'>,
  type: 'webauthn.get' | 'webauthn.create',
  { challenge, origin }: PasskeyExpectations,
): Promise<Result<Read, PasskeyRefused>> {
  const clientBytes = fromBase64Url(clientData);
  const client = clientBytes && parse(fromUtf8(clientBytes));
  if (!clientBytes || !client) return refused('client_data');
  if (client.type !== type) return refused('type');
  if (client.challenge !== challenge) return refused('challenge');
  // A page in a frame of another site shows what that site wants.
  if (client.origin !== origin || client.crossOrigin === true || 'topOrigin' in client) {
    return refused('origin');
  }
  const dataBytes = fromBase64Url(authenticatorData);
  const data = dataBytes && readAuthenticatorData(dataBytes);
  if (!dataBytes || !data) return refused('authenticator_data');
  const party = new Uint8Array(
    await crypto.subtle.digest('SHA-256', utf8(new URL(origin).hostname)),
  );
  if (!sameBytes(party, data.rpIdHash)) return refused('relying_party');
  if (!data.isUserPresent) return refused('user_absent');
  if (!data.isUserVerified) return refused('user_unverified');
  return ok({ data, clientBytes, dataBytes });
}

function parse(text: string | undefined) {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
