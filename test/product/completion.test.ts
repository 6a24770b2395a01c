// cspell:ignore bindkey susp workfl noprofile norc fpath compinit
/** `hewn completion`, in the shells themselves: a person types the start of a word and Tab. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectFile } from '../unit/docs/markdown.ts';

/** Each Tab starts hewn once. A loaded machine takes seconds for that. */
const TYPING_MILLISECONDS = 120_000;

/** What is typed before Tab, and what the line is afterwards. */
const TYPED = [
  ['hewn workfl', 'hewn workflows '],
  ['hewn workflows li', 'hewn workflows list '],
  ['hewn workflows list --state susp', 'hewn workflows list --state suspended '],
  ['hewn check my', 'hewn check my\\ policy/'],
] as const;

let folder = '';
let env: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-shells-'));
  await mkdir(join(folder, 'my policy'));
  await mkdir(join(folder, 'bin'));
  const main = projectFile('dist/src/cli/main.js');
  const program = `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`;
  await writeFile(join(folder, 'bin/hewn'), program, { mode: 0o755 });
  const path = [join(folder, 'bin'), process.env.PATH].join(delimiter);
  env = { HOME: folder, PATH: path, SHELL: '/bin/sh', TERM: 'xterm', LC_ALL: 'C.UTF-8' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Skips on a person's machine without the shell, with a warning, and fails in CI. */
function needShell(shell: string, skip: (why: string) => void): void {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
  } catch {
    const absent = `NOTHING RAN IN ${shell.toUpperCase()}: it is not installed`;
    if (process.env.CI !== undefined) throw new Error(absent);
    console.warn(absent);
    skip(absent);
  }
}

const START = {
  bash: {
    shell: 'bash --norc --noprofile -i',
    // Ctrl-T prints the line that is being typed, and clears it.
    setup: `source <(hewn completion bash); typed() { echo "<<$READLINE_LINE>>"; READLINE_LINE=; }; bind -x '"\\C-t": typed'`,
  },
  zsh: {
    shell: 'zsh -f -i',
    setup:
      'mkdir f; hewn completion zsh > f/_hewn; fpath=($PWD/f $fpath); autoload -Uz compinit; compinit -u -D; typed() { print -r -- "<<$BUFFER>>"; BUFFER=; }; zle -N typed; bindkey "^T" typed',
  },
} as const;

/** Types lines with Tab into an interactive shell, and returns what they have become. */
async function complete(shell: keyof typeof START): Promise<readonly string[]> {
  const { shell: command, setup } = START[shell];
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
    env,
    cwd: folder,
    timeout: TYPING_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let screen = '';
  const shown = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const [whole, part = ''] = pattern.exec(screen) ?? [];
        if (whole !== undefined) resolve(part);
      };
      terminal.stdout.on('data', look);
      terminal.once('close', () => reject(new Error(`${shell} ended: ${screen}`)));
      look();
    });
  terminal.stdout.on('data', (data) => {
    screen += data;
  });
  // The terminal echoes the line, so the mark is not in it as it is printed.
  terminal.stdin.write(`${setup}; echo LOA''DED\n`);
  await shown(/LOADED/);
  const lines: string[] = [];
  for (const [typed] of TYPED) {
    screen = '';
    terminal.stdin.write(`${typed}\t\u0014`);
    lines.push(await shown(/<<(.*)>>/));
  }
  terminal.kill('SIGKILL');
  return lines;
}

for (const shell of ['bash', 'zsh'] as const) {
  test(`Tab in ${shell} completes commands, flags, values and folders with a space`, {
    timeout: TYPING_MILLISECONDS,
  }, async ({ skip }) => {
    needShell(shell, skip);
    expect(await complete(shell)).toEqual(TYPED.map(([, line]) => line));
  });
}

test('fish offers commands, values with their descriptions, and folders', {
  timeout: TYPING_MILLISECONDS,
}, ({ skip }) => {
  needShell('fish', skip);
  const script = TYPED.map(([typed]) => `complete -C '${typed}'`).join('; ');
  const command = `hewn completion fish | source; ${script}`;
  const printed = execFileSync('fish', ['--no-config', '-c', command], {
    env,
    cwd: folder,
    encoding: 'utf8',
  });
  expect(printed.trimEnd().split('\n')).toEqual([
    'workflows\tlist, show, watch, suspend, resume, revoke',
    'list\tlist workflows by who, what, state and time',
    'suspended',
    expect.stringMatching(/^my policy\//),
  ]);
});
