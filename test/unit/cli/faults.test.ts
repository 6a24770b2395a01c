import { spawn, spawnSync } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { createFile, replaceFile } from '../../../src/durable-file.ts';
import { emptyFolder, hewn } from './scene.ts';

/** Faults of the machine: a full disk, a missing permission, a closed pipe, a signal. */

const HEWN = 'src/cli/main.ts';

describe('a command that cannot work exits with 2, and not with 1', () => {
  test('if a folder cannot be created', async () => {
    await using folder = await emptyFolder();
    await writeFile(folder.file('plain'), '');
    const file = join(folder.file('plain'), 'below', 'keys.json');
    for (const words of [
      ['keys', 'new', '--file', file],
      ['kill', 'new-key', '--key', file],
    ]) {
      const { code, err } = await hewn(words);
      expect([words, code, err]).toEqual([
        words,
        2,
        expect.stringMatching(/ENOTDIR|ENOENT|does not exist/),
      ]);
      expect(err).not.toMatch(/\n\s+at /);
    }
  });

  test('if the disk is full, and leaves no draft and the file unchanged', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('keys.json');
    expect((await hewn(['keys', 'new', '--file', file])).code).toBe(0);
    const before = await readFile(file, 'utf8');
    // A test cannot fill the disk. A limit on the size of files gives EFBIG instead of ENOSPC.
    const limited = (...words: string[]) =>
      spawnSync(
        'sh',
        ['-c', 'trap "" XFSZ; ulimit -f 0; exec "$0" "$@"', process.execPath, HEWN, ...words],
        {
          encoding: 'utf8',
          env: { ...process.env, NODE_COMPILE_CACHE: '' },
        },
      );
    const added = limited('keys', 'new', '--file', file);
    expect([added.status, added.stderr]).toEqual([2, expect.stringContaining('EFBIG')]);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(folder.path)).toEqual(['keys.json']);
  });

  test('if its output cannot be written', () => {
    const printed = (words: string, into: string) =>
      spawnSync('sh', ['-c', `exec "$0" "$@" ${into}`, process.execPath, HEWN, words], {
        encoding: 'utf8',
      });
    const full = printed('--help', '> /dev/full');
    expect([full.status, full.stderr]).toEqual([2, expect.stringMatching(/^hewn: ENOSPC.*\n$/)]);
    expect(printed('no-such-command', '2> /dev/full').status).toBe(2);
  });

  test('if it has a bug', async () => {
    const { code, err } = await hewn(['feed', 'status', '--issuer', 'https://issuer.example'], {
      fetch: () => {
        throw new Error('not what anyone expected');
      },
      variable: () => {
        throw new Error('nor this');
      },
    });
    expect(code).toBe(2);
    expect(err).toContain('hewn feed status: ');
  });

  test('for each command, if nothing of its context works', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    for (const { name } of COMMANDS) {
      const { code } = await hewn([...name.split(' '), 'a', 'b'], {
        variable: broken,
        stdin: broken,
        now: broken,
        fetch: broken,
      });
      expect([name, code]).toEqual([name, 2]);
    }
  });
});

describe('writing a file', () => {
  test('keeps a symbolic link, and replaces its target', async () => {
    await using folder = await emptyFolder();
    await mkdir(folder.file('secrets'));
    const [real, middle, link] = ['secrets/keys.json', 'middle.json', 'keys.json'].map(folder.file);
    await symlink('middle.json', link ?? '');
    await symlink('secrets/keys.json', middle ?? '');
    expect((await hewn(['keys', 'new', '--file', link ?? ''])).code).toBe(0);
    const before = await readFile(real ?? '', 'utf8');
    const added = await hewn(['keys', 'new', '--file', link ?? '']);
    expect([added.code, added.err]).toEqual([0, '']);
    expect((await lstat(link ?? '')).isSymbolicLink()).toBe(true);
    expect((await lstat(middle ?? '')).isSymbolicLink()).toBe(true);
    expect(await readFile(real ?? '', 'utf8')).not.toBe(before);
    expect((await readdir(folder.path)).sort()).toEqual(['keys.json', 'middle.json', 'secrets']);
    expect(await readdir(folder.file('secrets'))).toEqual(['keys.json']);
  });

  test('fails for links that lead to each other, and creates nothing', async () => {
    await using folder = await emptyFolder();
    await symlink('b', folder.file('a'));
    await symlink('a', folder.file('b'));
    await expect(replaceFile(folder.file('a'), 'x', 0o600)).rejects.toThrow('ELOOP');
    await expect(createFile(folder.file('a'), 'x', 0o600)).rejects.toThrow('ELOOP');
  });

  test('lets one of many concurrent attempts create it', async () => {
    await using folder = await emptyFolder();
    const tries = Array.from({ length: 20 }, (_, i) =>
      createFile(folder.file('one'), String(i), 0o600),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual(['one']);
  });
});

test('a closed pipe does not end a command with a stack trace', async () => {
  const command = spawn('sh', ['-c', `"${process.execPath}" ${HEWN} keys new --help | true`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  command.stderr.on('data', (chunk) => {
    err += chunk;
  });
  await new Promise((closed) => command.once('close', closed));
  expect(err).toBe('');
  const much = `"${process.execPath}" ${HEWN} policy test --json; echo "exit $?" >&2`;
  const piped = spawnSync('sh', ['-c', `(${much}) | head -c 1 >/dev/null`], { encoding: 'utf8' });
  expect(piped.stderr.trim()).toBe('exit 0');
});
