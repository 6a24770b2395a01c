/** The content of a JWT before verification: it has one reading, the same as another reader's. */
import { isJsonObject, type Json } from '../../../src/canonical-json.ts';
import type { IdentityError } from '../../../src/identity/index.ts';
import { readUnverified } from '../../../src/identity/unverified.ts';
import { claim, type ParserCampaign, type Reached } from './campaign.ts';
import { mutateJsonOften, writeJson } from './json.ts';
import { decodeJws, encodePart, respelt } from './jws.ts';
import { CANARY, claimSilent } from './secret.ts';
import { mutateText } from './text.ts';

const outcomes: Partial<Record<'ok' | IdentityError['code'], Reached>> = {
  ok: 'seen',
  jwt_too_large: 'seen',
  jwt_malformed: 'seen',
  algorithm_refused: 'seen',
};

export const unverified: ParserCampaign = {
  name: 'unverified',
  outcomes: outcomes as Record<string, Reached>,
  cases: 8_000,
  attempt: (random) => {
    const alg = random.pick(['ES256', 'none', 'nOnE', 'HS256', 'hs512', 'EdDSA']);
    const header: Json = { alg, kid: 'k1', typ: random.pick(['JWT', 'at+jwt', 'dpop+jwt']) };
    const payload: Json = {
      iss: 'https://idp.example',
      sub: CANARY,
      aud: 'a',
      exp: 1,
      filling: random.chance(0.02) ? 'x'.repeat(16_384) : '',
    };
    const parts = [header, payload].map((part) =>
      encodePart(writeJson(random, random.chance(0.5) ? mutateJsonOften(random, part) : part)),
    );
    const whole = `${parts.join('.')}.${'c2ln'.repeat(random.below(20))}`;
    const changed = random.chance(0.2) ? mutateText(random, whole) : whole;
    const text = random.chance(0.1) ? respelt(random, changed) : changed;
    const read = readUnverified(text);
    if (!read.ok) {
      claimSilent(read.error, text);
      return read.error.code;
    }
    const [head, body] = decodeJws(text) ?? [];
    claim(isJsonObject(head) && isJsonObject(body), 'text that is not a JWT is accepted', text);
    const { algorithm, type, keyId, issuer, subject, headers } = read.value;
    claim(
      algorithm === head.alg && type === head.typ && keyId === head.kid,
      'the header has changed',
      text,
    );
    claim(
      issuer === (typeof body.iss === 'string' ? body.iss : undefined),
      'the issuer has changed',
      text,
    );
    claim(
      subject === (typeof body.sub === 'string' ? body.sub : undefined),
      'the subject has changed',
      text,
    );
    const weak = algorithm.toLowerCase() === 'none' || algorithm.toLowerCase().startsWith('hs');
    claim(!weak, 'a JWT without a signature, or with a symmetric one, is accepted', text);
    claim(!headers.includes('crit'), 'a JWT with an unknown critical extension is accepted', text);
    // It must be the one base64url spelling of these bytes.
    const spelt = text.split('.').slice(0, 2);
    claim(
      spelt.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part),
      'a JWT has two spellings',
      text,
    );
    return 'ok';
  },
};
