import type { Catalogue } from '../catalogue/index.ts';
import type { LearnedTool, Profile, Proposal } from './proposal.ts';
import type { RenderOptions } from './render-policy.ts';
import { wholeGrants } from './whole-grants.ts';

export interface CaseOptions extends Pick<RenderOptions, 'nameOf'> {
  readonly audience: string;
  readonly time: Date;
}

/** Tools that a case of a profile expects to be refused. */
const REFUSED_TOOLS_MAX = 8;

/**
 * Returns the cases of a proposal: what each profile is granted, and that it is refused other tools
 * of the catalogue and whole servers. A grant whose sink the agent names is requested without the
 * name, and so refused.
 */
export function renderCases(
  { profiles }: Proposal,
  catalogue: Catalogue,
  options: CaseOptions,
): string {
  const header = ['# What the proposed policy is held to: npx hewn policy test.', ''];
  return [
    ...header,
    ...profiles.flatMap((profile) => renderCase(profile, catalogue, options)),
  ].join('\n');
}

function renderCase(
  profile: Profile,
  catalogue: Catalogue,
  options: CaseOptions,
): readonly string[] {
  const { agent, userIssuer, task, tools: learned, calls, workflows } = profile;
  const name = options.nameOf(agent);
  const user = userIssuer === undefined ? undefined : options.nameOf(`${userIssuer}#someone`);
  const workload = `${name.issuer}#${name.subject}`;
  const given = [
    `workload = ${quote(workload)}`,
    `user = ${user ? quote(`${user.issuer}#someone`) : 'false'}`,
    `task = ${quote(task ?? 'any task')}`,
    `audience = ${quote(options.audience)}`,
    `time = ${options.time.toISOString()}`,
  ];
  const refused = refusedOf(learned, catalogue);
  const granted = learned.filter((tool) => !isNamed(tool));
  const parts = learned.length === 0 ? [] : [granted, learned.filter(isNamed)];
  const [plain = [], named = []] = parts;
  return [
    '[[case]]',
    `name = ${quote(`${workload} ${user ? 'with' : 'without'} a user, ${task ?? 'any task'}: ${calls} calls of ${workflows} workflows`)}`,
    `given = { ${given.join(', ')} }`,
    'granted = [',
    ...plain.flatMap((tool) => tool.datasets.map((dataset) => `  ${grantedLine(tool, dataset)},`)),
    ']',
    'refused = [',
    ...named.flatMap((tool) =>
      tool.datasets.map((dataset) => `  ${grantLine(tool, dataset, 'sink_open')},`),
    ),
    ...refused.map(
      ({ tool, action, dataset }) => `  ${grantLine({ tool, action }, dataset, 'no_rule')},`,
    ),
    ']',
    '',
  ];
}

const isNamed = ({ open }: LearnedTool): boolean => open.some(({ bound }) => bound === 'request');

function grantedLine(tool: LearnedTool, dataset: string): string {
  const open = tool.open.map(({ pointer }) => quote(pointer)).sort();
  const more = open.length > 0 ? `, open = [${open.join(', ')}]` : '';
  return `{ tool = ${quote(tool.tool)}, action = ${quote(tool.action)}, dataset = ${quote(dataset)}${more} }`;
}

const grantLine = (
  { tool, action }: Pick<LearnedTool, 'tool' | 'action'>,
  dataset: string,
  code: string,
): string =>
  `{ tool = ${quote(tool)}, action = ${quote(action)}, dataset = ${quote(dataset)}, code = ${quote(code)} }`;

/** Other tools, on the whole of what they touch. */
function refusedOf(learned: readonly LearnedTool[], catalogue: Catalogue) {
  const names = new Set(learned.map(({ tool }) => tool));
  return wholeGrants(catalogue)
    .filter(({ tool }) => !names.has(tool))
    .slice(0, REFUSED_TOOLS_MAX);
}

/** A TOML basic string has the escapes of JSON, and needs one more. It has no lone surrogates. */
const quote = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
