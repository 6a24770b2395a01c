import { ok, type Result, refuse } from '../../result.ts';
import { ENVIRONMENT_FLAG } from '../deployment-folder.ts';

/** Flags of `serve` and `build`, which change what `[serve]` states. */
export const SERVE_FLAGS = {
  ...ENVIRONMENT_FLAG,
  host: { kind: 'text', value: 'ADDRESS', description: 'listen on this address' },
  port: {
    kind: 'list',
    value: 'WORKER=PORT',
    description: 'listen on this port, such as issuer=8788; may be repeated',
  },
  state: { kind: 'text', value: 'FOLDER', description: 'the folder of the state' },
} as const;

/** Reads `issuer=8788` and the like. */
export function readPortFlags(
  texts: readonly string[],
): Result<ReadonlyMap<string, number>, string> {
  const ports = new Map<string, number>();
  for (const text of texts) {
    const [, role, port] = /^([a-z][a-z0-9-]*)=(\d{1,5})$/.exec(text) ?? [];
    if (role === undefined || Number(port) < 1 || Number(port) > 65_535) {
      return refuse(
        `--port must be WORKER=PORT, such as issuer=8788, and not ${JSON.stringify(text)}`,
      );
    }
    ports.set(role, Number(port));
  }
  return ok(ports);
}
