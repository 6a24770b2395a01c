// cspell:ignore bsah frob CWORD COMPREPLY
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { offerAfter } from '../../../src/cli/completion/words.ts';
import { emptyFolder, hewn } from './scene.ts';

const offered = (...before: readonly string[]): readonly string[] =>
  offerAfter(COMMANDS, before).words.map(({ word }) => word);

test('each command, and each of its flags, is offered where it can follow', () => {
  for (const { name, flags } of COMMANDS) {
    const [first = '', second] = name.split(' ');
    expect(offered()).toContain(first);
    if (second !== undefined) expect(offered(first)).toContain(second);
    for (const flag of Object.keys(flags))
      expect(offered(...name.split(' '))).toContain(`--${flag}`);
  }
});

test('a flag that was given is not offered again, unless it may be repeated', () => {
  expect(offered('workflows', 'list', '--json')).not.toContain('--json');
  expect(offered('policy', 'test', '--policy', 'a')).toContain('--policy');
});

test('the values of a closed set are offered after their flag, and nothing else', () => {
  expect(offered('workflows', 'list', '--state')).toContain('suspended');
  expect(offered('workflows', 'list', '--state')).not.toContain('--json');
  expect(offered('deny', 'add').slice(0, 4)).toEqual(['agent', 'subject', 'owner', 'tool']);
  expect(offered('deny', 'add', 'agent')).not.toContain('owner');
});

test('files are offered where a path is expected', () => {
  expect(offerAfter(COMMANDS, ['drill']).files).toBe(true);
  expect(offerAfter(COMMANDS, ['workflows', 'list', '--file']).files).toBe(true);
  expect(offerAfter(COMMANDS, ['workflows', 'list']).files).toBe(false);
  expect(offerAfter(COMMANDS, ['check']).files).toBe(true);
});

test('an unknown command offers nothing', () => {
  expect(offered('frob')).toEqual([]);
});

test('the script for bash offers what begins like the word, and flags after a hyphen', async () => {
  const { out: script } = await hewn(['completion', 'bash']);
  // What a real call prints is tested above; starting one for each word would take seconds.
  const program = `
hewn() { printf '%s\\t%s\\n' workflows 'list them' watermark 'stop more' --state 'which' --since 'when'; }
${script}
try() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _hewn; echo "\${COMPREPLY[*]}"; }
try hewn w
try hewn wo
try hewn --st
hewn() { echo "$*" >&2; echo ':files'; }
cd ${JSON.stringify(import.meta.dirname)}
try hewn drill completion.t
complete -p hewn
`;
  const { stdout, stderr } = spawnSync('bash', ['-c', program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toEqual([
    'workflows watermark',
    'workflows',
    '--state',
    'completion.test.ts',
    'complete -F _hewn hewn',
  ]);
});

test.each(['bash', 'zsh', 'fish'])(
  'hewn completion %s prints a script of that shell',
  async (shell) => {
    const { code, out } = await hewn(['completion', shell]);
    expect(code).toBe(0);
    expect(out).toContain('completion --words --');
    // fish takes a script only from a file.
    await using folder = await emptyFolder();
    await writeFile(folder.file('script'), out);
    const checked = spawnSync(shell, ['-n', folder.file('script')], { encoding: 'utf8' });
    // A shell that is not installed cannot check its script.
    if (checked.error === undefined) expect([checked.status, checked.stderr]).toEqual([0, '']);
  },
);

test('an unknown shell gets a suggestion', async () => {
  const { code, err } = await hewn(['completion', 'bsah']);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('Did you mean bash?') });
});
