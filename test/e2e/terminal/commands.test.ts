// cspell:ignore ownr denid msuspended
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/**
 * The `hewn` command as a person uses it: typed into a shell in a real pseudo-terminal, which
 * `script` opens. The issuer is a server that answers what an issuer would.
 */
const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url).href);
/** A slow machine starts several processes of Node for each script. */
const SCRIPT_MILLISECONDS = 90_000;

const AS_OF = { epoch: 1, seq: 1, at: '2026-11-23T10:00:00.000Z' };
const COUNTS = { running: 2, stopped: 0, waiting: 0, denied: 1 };
const rowOf = (n: number) => ({
  id: `wf_${String(n).padStart(32, 'A')}`,
  state: n === 1 ? 'suspended' : 'active',
  started: 1_795_000_000 + n,
  agent: 'https://idp.example#report-agent',
  subject: 'https://idp.example#alice',
  owner: 'team:growth',
  task: 'the weekly report\u001b[2J of the growth team',
  calls: 3,
  denials: n,
  waiting: 0,
});
const ROWS = [rowOf(1), rowOf(2)];

let server: Server;
let issuer = '';
const orders: { readonly path: string; readonly body: Record<string, unknown> }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const path = new URL(request.url ?? '/', 'http://x').pathname.replace('/admin/v1/', '');
      const body = text === '' ? {} : JSON.parse(text);
      if (request.method === 'POST') orders.push({ path, body });
      const answer = {
        workflows: { workflows: ROWS, counts: COUNTS, as_of: AS_OF },
        changes: {
          // A watch learns with its next line that its reader has gone.
          workflows: ROWS.slice(0, 1),
          others: [],
          topics: [],
          reload: false,
          counts: COUNTS,
          approvals: 0,
          next: '1.1',
          as_of: AS_OF,
        },
        'workflows/suspend': {
          matched: ROWS,
          done: body.dry_run ? [] : ROWS.map(({ id }) => ({ id, state: 'suspended' })),
          skipped: [],
          as_of: AS_OF,
        },
      }[path];
      response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

/** Types a script into a shell, and answers what it asks. Returns what was on the screen. */
function type(
  script: string,
  options: {
    readonly env?: Record<string, string>;
    readonly answer?: { readonly to: string; readonly keys: string };
  } = {},
): Promise<string> {
  const hewn = `hewn() { ${process.execPath} --no-warnings ${MAIN} "$@"; }`;
  const { NO_COLOR: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    // `script` runs the command in the shell that SHELL names.
    SHELL: '/bin/sh',
    TERM: 'xterm',
    TZ: 'Europe/Berlin',
    HEWN_ISSUER: issuer,
    HEWN_OPERATOR: 'credential',
    ...options.env,
  };
  const terminal = spawn('script', ['-qfec', `${hewn}\n${script}`, '/dev/null'], {
    env,
    timeout: SCRIPT_MILLISECONDS,
    killSignal: 'SIGKILL',
  });
  let screen = '';
  let isAnswered = false;
  terminal.stdout.on('data', (data) => {
    screen += data;
    const { answer } = options;
    if (answer === undefined || isAnswered || !screen.includes(answer.to)) return;
    isAnswered = true;
    terminal.stdin.write(answer.keys);
  });
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(screen.replaceAll('\r', '')));
  });
}

const linesOf = (screen: string): readonly string[] => stripVTControlCharacters(screen).split('\n');

test('a list fits a terminal of 80 columns, and shows more in a wide one', {
  timeout: SCRIPT_MILLISECONDS,
}, async () => {
  const screen = await type(
    'stty cols 80; hewn workflows list; echo ==; stty cols 260; hewn workflows list',
  );
  const [narrow = '', wide = ''] = screen.split('==\n');
  for (const line of linesOf(narrow)) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(narrow).toContain('report-agent');
  expect(narrow).toMatch(/\d+d ago/);
  expect(narrow).toContain('\u001b[33msuspended\u001b[39m');
  expect(wide).toContain('https://idp.example#report-agent');
  // The time is local, with its zone, and the task cannot clear the screen.
  expect(wide).toMatch(/2026-11-18 12:06:41 \+01:00/);
  expect(wide).toContain('\\u001b[2J');
  expect(screen).not.toContain('\u001b[2J of');
});

test('a pipe gets UTC and whole names, head gets its line, and NO_COLOR no colour', {
  timeout: SCRIPT_MILLISECONDS,
}, async () => {
  const screen = await type(
    'stty cols 80; hewn workflows list | cat; hewn workflows list --json | head -1; hewn workflows watch | head -1; NO_COLOR=1 hewn workflows list; echo "end $?"',
  );
  expect(screen).toContain('2026-11-18T11:06:41Z');
  expect(screen).toContain('https://idp.example#report-agent');
  expect(screen).not.toContain('\u001b[');
  expect(screen).not.toMatch(/EPIPE|Error/);
  expect(screen.trimEnd()).toMatch(/end 0$/);
});

test('a typo in a command, a flag or a value gets a suggestion, and exit code 2', {
  timeout: SCRIPT_MILLISECONDS,
}, async () => {
  const screen = await type(
    'hewn workflow list; hewn workflows list --ownr x; hewn workflows list --show denid; echo "end $?"',
  );
  expect(screen).toContain('Did you mean "hewn workflows list"?');
  expect(screen).toContain('Did you mean --owner?');
  expect(screen).toContain('Did you mean denied?');
  expect(screen.trimEnd()).toMatch(/end 2$/);
});

test('many workflows are stopped after a list and a yes, and none after a no', {
  timeout: SCRIPT_MILLISECONDS,
}, async () => {
  const script =
    'hewn workflows suspend --owner team:growth --reason "a bad prompt"; echo "end $?"';
  const no = await type(script, { answer: { to: '[y/N]', keys: 'n\n' } });
  expect(no).toContain('suspend 2 workflows? [y/N]');
  expect(no.trimEnd()).toMatch(/end 1$/);
  expect(orders.every(({ body }) => body.dry_run === true)).toBe(true);
  const yes = await type(script, { answer: { to: '[y/N]', keys: 'y\n' } });
  expect(yes).toContain('2 workflows suspended');
  expect(yes.trimEnd()).toMatch(/end 0$/);
  expect(orders.at(-1)?.body).toMatchObject({
    reason: 'a bad prompt',
    selector: { owner: 'team:growth' },
  });
});

test('a watched list is painted in place, and Ctrl-C ends it', {
  timeout: SCRIPT_MILLISECONDS,
}, async () => {
  const answer = { to: 'Ctrl-C ends it.', keys: '\u0003' };
  const screen = await type('stty cols 100 rows 20; hewn workflows watch', { answer });
  expect(screen).toContain('\u001b[H\u001b[2J');
  expect(screen).toContain(ROWS[0]?.id);
});
