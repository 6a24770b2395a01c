// cspell:ignore wokflows lisst frobnicate
/** What holds for every command. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInput } from '../../../src/cli/command.ts';
import { COMMAND_GROUPS, COMMANDS } from '../../../src/cli/commands.ts';
import { hewn } from './scene.ts';

const NAMES = COMMANDS.map(({ name }) => name);

/** Commands without a result, or whose output already has a format of its own. */
const WITHOUT_JSON: Readonly<Record<string, string>> = {
  dev: 'runs until it is interrupted, and logs lines',
  run: 'prints what the agent prints; --summary writes JSON',
  bridge: 'speaks MCP on its standard output',
  headers: 'prints the JSON that a client expects',
  connect: 'shows a difference and asks',
  serve: 'runs until it is interrupted, and logs lines',
  build: 'writes a program',
  completion: 'prints a script',
  'policy record': 'prints JSON lines',
  'audit export': 'prints JSON lines',
};

/** Splits a line as a shell does, as far as the examples need it. */
function wordsOf(line: string): readonly string[] {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/["']/g, ''));
}

/** The commands in an example, without what the shell does with their output. */
const callsIn = (example: string): readonly string[] =>
  example
    .replaceAll(/\\?\n\s*/g, ' ')
    .replaceAll(/(?<!\\)#.*$/gm, (comment) => (/^#\s/.test(comment) ? '' : comment))
    .replaceAll(/"?\$\([^)]*\)"?/g, 'VALUE')
    .split(/\s(?:\||&&|;|>{1,2}|<|&)\s/)
    .map((part) => part.trim().replace(/^(?:[A-Z_]+=\S* )*(?:npx )?/, ''))
    .filter((part) => part.startsWith('hewn '));

test.each(COMMANDS)('the examples of hewn $name are calls that it accepts', (command) => {
  for (const example of command.examples) {
    for (const call of callsIn(example)) {
      const words = wordsOf(call).slice(1);
      const named =
        COMMANDS.find(({ name }) => name === words.slice(0, 2).join(' ')) ??
        COMMANDS.find(({ name }) => name === words[0]);
      expect(named, call).toBeDefined();
      if (!named) continue;
      const args = words.slice(named.name.split(' ').length).filter((word) => word !== '--help');
      expect(readInput(args, named), call).toMatchObject({ ok: true });
    }
  }
});

test.each(COMMANDS)('hewn $name prints JSON with --json, unless it is listed', (command) => {
  const { name, flags } = command;
  expect('json' in flags || Object.hasOwn(WITHOUT_JSON, name)).toBe(true);
  expect('json' in flags && Object.hasOwn(WITHOUT_JSON, name)).toBe(false);
});

test.each(NAMES)('hewn %s prints the version with --version', async (name) => {
  const { code, out } = await hewn([...name.split(' '), '--version']);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^hewn \d+\.\d+\.\d+/) });
});

test.each(NAMES)('the help of hewn %s fits a terminal of 80 columns', async (name) => {
  const screen = { outIsTerminal: true, columns: 80 };
  const { out } = await hewn([...name.split(' '), '--help'], screen);
  const [start = '', rest = ''] = out.split('\nExamples:\n');
  const codes = rest.slice(rest.indexOf('Exit codes:'));
  const lines = `${start}\n${codes}`.split('\n');
  // Lines that begin with two spaces in a description show a file, and are not wrapped.
  const shown = COMMANDS.find((one) => one.name === name)?.description.split('\n') ?? [];
  for (const line of lines) {
    if (shown.includes(line) || !line.trim().includes(' ')) continue;
    expect(line.length, line).toBeLessThanOrEqual(80);
  }
});

test.each(COMMANDS)('hewn $name describes its flags in one clause', ({ flags }) => {
  for (const [name, { description }] of Object.entries(flags)) {
    expect(description, `--${name}`).toMatch(/^(?:[^A-Z]|[A-Z]{2}|[A-Z][a-z]+\.toml)/);
    expect(description, `--${name}`).not.toMatch(/\.$/);
  }
});

test.each(NAMES)('hewn %s suggests the flag that a misspelt one is near to', async (name) => {
  const command = COMMANDS.find((one) => one.name === name);
  const long = Object.keys(command?.flags ?? {}).filter((flag) => flag.length >= 5);
  for (const flag of long) {
    const typo = flag.slice(0, 2) + flag.slice(3);
    if (Object.hasOwn(command?.flags ?? {}, typo)) continue;
    const { code, err } = await hewn([...name.split(' '), `--${typo}`]);
    expect(code).toBe(2);
    expect(err).toMatch(/Did you mean --/);
  }
});

test('each command is in one group, and the overview lists all of them', async () => {
  expect(new Set(NAMES).size).toBe(NAMES.length);
  const { out } = await hewn(['--help'], { outIsTerminal: true, columns: 80 });
  for (const { title } of COMMAND_GROUPS) expect(out).toContain(`${title}:`);
  for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('a command that can answer no says in its help what 1 means', async () => {
  const folder = join(import.meta.dirname, '../../../src/cli');
  const files = (await readdir(folder, { recursive: true })).filter((one) => /\/.*\.ts$/.test(one));
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    const names = [...text.matchAll(/^ {2}name: '([^']+)',$/gm)].map(([, name]) => name);
    if (!/\bNO\b/.test(text)) continue;
    for (const name of names) {
      const command = COMMANDS.find((one) => one.name === name);
      expect(command?.exitCodes?.[1], name).toBeDefined();
    }
  }
});

test.each([
  [['wokflows', 'list'], 'hewn workflows list'],
  [['workflows', 'lisst'], 'hewn workflows list'],
  [['list', 'workflows'], 'hewn workflows list'],
  [['Doctor'], 'hewn doctor'],
  [['revoke'], 'hewn workflows revoke'],
])('hewn %s suggests %s', async (words, suggestion) => {
  const { code, out, err } = await hewn(words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(`Did you mean "${suggestion}"?`);
  expect(err.split('\n')).toHaveLength(1);
});

test('a flag without its value is named, and not in the words of Node', async () => {
  const { code, err } = await hewn(['audit', 'search', '--workflow']);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'hewn audit search: --workflow needs a value. See --help',
  });
});

test('an unknown command that is near to none says where the list is', async () => {
  const { code, err } = await hewn(['frobnicate\u001b[2J']);
  expect({ code, err }).toEqual({
    code: 2,
    err: 'hewn: unknown command "frobnicate\\u{1b}[2J". Run hewn --help.',
  });
});

test('hewn help COMMAND prints what COMMAND --help prints', async () => {
  const asked = await hewn(['help', 'workflows', 'list']);
  expect(asked).toEqual(await hewn(['workflows', 'list', '--help']));
});
