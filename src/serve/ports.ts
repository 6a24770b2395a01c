import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Environment, servePorts } from '../deployment/index.ts';
import { ok, type Result, refuse } from '../result.ts';

/** Returns the port of each Worker, by role. `changes` take the place of what `[serve]` states. */
export function choosePorts(
  environment: Environment,
  changes: ReadonlyMap<string, number> | undefined,
): Result<ReadonlyMap<string, number>, string> {
  const ports = new Map<string, number>();
  for (const [role, stated] of servePorts(environment)) {
    const port = changes?.get(role) ?? stated;
    if (port === undefined) {
      return refuse(`the gateway "${role}" has no port: state it in [serve] as gatewayPorts`);
    }
    const other = [...ports].find(([, used]) => used === port)?.[0];
    if (other !== undefined) return refuse(`${role} and ${other} have the same port, ${port}`);
    ports.set(role, port);
  }
  const unknown = [...(changes?.keys() ?? [])].find((role) => !ports.has(role));
  return unknown === undefined
    ? ok(ports)
    : refuse(`there is no Worker "${unknown}". There are: ${[...ports.keys()].join(', ')}`);
}

/**
 * Finds a port that cannot be listened on. workerd would end with a message of its own, while the
 * other program answers in its place.
 */
export async function findUnusablePort(
  host: string,
  ports: ReadonlyMap<string, number>,
): Promise<string | undefined> {
  for (const [role, port] of ports) {
    const server = createServer();
    try {
      server.listen(port, host === '*' ? undefined : host);
      await once(server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is in use by another program' : `gives ${code}`;
      return `port ${port} of "${role}" on ${host} ${why}. Choose another: --port ${role}=PORT, or [serve] in hewn.toml`;
    } finally {
      await new Promise((closed) => server.close(closed));
    }
  }
  return undefined;
}
