/** A shorter one is found by chance in an answer, and is no secret. */
export const SECRET_CHARACTERS_MIN = 8;
export const SECRET_CHARACTERS_MAX = 16_384;

/**
 * Returns the text of a secret as it is used: visible ASCII, or a private key in PEM. Undefined for
 * any other. Lines at the end come from files and terminals, and are never meant.
 */
export function secretText(value: string): string | undefined {
  const secret = value.replace(/[\r\n]+$/, '');
  const isPem = secret.startsWith('-----BEGIN ');
  const isText = isPem || /^[\x20-\x7e]*$/.test(secret);
  const isLong = secret.length >= SECRET_CHARACTERS_MIN && secret.length <= SECRET_CHARACTERS_MAX;
  return isText && isLong ? secret : undefined;
}
