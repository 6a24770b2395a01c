import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';

/** Where `wrangler login` stores a session, below the home folder. */
const SESSIONS = [
  '.config/.wrangler/config/default.toml',
  'Library/Preferences/.wrangler/config/default.toml',
  '.wrangler/config/default.toml',
];

/**
 * Checks that wrangler can act on an account, before anything is done. Without a credential, it
 * would offer a temporary account, where a deployment does not belong.
 */
export async function checkCredential({
  variable,
}: Pick<CommandContext, 'variable'>): Promise<Result<null, string>> {
  if (variable('CLOUDFLARE_API_TOKEN')) return ok(null);
  if (variable('CLOUDFLARE_API_KEY') && variable('CLOUDFLARE_EMAIL')) return ok(null);
  const home = variable('HOME') ?? variable('USERPROFILE');
  const found = await Promise.all(
    SESSIONS.map((file) =>
      home === undefined
        ? false
        : stat(join(home, file)).then(
            () => true,
            () => false,
          ),
    ),
  );
  if (found.includes(true)) return ok(null);
  return refuse(
    'no credential for Cloudflare: set CLOUDFLARE_API_TOKEN to a token that may edit Workers, or run npx wrangler login. hewn deploy --dry-run needs none',
  );
}
