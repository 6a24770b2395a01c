/**
 * Dumps the storage of a release: `npx node test/storage/dump/index.ts FOLDER` runs the stories
 * against the code in FOLDER, a checkout of the release with its node_modules, and writes the
 * storage of its objects to test/storage/VERSION. Run it once, when a release is made.
 */
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { writeDump } from '../file.ts';
import type { Dump } from './dump-of.ts';

interface Told {
  readonly story: object;
  readonly dumps: readonly Dump[];
}

/** A folder of the ring that runs in workerd; as deep as this one, so that imports resolve. */
const RING = 'test/workers/issuer';
const GUESTS = {
  'stories.ts': 'dump-stories.test.ts',
  'scene.ts': '',
  'dump-of.ts': '',
  'idp.ts': '',
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('of which release? Name the folder of its code');
const release = resolve(folder);
const { version } = JSON.parse(await readFile(join(release, 'package.json'), 'utf8')) as {
  version: string;
};

const { story, dumps } = await tell();
const target = join(import.meta.dirname, '..', version);
await rm(target, { recursive: true, force: true });
await mkdir(target);
await writeFile(join(target, 'story.json'), `${JSON.stringify(story, null, 2)}\n`);
for (const dump of dumps) await writeFile(join(target, `${dump.object}.sql`), writeDump(dump));
process.stdout.write(`${dumps.length} classes of ${version} are in ${target}\n`);

/** Resolves with the dump that the stories send at their end. */
async function tell(): Promise<Told> {
  const received = Promise.withResolvers<Told>();
  const server = createServer(async (request, response) => {
    received.resolve((await json(request)) as Told);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const guests = Object.entries(GUESTS).map(([from, to]) => [
    join(import.meta.dirname, from),
    join(release, RING, to || from),
  ]) as [string, string][];
  try {
    for (const [from, to] of guests) await copyFile(from, to);
    const [stories, guest] = guests[0] ?? ['', ''];
    const text = await readFile(stories, 'utf8');
    await writeFile(guest, text.replace('<receiver>', receiver));
    const ended = run('npx', 'vitest', 'run', '--project', 'workers', guest);
    return await Promise.race([received.promise, ended.then(() => received.promise)]);
  } finally {
    for (const [, to] of guests) await rm(to, { force: true });
    server.close();
  }
}

/** Rejects if the command fails. */
function run(command: string, ...args: readonly string[]): Promise<void> {
  return new Promise((ended, failed) => {
    const child = spawn(command, args, { cwd: release, stdio: 'inherit' });
    child.on('exit', (code) => {
      if (code === 0) ended();
      else failed(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}
