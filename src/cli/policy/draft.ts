import { lstat, mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Catalogue } from '../../catalogue/index.ts';
import { createFile, isCode } from '../../durable-file.ts';
import { likely } from '../../likely.ts';
import { loadPolicy, type Policy } from '../../policy/index.ts';
import {
  type DraftedStatement,
  draftCases,
  draftPolicy,
  renderDraftedPolicy,
} from '../../policy-draft/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { visible } from '../visible.ts';
import { readCatalogue } from './files.ts';
import { CATALOGUE_FLAG } from './flags.ts';
import { toPrincipal } from './request.ts';

const LIFETIME_SECONDS = 300; // The default of every template.
const AUDIENCE = 'https://gateway.example'; // The draft names no audience, so any will do.

export const policyDraft = defineCommand({
  name: 'policy draft',
  summary: 'draft the policy that a catalogue suggests, and explain every line',
  description: `Drafts a policy for one agent from the tool catalogue, with the reason for each line above it. Reads are free within the datasets of their tools. A change is granted only if each of its sinks is bounded. A person is asked before anything is deleted or executed, and about each tool and value that a workflow asks for after it has begun.

The draft is a beginning. Narrow the datasets to what the agent needs, then test it: hewn policy test.

With --out, writes the policy to this new file and its cases to a file of the same name in the folder "cases" beside it. Never replaces a file.`,
  flags: {
    agent: {
      kind: 'text',
      value: 'ISSUER#SUBJECT',
      required: true,
      description: 'the agent, as policies name it: login#assistant',
    },
    user: {
      kind: 'text',
      value: 'ISSUER',
      description: 'the identity issuer of the people it works for; by default that of the agent',
    },
    owner: {
      kind: 'text',
      value: 'TEAM',
      required: true,
      description: 'the team that answers for it, such as team:notes',
    },
    tool: {
      kind: 'list',
      value: 'PREFIX',
      description: 'only tools whose names begin with this, such as mcp/notes/',
    },
    out: { kind: 'text', value: 'FILE', description: 'write the policy to this new file' },
    ...CATALOGUE_FLAG,
    ...JSON_FLAG,
  },
  examples: [
    'hewn policy draft --agent login#assistant --owner team:notes',
    `hewn policy draft --agent login#assistant --owner team:notes \\
  --tool mcp/notes/ --out policy/notes.datalog`,
  ],
  exitCodes: { 0: 'drafted', 2: 'a file cannot be read, or exists already' },
  run: async ({ flags }, context) => {
    if (!/^[^#]+#[^#]+$/.test(flags.agent)) {
      return refuse(
        `--agent must be ISSUER#SUBJECT, such as login#assistant (got ${visible(flags.agent)})`,
      );
    }
    const read = await readCatalogue(context, flags.catalogue);
    if (!read.ok) return read;
    const catalogue = chooseTools(read.value, flags.tool);
    if (!catalogue.ok) return catalogue;
    const agent = toPrincipal(flags.agent);
    const options = { agent, userIssuer: flags.user ?? agent.issuerName, owner: flags.owner };
    const statements = draftPolicy(catalogue.value, {
      ...options,
      lifetimeSeconds: LIFETIME_SECONDS,
    });
    const policy = renderDraftedPolicy(statements);
    const loaded = load(policy, catalogue.value);
    if (!loaded.ok) return loaded;
    const at = { audience: AUDIENCE, time: context.now() };
    const cases = draftCases(catalogue.value, loaded.value, { ...options, ...at });
    const files = flags.out === undefined ? [] : filesOf(flags.out, policy, cases);
    const written = await writeNew(context, files);
    if (!written.ok) return written;
    print(context, flags.json, { statements, policy, cases, files: files.map(({ name }) => name) });
    return YES;
  },
});

/** Returns the tools that begin with one of the prefixes, or all of them without any. */
function chooseTools(catalogue: Catalogue, prefixes: readonly string[]): Result<Catalogue, string> {
  if (prefixes.length === 0) return ok(catalogue);
  const names = [...catalogue.keys()];
  const unused = prefixes.find((prefix) => !names.some((name) => name.startsWith(prefix)));
  if (unused !== undefined) {
    const close = likely(unused, names);
    const hint = close === undefined ? '' : ` Did you mean ${close}?`;
    return refuse(`no tool of the catalogue begins with ${visible(unused)}.${hint}`);
  }
  const chosen = [...catalogue].filter(([name]) => prefixes.some((one) => name.startsWith(one)));
  return ok(new Map(chosen));
}

function load(source: string, catalogue: Catalogue): Result<Policy, string> {
  const loaded = loadPolicy([{ name: 'the draft', source }], catalogue);
  if (loaded.ok) return loaded;
  return refuse(
    loaded.error.code === 'policy_too_large'
      ? 'the draft is larger than one policy file (64 KiB): draft the tools of one server at a time with --tool'
      : `the draft does not load: ${JSON.stringify(loaded.error)}`,
  );
}

interface NewFile {
  readonly name: string;
  readonly text: string;
}

const filesOf = (out: string, policy: string, cases: string): readonly NewFile[] => [
  { name: out, text: policy },
  { name: join(dirname(out), 'cases', `${basename(out, '.datalog')}.toml`), text: cases },
];

/** Writes all files or none, unless another process writes one of them at the same time. */
async function writeNew(
  { cwd }: CommandContext,
  files: readonly NewFile[],
): Promise<Result<undefined, string>> {
  const [policy] = files;
  if (policy && !policy.name.endsWith('.datalog')) {
    return refuse(
      `--out must end in .datalog, or no command reads it (got ${visible(policy.name)})`,
    );
  }
  for (const { name } of files) {
    if (await isThere(resolve(cwd, name))) return refuse(existing(name));
  }
  for (const { name, text } of files) {
    const path = resolve(cwd, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      if (!(await createFile(path, text, 0o644))) return refuse(existing(name));
    } catch (error) {
      if (!isCode(error, 'EACCES') && !isCode(error, 'ENOTDIR') && !isCode(error, 'EROFS')) {
        throw error;
      }
      return refuse(`cannot write ${visible(name)}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  return ok(undefined);
}

const existing = (name: string): string =>
  `${visible(name)} exists, and no file is replaced: name a new file with --out`;

/** A broken link counts as a file. */
const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

interface Draft {
  readonly statements: readonly DraftedStatement[];
  readonly policy: string;
  readonly cases: string;
  readonly files: readonly string[];
}

function print(context: CommandContext, asJson: boolean, draft: Draft): void {
  const { statements, policy, files } = draft;
  if (asJson) {
    context.out(showJson(draft));
    return;
  }
  if (files.length === 0) context.out(visible(policy.trimEnd()));
  for (const name of files) context.out(`wrote ${visible(name)}`);
  const next =
    files.length === 0 ? 'write it with --out FILE' : 'read each reason, then hewn policy test';
  context.err(`${statements.length} statements; ${next}`);
}
