import * as v from 'valibot';

/** The shapes that configured identities are made of; each refuses what would match loosely. */

export const exactText = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => !text.includes('*'), 'a wildcard: every match is exact'),
);

export const exactTexts = v.pipe(v.array(exactText), v.minLength(1));

export const entryName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'not a lower-case name'),
);

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** http is for a provider on this machine: elsewhere, whoever is on the path would hand us keys. */
export const endpoint = v.pipe(
  exactText,
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password || text.includes('#')) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  }, 'not an https URL (or http on loopback) without user info and fragment'),
);

/** A key set in the configuration itself: public keys alone, each with its id. */
export const publicKeySet = v.strictObject({
  keys: v.pipe(
    v.array(
      v.pipe(
        v.looseObject({ kty: v.picklist(['RSA', 'EC', 'OKP']), kid: exactText }),
        v.check((key) => !['d', 'p', 'q', 'k'].some((name) => name in key), 'a private key'),
      ),
    ),
    v.minLength(1),
  ),
});
