import type { LearnedTool, Profile, Proposal } from './proposal.ts';

/** An identity as policies name it. */
export interface PolicyName {
  readonly issuer: string;
  readonly subject: string;
}

/** What the records do not say. */
export interface RenderOptions {
  /** Returns how policies name a qualified agent or person. */
  readonly nameOf: (qualified: string) => PolicyName;
  /** The accountable team of agents whose records name none. */
  readonly owner: string;
  readonly lifetimeSeconds: number;
}

/** A policy file has at most 64 KiB. */
const FILE_CHARACTERS_MAX = 48 * 1024;

const HEADER = [
  '// Proposed by hewn observe learn from recorded calls. Review it before you load it: it allows',
  '// what agents did, and an agent may have been wrong.',
  '',
].join('\n');

/** Returns the Datalog of a proposal: files that form one policy, which needs no other. */
export function renderPolicy(proposal: Proposal, options: RenderOptions): readonly string[] {
  const files: string[] = [`${HEADER}\nmax_lifetime(${options.lifetimeSeconds});\n`];
  for (const [index, profile] of proposal.profiles.entries()) {
    const text = `${renderProfile(profile, index + 1, options).join('\n')}\n`;
    const last = files.at(-1) ?? '';
    if (last.length + text.length > FILE_CHARACTERS_MAX) files.push(`${HEADER}${text}`);
    else files[files.length - 1] = last + text;
  }
  return files;
}

function renderProfile(
  profile: Profile,
  number: number,
  options: RenderOptions,
): readonly string[] {
  const { agent, userIssuer, task, calls, workflows, owner = options.owner, tools } = profile;
  const name = options.nameOf(agent);
  const user = userIssuer === undefined ? undefined : options.nameOf(`${userIssuer}#someone`);
  const fact = `learned_${number}`;
  const is = `${fact}(true)`;
  const conditions = [
    `workload(${quote(name.issuer)}, ${quote(name.subject)})`,
    ...(user ? [`user(${quote(user.issuer)}, $user)`] : []),
    ...(task === undefined ? [] : [`task(${quote(task)})`]),
  ];
  return [
    '',
    `// ${calls} calls of ${workflows} workflows.`,
    `${is} <-\n  ${conditions.join(',\n  ')};`,
    `owner(${quote(owner)}) <- ${is};`,
    ...(user ? [] : [`unattended(true) <- ${is};`]),
    ...tools.flatMap((tool) => renderTool(tool, is)),
  ];
}

function renderTool({ tool, action, datasets, bounds, open }: LearnedTool, is: string) {
  const named = `tool(${quote(tool)})`;
  return [
    ...datasets.map(
      (dataset) =>
        `allow if ${is}, ${named}, action(${quote(action)}),\n  under(${quote(dataset)});`,
    ),
    ...Object.entries(bounds).map(
      ([pointer, constraint]) =>
        `require_constraint(${quote(pointer)}, ${JSON.stringify(constraint)}) <-\n  ${is}, ${named};`,
    ),
    ...open.map(({ pointer, bound, reason }) => {
      const how = bound === 'request' ? `, bounded_by(${quote(pointer)}, "request")` : '';
      return `open_sink(${quote(pointer)}, ${quote(reason)}) <-\n  ${is}, ${named}${how};`;
    }),
  ];
}

/** Datalog reads a string as JSON writes it. */
const quote = (text: string): string => JSON.stringify(text);
