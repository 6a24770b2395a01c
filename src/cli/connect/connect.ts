import { resolve } from 'node:path';
import { ok, type Result, refuse } from '../../result.ts';
import { type Answer, type CommandContext, defineCommand, NO, YES } from '../command.ts';
import { DRY_RUN_FLAG } from '../flags.ts';
import { SESSION_FLAGS } from '../run/flags.ts';
import { visible } from '../visible.ts';
import { type AdoptFlags, planMove, writeOwnFiles } from './adopt/adopt.ts';
import { type ClientFile, diffLines, readClientFile, secretsIn } from './client-file.ts';
import { bridgeEntries, headersEntries } from './entries.ts';
import { carryOut, type PlannedChange, planEntries, planUndo } from './write-entries.ts';

export const connectCommand = defineCommand({
  name: 'connect',
  summary: 'put MCP servers behind the gateway into the configuration of a client',
  operands: 'CLIENT',
  description: `Writes an entry for each MCP server of the gateway into the file of a client, so that it is there each time the client starts. The entry starts "hewn bridge", which holds a capability of the profile while the client runs. Shows the difference first, and asks at a terminal; without one, pass --yes. Comments, order and all other entries stay as they are.

CLIENT is claude, codex, gemini, opencode, cursor, vscode, claude-desktop or windsurf.

--undo takes back what was written. A file that has not changed since becomes what it was, byte by byte; otherwise only our entries leave it. What is needed for that is kept in .hewn/connect, in files that only their owner can read.

--adopt moves the servers that the client has now behind the gateway, in one step: asks each for its tools, drafts their catalogue entries, and writes an upstream that observes into hewn.toml, so that every call is made and recorded as before. The credential of an HTTP server is sealed to the gateway: that of hewn dev, or of --env. The variables of a server on standard streams move to a file in .hewn that only its owner can read, and hewn dev starts the server with them. No secret stays in the file of the client. The backup in .hewn/connect has them until --undo.

--headers writes the URL of the gateway and "hewn headers" as its headersHelper, which Claude Code alone knows. The client then holds the capability: see "hewn headers --help".

For one run, "hewn run" needs no entry in any file.`,
  flags: {
    server: {
      kind: 'list',
      value: 'NAME',
      description:
        'an MCP server of the gateway, or with --adopt of the client; by default all of them',
    },
    profile: {
      kind: 'text',
      value: 'NAME',
      description: 'the profile of hewn.toml that the entry uses',
    },
    project: {
      kind: 'switch',
      description: 'write the file of the project in the current folder, and not that of the user',
    },
    adopt: {
      kind: 'switch',
      description: 'move the servers of the client itself behind the gateway, which observes them',
    },
    gateway: {
      kind: 'text',
      value: 'NAME',
      description: 'with --adopt: the gateway; needed if there are several',
    },
    headers: {
      kind: 'switch',
      description: 'for claude: a URL and a command that prints its headers, and no bridge',
    },
    undo: { kind: 'switch', description: 'take back what was written' },
    ...DRY_RUN_FLAG,
    yes: { kind: 'switch', description: 'write without asking' },
    folder: SESSION_FLAGS.folder,
    env: SESSION_FLAGS.env,
  },
  examples: [
    'hewn connect cursor --dry-run',
    'hewn connect claude --server notes --profile review',
    'hewn connect claude --adopt --server github',
    'hewn connect vscode --project --undo --yes',
  ],
  exitCodes: { 1: 'nothing was written, because the answer was no' },
  run: async ({ flags, operands }, context) => {
    const [name, unexpected] = operands;
    if (name === undefined || unexpected !== undefined) {
      return refuse('name one client, such as claude or cursor. See --help');
    }
    const folder = resolve(context.cwd, flags.folder ?? '.');
    const file = await readClientFile(context, name, flags.project ? 'project' : 'user');
    if (!file.ok) return file;
    if (flags.undo) return finish(context, folder, flags, await planUndo(folder, file.value));
    if (flags.adopt) return adopt(context, folder, flags, file.value);
    if (flags.headers && name !== 'claude') return refuse('--headers is for claude alone');
    const entries = await (flags.headers ? headersEntries : bridgeEntries)(context, folder, flags);
    if (!entries.ok) return entries;
    return finish(context, folder, flags, await planEntries(folder, file.value, entries.value));
  },
});

interface WriteFlags {
  readonly yes: boolean;
  readonly undo: boolean;
  readonly 'dry-run': boolean;
}

/** What belongs to a change of a client's file. */
interface Beside {
  /** Nothing that is shown may contain one of these. */
  readonly secrets?: readonly string[];
  /** Writes the other files first. */
  readonly write?: () => Promise<Result<void, string>>;
}

/** Moves the servers of a client behind the gateway. */
async function adopt(
  context: CommandContext,
  folder: string,
  flags: AdoptFlags & WriteFlags,
  file: ClientFile,
): Promise<Answer> {
  const move = await planMove(context, folder, file, flags);
  if (!move.ok) return move;
  const { change, files, notes, secrets } = move.value;
  for (const { name, before, after, mode } of files) {
    if (before === undefined) context.out(`${name}: a new file, mode ${mode.toString(8)}`);
    else for (const line of diffLines(name, before, after, secrets)) context.out(line);
  }
  for (const note of notes) context.err(visible(note));
  const write = () => writeOwnFiles(folder, files);
  return finish(context, folder, flags, ok(change), { secrets, write });
}

/** Shows a planned change, and carries it out if it is wanted. */
async function finish(
  context: CommandContext,
  folder: string,
  flags: WriteFlags,
  planned: Result<PlannedChange, string>,
  { secrets = [], write }: Beside = {},
): Promise<Answer> {
  if (!planned.ok) return planned;
  const { file, text, kept } = planned.value;
  for (const name of kept) {
    context.err(`${name} stays in ${file.path}: someone has changed its entry`);
  }
  if (text === (file.text ?? null)) {
    context.err(`${file.path} is as it should be`);
    if (!flags['dry-run']) await carryOut(folder, planned.value);
    return YES;
  }
  const hidden = [...secrets, ...(await secretsIn(file))];
  for (const line of diffLines(file.path, file.text, text ?? '', hidden)) context.out(line);
  if (flags['dry-run']) return YES;
  if (!flags.yes) {
    if (context.confirm === undefined)
      return refuse('pass --yes to write this: there is no terminal');
    if (!(await context.confirm(`Write ${file.path}?`))) return NO;
  }
  const written = await write?.();
  if (written?.ok === false) return written;
  const done = await carryOut(folder, planned.value);
  if (!done.ok) return done;
  context.err(
    flags.undo
      ? `${file.client.title} is as it was. Restart it`
      : `wrote ${file.path}. Restart ${file.client.title}; --undo takes it back`,
  );
  return YES;
}
