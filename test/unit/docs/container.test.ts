import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { readDeployment, servePorts } from '../../../src/deployment/index.ts';
import { projectFile, readProjectFile } from './markdown.ts';

/**
 * The container files of examples/serve against the code. No container runtime is needed: what the
 * steps do was tried in a bare Debian (docs/guides/own-server.md).
 */

const read = (name: string) => readProjectFile(`examples/serve/${name}`);
const lines = async (name: string, start: string) =>
  (await read(name))
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.slice(start.length).trim());

test('the image runs the program behind the lock that hewn serve takes', async () => {
  const [command = ''] = await lines('Dockerfile', 'CMD');
  const args = JSON.parse(command) as readonly string[];
  expect(args.slice(0, 5)).toEqual(['flock', '-n', '-F', '/data/hewn.lock', 'hewn-server']);
  expect(args.slice(5, 7)).toEqual(['-d', 'state=/data']);
});

test('the image listens on the ports of hewn.toml, by the names of the Workers', async () => {
  const deployment = await readDeployment(new TextEncoder().encode(await read('hewn.toml')));
  const [environment] = deployment.ok ? deployment.value.environments : [];
  if (!environment) throw new Error('hewn.toml has faults');
  const sockets = [...servePorts(environment)].flatMap(([role, port]) => [
    '-s',
    `${role}=*:${port}`,
  ]);
  const [command = ''] = await lines('Dockerfile', 'CMD');
  expect((JSON.parse(command) as readonly string[]).slice(7)).toEqual(sockets);
  const [exposed = ''] = await lines('Dockerfile', 'EXPOSE');
  for (const port of servePorts(environment).values()) {
    expect(exposed.split(' ')).toContain(String(port));
    expect(await read('compose.yaml')).toContain(`127.0.0.1:${port}:${port}`);
  }
});

test('every hewn command of the container files exists, with its flags', async () => {
  const texts = [await read('Dockerfile'), await read('compose.yaml')].join('\n');
  const commands = [...texts.matchAll(/\bhewn (build|backup|serve)\b([^\n]*)/g)];
  expect(commands.length).toBeGreaterThanOrEqual(3);
  for (const [, name, rest = ''] of commands) {
    const command = COMMANDS.find((one) => one.name === name);
    const flags = [...rest.matchAll(/--([a-z-]+)/g)].map(([, flag]) => flag);
    expect(Object.keys(command?.flags ?? {})).toEqual(expect.arrayContaining(flags));
  }
});

test('no key and no state gets into an image', async () => {
  const ignored = (await read('.dockerignore')).trim().split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', '.hewn', 'hewn.env']));
});

test('the MCP server of the compose file exists', async () => {
  await access(projectFile('examples/serve/servers/notes.js'));
  expect(await read('compose.yaml')).toContain('servers/notes.js');
});
