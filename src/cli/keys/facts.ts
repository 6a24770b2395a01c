import type { KeyFile } from '../../key-file/index.ts';

type MintKey = KeyFile['mint'][number];

/** Returns what `--json` shows of a root key: nothing secret. */
export const keyFacts = ({ id, state, since, publicKey }: MintKey) => ({
  id,
  state,
  since: new Date(since * 1000).toISOString(),
  publicKey,
});
