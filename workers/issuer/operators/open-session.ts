import * as v from 'valibot';
import { readSeconds, toSeconds } from '../../../src/clock.ts';
import type { Identity } from '../../../src/identity/index.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { problem, readJson } from '../platform/http.ts';
import type { PublicHandler } from '../platform/router.ts';
import { requireRole, verifyPerson } from './person.ts';
import { discover } from './provider.ts';
import { base64UrlDigest, hexDigest } from './session-token.ts';
import { beginSession } from './sessions.ts';
import { sourceOf } from './sign-in.ts';

const ID_TOKEN_CHARACTERS_MAX = 12_288;

/** An ID token without a nonce, as a device flow gives it, is accepted for so long. */
const UNBOUND_SECONDS_MAX = 600;

const body = v.strictObject({
  provider: v.pipe(v.string(), v.maxLength(64), v.description('the name of a provider')),
  id_token: v.pipe(
    v.string(),
    v.maxLength(ID_TOKEN_CHARACTERS_MAX),
    v.description('the ID token that the provider gave'),
  ),
  nonce_verifier: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{43,128}$/),
      v.description('the text whose SHA-256 in base64url is the nonce of the ID token'),
    ),
  ),
});

/**
 * Begins a session of a command. The nonce of the ID token is the digest of a text that only the
 * command knows, so that a token that was read in a log begins no session. Each token begins one.
 */
export const openSession: PublicHandler = async (request, env) => {
  const read = await readJson(request, body);
  if (!read.ok) return problem(read.error);
  const { provider, id_token: jwt, nonce_verifier: nonceVerifier } = read.value;
  const config = readConfig(env);
  const refused = (why: string): Response => {
    report('operator.sign_in_failed', { provider: settings ? provider : 'unknown', why });
    return problem({ code: 'sign_in_refused' });
  };
  const { directory } = config;
  const settings =
    directory && Object.hasOwn(directory.providers, provider)
      ? directory.providers[provider]
      : undefined;
  if (!directory || !settings) return refused('provider_unknown');
  const found = await discover(config, provider, settings);
  if (!found.ok) return refused(found.error.code);
  const source = sourceOf(provider, settings, found.value.jwksUri);
  const verified = await verifyPerson(config, directory, source, jwt);
  if (!verified.ok) return refused(verified.error.why);
  const { person, identity } = verified.value;
  if (!(await isBound(identity, nonceVerifier))) return refused('nonce');
  if (!requireRole(directory, person).ok) return problem({ code: 'no_role' });
  const until = toSeconds(identity.expires?.getTime() ?? 0) + CLOCK_SKEW_SECONDS_MAX;
  const proof = { digest: await hexDigest(jwt), until };
  const begun = await beginSession(env, directory, { person, source: 'cli', proof });
  if (!begun) return refused('used');
  return Response.json(
    { token: begun.token, ends_at: begun.ends },
    { headers: { 'cache-control': 'no-store' } },
  );
};

/** Whether the sender of an ID token is the one who asked the provider for it. */
async function isBound({ claims }: Identity, verifier: string | undefined): Promise<boolean> {
  const { nonce, iat } = claims;
  if (nonce !== undefined) {
    return verifier !== undefined && nonce === (await base64UrlDigest(verifier));
  }
  return typeof iat === 'number' && iat > readSeconds() - UNBOUND_SECONDS_MAX;
}
