import { parseToken } from '../biscuit/index.ts';
import { toHex } from '../encoding.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';

/**
 * Returns the hash of the catalogue that a token was minted under, without verifying the token: for
 * its holder, who got it from the issuer. Undefined if the token names none or cannot be read.
 */
export function mintedCatalogue(token: string): string | undefined {
  if (token.length > TOKEN_TEXT_BYTES_MAX) return undefined;
  const parsed = parseToken(token);
  const first = parsed.ok ? parsed.value.block(0) : parsed;
  if (!first.ok) return undefined;
  const named = first.value.block.facts.filter(({ name }) => name === 'catalogue');
  const [term] = named.length === 1 ? (named[0]?.terms ?? []) : [];
  return term?.kind === 'bytes' && term.value.length === 32 ? toHex(term.value) : undefined;
}
