import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createFile } from '../../durable-file.ts';
import { LEARN_SETTINGS, learn, measure, renderCases, renderPolicy } from '../../observe/index.ts';
import { loadPolicy } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { POLICY_FOLDER, readCatalogue, readPolicy } from '../policy/files.ts';
import { CATALOGUE_FLAG, POLICY_FLAG } from '../policy/flags.ts';
import { readIssuerNames, toPolicyName } from '../policy/record.ts';
import { toPrincipal } from '../policy/request.ts';
import { visible, visibleLine } from '../visible.ts';
import { compareGrants } from './compare.ts';
import { readObservedCalls, SINCE_FLAG } from './records.ts';
import { renderProposal } from './render.ts';
import { callersOf, selectCalls } from './select.ts';

const LIFETIME_SECONDS_DEFAULT = 300;

export const observeLearn = defineCommand({
  name: 'observe learn',
  summary: 'propose the smallest policy for the calls that were observed',
  description: `Reads the decisions of routes with mode "observe" from the audit log, and proposes the smallest policy and grants that allow the calls of the agents and sources that you name. Name only those whose calls were honest. Without --agent and --source, lists whom it could learn from.

It goes beyond the recorded calls only where several records support it, and shows each such generalisation with its records. A destination or an amount that the records do not bound is left to you: its tool is not in the proposal. docs/guides/observe.md describes the steps.

Writes learned-1.datalog and more, cases/learned.toml and learned-grants.json to --out, a new folder. Shows how the proposal differs from the present policy, and which share of the catalogue one workflow may then use freely.`,
  flags: {
    ...ISSUER_FLAGS,
    ...SINCE_FLAG,
    agent: {
      kind: 'list',
      value: 'NAME',
      description: 'learn from the calls of this agent, as policies name it',
    },
    source: {
      kind: 'list',
      value: 'SOURCE=NAME',
      description: 'learn from calls without a token of this source, as calls of that agent',
    },
    identity: {
      kind: 'list',
      value: 'NAME=URL',
      description: 'an identity issuer, as in IDENTITY_ISSUERS',
    },
    owner: {
      kind: 'text',
      value: 'TEAM',
      description: 'the owner of workflows whose records name none (required for them)',
    },
    audience: { kind: 'text', value: 'URL', description: 'the gateway, for the cases' },
    by: {
      kind: 'text',
      value: 'task|agent',
      description: 'propose for each task or each agent; by default by task where tasks repeat',
    },
    out: { kind: 'text', value: 'FOLDER', description: 'write the proposal to this new folder' },
    ...POLICY_FLAG,
    ...CATALOGUE_FLAG,
    ...JSON_FLAG,
  },
  examples: [
    `hewn observe learn --since 7d --identity local-idp=https://idp.example \\
  --agent local-idp#report-agent --out learned`,
  ],
  run: async ({ flags }, context) => {
    const identities = readIssuerNames(flags.identity, '--identity');
    if (!identities.ok) return refuse(identities.error.replace('--issuer', '--identity'));
    const by = flags.by ?? 'auto';
    if (by !== 'auto' && by !== 'task' && by !== 'agent') return refuse('--by is task or agent');
    const catalogue = await readCatalogue(context, flags.catalogue);
    if (!catalogue.ok) return catalogue;
    const read = await readObservedCalls(context, flags);
    if (!read.ok) return read;
    const { calls, isCut } = read.value;
    if (isCut) context.err(`only the first ${calls.length} calls: choose a later --since`);
    const nameOf = (agent: string) => toPolicyName(agent, identities.value) ?? agent;
    if (flags.agent.length === 0 && flags.source.length === 0) {
      for (const line of callersOf(calls, nameOf)) context.out(visibleLine(line));
      return YES;
    }
    const selected = selectCalls(calls, flags, nameOf);
    if (!selected.ok) return selected;
    const proposal = learn(selected.value, catalogue.value, { ...LEARN_SETTINGS, by });
    if (proposal.profiles.length === 0)
      return refuse('no call of these agents can be learned from');
    const unnamed = proposal.profiles
      .flatMap(({ agent, userIssuer }) => [agent, `${userIssuer ?? 'none'}#someone`])
      .find((name) => !/^[a-z0-9-]+#/.test(name));
    if (unnamed !== undefined) {
      return refuse(`unknown identity issuer of ${unnamed}: pass --identity NAME=URL`);
    }
    const { owner = '' } = flags;
    if (owner === '' && proposal.profiles.some((profile) => profile.owner === undefined)) {
      return refuse(
        'no record names the owner of these workflows: pass --owner TEAM, as the policy names it',
      );
    }
    const names = (agent: string) => {
      const { issuerName: issuer, subject } = toPrincipal(agent);
      return { issuer, subject };
    };
    const { audience = 'https://gateway.example' } = flags;
    const lifetimeSeconds = LIFETIME_SECONDS_DEFAULT;
    const texts = renderPolicy(proposal, { nameOf: names, owner, lifetimeSeconds });
    const files = texts.map((source, n) => ({ name: `learned-${n + 1}.datalog`, source }));
    const loaded = loadPolicy(files, catalogue.value);
    // A proposal that does not load is a bug, and no one must get it as a policy.
    if (!loaded.ok) return refuse(`the proposal does not load: ${JSON.stringify(loaded.error)}`);
    const present = await presentPolicy(context, flags);
    const at = { audience, now: context.now() };
    const changes = compareGrants(proposal, catalogue.value, present, loaded.value, at);
    const size = measure(proposal, catalogue.value);
    if (flags.out !== undefined) {
      const cases = { nameOf: names, audience, time: context.now() };
      const written = await write(context, flags.out, [
        ...files,
        { name: 'cases/learned.toml', source: renderCases(proposal, catalogue.value, cases) },
        { name: 'learned-grants.json', source: `${showJson(proposal.profiles)}\n` },
      ]);
      if (!written.ok) return written;
    }
    if (flags.json) context.out(showJson({ ...proposal, changes, measure: size, files }));
    else {
      for (const line of renderProposal(proposal, changes, size)) context.out(visibleLine(line));
      if (flags.out === undefined) for (const { source } of files) context.out(visible(source));
      else
        context.err(
          `written to ${flags.out}; test it: hewn policy test ${flags.out}/cases --policy ${flags.out}`,
        );
    }
    return YES;
  },
});

/** Undefined if there is none yet. */
async function presentPolicy(
  context: CommandContext,
  flags: { readonly policy: readonly string[]; readonly catalogue: string | undefined },
) {
  const paths = flags.policy.length > 0 ? flags.policy : [POLICY_FOLDER];
  const policy = await readPolicy(context, paths, flags.catalogue);
  if (policy.ok) return policy.value;
  context.err(`compared with no policy: ${policy.error}`);
  return undefined;
}

async function write(
  { cwd }: CommandContext,
  folder: string,
  files: readonly { readonly name: string; readonly source: string }[],
): Promise<Result<null, string>> {
  const root = resolve(cwd, folder);
  try {
    await mkdir(dirname(root), { recursive: true });
    await mkdir(root);
    await mkdir(join(root, 'cases'));
    for (const { name, source } of files) await createFile(join(root, name), source, 0o666);
    return ok(null);
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException;
    return refuse(`cannot write to ${folder}: ${code}. It must be a new folder`);
  }
}
