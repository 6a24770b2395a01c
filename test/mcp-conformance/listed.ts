import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/reference/conformance.md');

/** A check that may be worse through the gateway, and why. */
export interface Listed {
  /** The scenario and the check, as in a result. */
  readonly check: string;
  readonly server: string;
  readonly reason: string;
}

/** Reads the list of docs/reference/conformance.md. */
export async function readListed(): Promise<readonly Listed[]> {
  const [, section = ''] = (await readFile(PAGE, 'utf8')).split('\n### Checks that fail');
  return [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, check = '', server = '', reason = '']) => ({ check, server, reason }),
  );
}
