import { fromBase64Url, toBase64Url, utf8 } from '../../encoding.ts';
import type { SentPasskeyAnswer } from '../../issuer-api/index.ts';
import { confirmationChallenge, PASSKEY_ALGORITHMS } from '../../passkey/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { callIssuer, type Fault, faultWords } from '../frame/index.ts';

const WAIT_MILLISECONDS_MAX = 120_000; // A person looks for the phone.

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (text: string): Bytes => fromBase64Url(text) ?? new Uint8Array();
const encoded = (bytes: ArrayBuffer): string => toBase64Url(new Uint8Array(bytes));

/** Asks the person for one of their passkeys. Its answer is for this challenge and no other. */
export async function askForPasskey(
  challenge: string,
  ids: readonly string[],
): Promise<Result<SentPasskeyAnswer, string>> {
  const asked = await attempt(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytesOf(challenge),
        allowCredentials: ids.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        userVerification: 'required',
        timeout: WAIT_MILLISECONDS_MAX,
      },
    }),
  );
  if (!asked.ok) return asked;
  const { rawId, response } = asked.value as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } =
    response as AuthenticatorAssertionResponse;
  return ok({
    id: encoded(rawId),
    client_data: encoded(clientDataJSON),
    authenticator_data: encoded(authenticatorData),
    signature: encoded(signature),
  });
}

interface NewPasskey {
  readonly challenge: string;
  /** Of the person, as records have it. */
  readonly name: string;
  readonly label: string;
  /** The passkeys that the person has: one of them confirms the new one. */
  readonly own: readonly string[];
}

/** Makes a passkey and adds it. Returns what went wrong, or undefined. */
export async function addPasskey({
  challenge,
  name,
  label,
  own,
}: NewPasskey): Promise<string | undefined> {
  const made = await attempt(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(challenge),
        rp: { name: 'Hewn' },
        user: { id: utf8(name).slice(0, 64), name, displayName: name },
        pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        excludeCredentials: own.map((id) => ({ type: 'public-key', id: bytesOf(id) })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        attestation: 'none',
        timeout: WAIT_MILLISECONDS_MAX,
      },
    }),
  );
  if (!made.ok) return made.error;
  const { rawId, response } = made.value as PublicKeyCredential;
  const attested = response as AuthenticatorAttestationResponse;
  const publicKey = attested.getPublicKey();
  if (!publicKey) return 'This authenticator has a kind of key that Hewn does not know.';
  const id = encoded(rawId);
  const confirmed =
    own.length > 0
      ? await askForPasskey(await confirmationChallenge(challenge, id), own)
      : undefined;
  if (confirmed && !confirmed.ok) return confirmed.error;
  const added = await callIssuer('POST', '/passkeys', {
    body: {
      label,
      id,
      client_data: encoded(attested.clientDataJSON),
      authenticator_data: encoded(attested.getAuthenticatorData()),
      algorithm: attested.getPublicKeyAlgorithm() as -7 | -8 | -257,
      public_key: encoded(publicKey),
      ...(confirmed && { confirmed_by: confirmed.value }),
    },
  });
  return added.ok ? undefined : faultWords(added.error as Fault);
}

/** A person who closes the window of the browser is the usual case of a failure. */
async function attempt(ask: () => Promise<Credential | null>): Promise<Result<Credential, string>> {
  try {
    const credential = await ask();
    if (credential) return ok(credential);
  } catch (error) {
    if ((error as Error).name === 'InvalidStateError') {
      return refuse('This passkey is yours already.');
    }
    if ((error as Error).name === 'SecurityError') {
      return refuse('The browser allows no passkey at this address.');
    }
  }
  return refuse('No passkey answered, so nothing was sent. Try again.');
}
