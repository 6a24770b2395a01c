import { isJsonObject } from '../canonical-json.ts';
import { toSeconds, type UnixMilliseconds } from '../clock.ts';
import { fromBase64Url, fromUtf8 } from '../encoding.ts';
import { type ObtainOptions, quoted } from './obtain-options.ts';

/**
 * Says what an issuer probably has against the tokens that it refused: it says only which one. The
 * claims are read without a signature and shown to the program that holds the token, no one else.
 */
export const hintAboutTokens = (options: ObtainOptions, now: UnixMilliseconds): string =>
  [
    hintAbout('identity', options.actorToken, options.issuer, now),
    hintAbout('user', options.subjectToken, options.issuer, now),
  ]
    .filter((hint) => hint !== '')
    .join(' ');

function hintAbout(
  option: 'identity' | 'user',
  token: string | undefined,
  issuer: string,
  now: UnixMilliseconds,
): string {
  if (token === undefined) return '';
  const claims = claimsOf(token);
  const shown = `The token of \`${option}\``;
  if (claims === undefined) return `${shown} is not a JWT.`;
  const { exp, aud } = claims;
  if (typeof exp === 'number' && exp <= toSeconds(now)) {
    return `${shown} expired at ${new Date(exp * 1000).toISOString()}. Get a new one.`;
  }
  // An issuer can expect another audience, so this is a hint only.
  const audiences: readonly unknown[] = [aud].flat();
  if (audiences.includes(issuer)) return '';
  return `${shown} is for the audience ${quoted(aud)}. Most issuers expect their own URL, ${quoted(issuer)}.`;
}

function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload = ''] = token.split('.');
  const bytes = fromBase64Url(payload);
  try {
    const claims: unknown = JSON.parse((bytes && fromUtf8(bytes)) || '');
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
