/**
 * The cookies of the console. `__Host-` binds a cookie to this host, to https and to the path `/`,
 * so that no other host, and no page over http, can set it. Some browsers accept such a cookie from
 * http on loopback and others do not. There, the name has the port instead: cookies of one host are
 * the same for all ports.
 */

const SESSION = 'hewn-session';
const SIGN_IN = 'hewn-sign-in';

/** How long a sign-in at the provider may take. */
const SIGN_IN_SECONDS = 600;

type Kind = typeof SESSION | typeof SIGN_IN;

const nameOf = (kind: Kind, issuer: string): string => {
  const { protocol, port } = new URL(issuer);
  return protocol === 'https:' ? `__Host-${kind}` : `${kind}-${port || '80'}`;
};

const attributes = (issuer: string, sameSite: 'Strict' | 'Lax', seconds: number): string => {
  const secure = new URL(issuer).protocol === 'https:' ? '; Secure' : '';
  return `Path=/; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${secure}`;
};

export const sessionCookie = (issuer: string, token: string, seconds: number): string =>
  `${nameOf(SESSION, issuer)}=${token}; ${attributes(issuer, 'Strict', seconds)}`;

export const clearSessionCookie = (issuer: string): string => sessionCookie(issuer, '', 0);

/**
 * What a browser keeps during a sign-in, so that the answer of the provider counts only in the
 * browser that asked. It must arrive with a navigation from the provider, so it is `Lax`.
 */
export const signInCookie = (issuer: string, value: string): string =>
  `${nameOf(SIGN_IN, issuer)}=${value}; ${attributes(issuer, 'Lax', SIGN_IN_SECONDS)}`;

export const clearSignInCookie = (issuer: string): string =>
  `${nameOf(SIGN_IN, issuer)}=; ${attributes(issuer, 'Lax', 0)}`;

export const readSessionCookie = (headers: Headers, issuer: string): string | undefined =>
  readCookie(headers, nameOf(SESSION, issuer));

export const readSignInCookie = (headers: Headers, issuer: string): string | undefined =>
  readCookie(headers, nameOf(SIGN_IN, issuer));

/** Longer than any of our cookies: a value that is longer is not ours. */
const COOKIE_HEADER_CHARACTERS_MAX = 16_384;

/** Returns the value of a cookie. A name that is sent twice counts as absent: one is forged. */
function readCookie(headers: Headers, name: string): string | undefined {
  const text = headers.get('cookie') ?? '';
  if (text.length > COOKIE_HEADER_CHARACTERS_MAX) return undefined;
  const values = text
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}
