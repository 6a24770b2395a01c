/** String operations that the platform does not bound, or does not have. */

/** Returns the length of the UTF-8 encoding without creating it. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x800) length += unit >= 0xd800 && unit < 0xe000 ? 1 : 2;
    else if (unit >= 0x80) length++;
  }
  return length;
}

// On short texts the platform's own search is as fast in the worst case, and much faster in the
// best.
const SHORT_UNITS = 32;
const SEARCH_PRODUCT_MAX = 16_384;

/**
 * Substring search in linear time (Knuth, Morris, Pratt). On periodic texts the platform's search
 * takes time proportional to the product of both lengths, and both come from the token.
 */
export function includesText(text: string, wanted: string): boolean {
  if (wanted.length <= SHORT_UNITS || text.length * wanted.length <= SEARCH_PRODUCT_MAX)
    return text.includes(wanted);
  // retreat[i]: where to continue in `wanted` after a mismatch behind its first i units.
  const retreat = new Uint32Array(wanted.length + 1);
  for (let i = 1, matched = 0; i < wanted.length; i++) {
    while (matched > 0 && wanted.charCodeAt(i) !== wanted.charCodeAt(matched))
      matched = retreat[matched] ?? 0;
    if (wanted.charCodeAt(i) === wanted.charCodeAt(matched)) matched++;
    retreat[i + 1] = matched;
  }
  for (let i = 0, matched = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    while (matched > 0 && unit !== wanted.charCodeAt(matched)) matched = retreat[matched] ?? 0;
    if (unit === wanted.charCodeAt(matched)) matched++;
    if (matched === wanted.length) return true;
  }
  return false;
}
