import { access, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { PROJECT_SCRIPTS } from '../../../src/cli/init/templates.ts';
import { DENIALS } from '../../../src/denials/index.ts';
import { codeLines, documents, fences, projectFile, readProjectFile } from './markdown.ts';

/**
 * Code in the README and the guides is copied from files that are compiled and run. A command in
 * them exists, with the flags that they show.
 */

const PAGES = (await documents()).filter(
  (path) => path === 'README.md' || path.startsWith('docs/guides/'),
);
const FOLDERS = [
  ...[
    'examples',
    'examples/deployment',
    'examples/frameworks',
    'examples/hono',
    'examples/mcp',
    'examples/operators',
    'examples/serve',
  ],
  ...['examples/orders', 'examples/orders/catalogue', 'examples/retrieval', 'examples/upstreams'],
  ...['policy', 'policy/cases', 'templates/mcp'],
];
const COPIED = ['ts', 'datalog', 'toml'];
/** identity-pages.test.ts runs the blocks of these pages as they are. */
const RUN_IN_PLACE = 'docs/guides/identity/';

const manifest = JSON.parse(await readProjectFile('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Also those of the projects that `hewn init` writes. */
const scripts = { ...manifest.scripts, ...PROJECT_SCRIPTS.mcp, ...PROJECT_SCRIPTS.api };

const sources = new Map<string, readonly string[]>();
for (const folder of FOLDERS) {
  for (const entry of await readdir(projectFile(folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile()) sources.set(path, codeLines(await readProjectFile(path)));
  }
}

const contains = (whole: readonly string[], part: readonly string[]): boolean =>
  whole.some((_, start) => part.every((line, offset) => whole[start + offset] === line));

/** Returns the commands of a shell block: a line that ends in `\`, `|` or `&&` continues. */
const commandsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .join('\n')
    .replace(/\\\n|(?<=[|])\n/g, ' ')
    .split(/\n|\||&&/)
    .map((command) => command.replace(/\s#.*$/, '').trim())
    .filter((command) => command !== '' && !command.startsWith('#'));

/** Returns what is wrong with a command, or undefined. */
async function commandFault(command: string): Promise<string | undefined> {
  const [program, ...args] = command.split(/\s+/);
  if (program === 'npm') {
    const [verb = '', script = ''] = args;
    if (verb === 'install') return undefined;
    const name = verb === 'run' ? script : verb;
    return Object.hasOwn(scripts, name) ? undefined : `no npm script "${name}"`;
  }
  if (program !== 'npx') return undefined;
  if (args[0] === 'node') {
    const [, file = ''] = args;
    if (file.startsWith('-')) return undefined;
    return access(projectFile(file)).then(
      () => undefined,
      () => `no file "${file}"`,
    );
  }
  if (args[0] !== 'hewn') return undefined;
  const words = args.slice(1).join(' ');
  if (words.startsWith('--')) return undefined;
  const found = COMMANDS.filter(({ name }) => `${words} `.startsWith(`${name} `));
  const [longest] = found.sort((a, b) => b.name.length - a.name.length);
  if (longest === undefined) return `no command "hewn ${words}"`;
  const flags = args.filter((word) => /^--[a-z]/.test(word) && word !== '--help');
  const unknown = flags.filter((flag) => !Object.hasOwn(longest.flags, flag.slice(2)));
  return unknown.length === 0 ? undefined : `hewn ${longest.name} has no ${unknown.join(', ')}`;
}

describe.each(PAGES.filter((path) => !path.startsWith(RUN_IN_PLACE)))('%s', (path) => {
  test('has only code that is copied from a file that runs', async () => {
    for (const { language, lines } of fences(await readProjectFile(path))) {
      if (!COPIED.includes(language)) continue;
      const found = [...sources].find(([, source]) => contains(source, lines));
      expect([lines, found?.[0]], 'copy this block from a file').toEqual([lines, found?.[0] ?? '']);
    }
  });
});

describe.each(PAGES)('%s', (path) => {
  test('has only commands that exist, with their flags', async () => {
    for (const { language, lines } of fences(await readProjectFile(path))) {
      if (language !== 'sh') continue;
      for (const command of commandsOf(lines)) {
        expect([command, await commandFault(command)]).toEqual([command, undefined]);
      }
    }
  });
});

test.each([
  ['npm run no-such-script', 'no npm script "no-such-script"'],
  ['npx node no/such/file.ts', 'no file "no/such/file.ts"'],
  ['npx hewn workflows burn wf_1', 'no command "hewn workflows burn wf_1"'],
  ['npx hewn workflows show wf_1 --gently', 'hewn workflows show has no --gently'],
  ['npx hewn workflows show wf_1 --json', undefined],
])('this test judges %s', async (command, fault) => {
  expect(await commandFault(command)).toBe(fault);
});

test('the README shows one block of code for each role', async () => {
  const languages = fences(await readProjectFile('README.md')).map(({ language }) => language);
  expect(languages).toEqual(['text', 'sh', 'text', 'ts', 'ts', 'sh', 'datalog']);
  expect((await readProjectFile('README.md')).split('\n').length).toBeLessThan(150);
});

test('the README quotes the messages of denials as callers read them', async () => {
  const page = await readProjectFile('README.md');
  const quoted = [...page.matchAll(/^ +denied .*: ([A-Z].+) \((\w+)\)$/gm)];
  expect(quoted.length).toBeGreaterThan(3);
  for (const [, message = '', code = ''] of quoted) {
    // The message of a failed constraint names the argument and the rule.
    if (message.endsWith('…')) continue;
    const entry = DENIALS[code as keyof typeof DENIALS];
    expect([code, message]).toEqual([code, entry.message]);
  }
});
