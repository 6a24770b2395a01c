/** DPoP proofs (RFC 9449): a proof is accepted if an independent reader accepts the same bytes. */
import { calculateJwkThumbprint } from 'jose';
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import {
  checkProof,
  createNonces,
  type DpopError,
  seenProofs,
  targetOf,
  tokenHash,
} from '../../../src/dpop/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften } from './json.ts';
import { decodeJws, ED25519, P256, respelt, STRANGER, signJws, type TestKey } from './jws.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const URL_ = 'https://gateway.example/mcp/files';
const ath = await tokenHash('the-token-that-was-presented');
const nonces = createNonces(new Uint8Array(32).fill(9));
const nonce = await nonces.issue(NOW);
const THUMBPRINTS = new Map(
  await Promise.all(
    [ED25519, P256, STRANGER].map(
      async ({ jwk }) => [await calculateJwkThumbprint(jwk), jwk] as const,
    ),
  ),
);

interface Made {
  readonly text: string;
  /** The proof is unmodified and valid. */
  readonly unmodified: boolean;
  /** The signed proof, before its text was changed. */
  readonly signed: string;
}

function make(random: Random): Made {
  const key: TestKey = random.pick([ED25519, P256]);
  const kind = random.below(10);
  const jwk = random.chance(0.1) ? random.pick([key.privateJwk, STRANGER.jwk]) : key.jwk;
  let header: Json = { typ: 'dpop+jwt', alg: key.algorithm, jwk };
  let payload: Json = { jti: CANARY, htm: 'POST', htu: URL_, iat: NOW / 1000, ath, nonce };
  if (kind < 3) header = mutateJsonOften(random, header);
  else if (kind < 7) payload = mutateJsonOften(random, payload);
  const signed = signJws(header, payload, key);
  const text =
    kind === 7 ? mutateText(random, signed) : kind === 8 ? respelt(random, signed) : signed;
  return { text, signed, unmodified: kind === 9 && jwk === key.jwk };
}

/** Checks the requirements of RFC 9449 section 4.3 independently. */
function naivelyHolds(text: string, asksNonce: boolean): boolean {
  const [header, payload] = decodeJws(text) ?? [];
  if (!isJsonObject(header) || !isJsonObject(payload) || !isJsonObject(header.jwk)) return false;
  const { jti, htm, htu, iat } = payload;
  return (
    header.typ === 'dpop+jwt' &&
    (header.alg === 'ES256' || header.alg === 'EdDSA') &&
    !('d' in header.jwk) &&
    !('crit' in header) &&
    htm === 'POST' &&
    typeof htu === 'string' &&
    targetOf(htu) === URL_ &&
    typeof iat === 'number' &&
    Math.abs(iat - NOW / 1000) <= 300 &&
    typeof jti === 'string' &&
    jti !== '' &&
    Buffer.byteLength(jti) <= 128 &&
    payload.ath === ath &&
    (!asksNonce || payload.nonce === nonce)
  );
}

const outcomes: Record<'ok' | DpopError['code'], Reached> = {
  ok: 'seen',
  proof_too_large: 'rare',
  proof_malformed: 'seen',
  type_refused: 'seen',
  algorithm_refused: 'seen',
  key_refused: 'seen',
  signature_invalid: 'seen',
  method_mismatch: 'seen',
  target_mismatch: 'seen',
  time_refused: 'seen',
  jti_invalid: 'seen',
  token_mismatch: 'seen',
  nonce_missing: 'seen',
  nonce_refused: 'seen',
  replayed: 'rare',
};

export const dpop: ParserCampaign = {
  name: 'dpop',
  outcomes,
  cases: 3_000,
  attempt: async (random) => {
    const { text, signed, unmodified } = make(random);
    const asksNonce = random.chance(0.5);
    const expected = {
      method: 'POST',
      url: URL_,
      now: NOW,
      ath,
      seen: seenProofs(),
      ...(asksNonce && { nonces }),
    };
    const checked = await checkProof(text, expected);
    if (!checked.ok) {
      claim(!unmodified, 'an unmodified proof is refused', checked.error);
      claimSilent(checked.error, text);
      return checked.error.code;
    }
    claim(text === signed, 'a proof with changed text is accepted', { text, signed });
    claim(
      naivelyHolds(text, asksNonce),
      'a proof is accepted that the independent reader refuses',
      text,
    );
    const header = decodeJws(text)?.[0];
    const jwk = isJsonObject(header) && isJsonObject(header.jwk) ? header.jwk : {};
    const x = THUMBPRINTS.get(checked.value.thumbprint)?.x;
    claim(x !== undefined && x === jwk.x, 'the thumbprint belongs to another key', text);
    const again = await checkProof(text, expected);
    claim(!again.ok && again.error.code === 'replayed', 'a proof is accepted twice', text);
    return 'ok';
  },
};
