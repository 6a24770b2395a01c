import { DEFAULT_LIMITS, type Limits } from '../biscuit/index.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';

const TOKEN_BLOCKS_MAX = 16; // Each costs the verifier one more signature.

/** The limits of one token: within those of the engine, and those of a header. */
export const TOKEN_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  tokenBytesMax: TOKEN_TEXT_BYTES_MAX,
  blocksMax: TOKEN_BLOCKS_MAX,
};
