import { ok, type Result, refuse } from '../result.ts';

/** Reads the one operand of a command that is for one server of the gateway. */
export const oneServer = (
  [server, unexpected]: readonly string[],
  command: string,
): Result<string, string> =>
  server === undefined || unexpected !== undefined
    ? refuse(`name one server of the gateway: hewn ${command} SERVER`)
    : ok(server);
