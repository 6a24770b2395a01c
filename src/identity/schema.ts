import * as v from 'valibot';

/** Building blocks of the issuer schemas. Each rejects values that would match loosely. */

export const exactText = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => !text.includes('*'), 'wildcards are not supported: every match is exact'),
);

export const exactTexts = v.pipe(v.array(exactText), v.minLength(1));

export const entryName = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'not a lower-case name'),
);

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

/** Allows http only on loopback: elsewhere, anyone on the network path could replace the keys. */
export const endpoint = v.pipe(
  exactText,
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || url.username || url.password || text.includes('#')) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  }, 'not an https URL (or http on loopback) without user info and fragment'),
);

/** A key set written into the configuration: public keys only, each with an id. */
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
