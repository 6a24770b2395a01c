import type { Measure, Profile, Proposal } from '../../observe/index.ts';
import type { GrantChange } from './compare.ts';

type Named = Pick<Profile, 'agent' | 'task'>;

/** Renders a proposal for a person: what it allows, how far it goes beyond the records, and why. */
export function renderProposal(
  { profiles, generalisations, undecided }: Proposal,
  changes: readonly GrantChange[],
  size: Measure | undefined,
): readonly string[] {
  return [
    ...profiles.flatMap(renderProfile),
    '',
    `${generalisations.length} generalisations`,
    ...generalisations.flatMap(
      ({ tool, what, from, to, why, values, records, support, ...party }) => [
        `  ${nameOf(party)}: ${tool} ${what}`,
        `    from      ${from.map((value) => JSON.stringify(value)).join(', ')}${values > from.length ? `, and ${values - from.length} more` : ''}`,
        `    to        ${to}`,
        `    because   ${why}`,
        `    records   ${records.join(', ')}${support > records.length ? `, and ${support - records.length} more` : ''}`,
      ],
    ),
    '',
    `${undecided.length} undecided, and left out`,
    ...undecided.map(
      ({ tool, pointer, why, ...party }) => `  ${nameOf(party)}: ${tool} ${pointer}: ${why}`,
    ),
    '',
    `${changes.length} grants differ from the present policy`,
    ...changes.flatMap(({ tool, dataset, before, after, ...party }) => [
      `  ${nameOf(party)}: ${tool} ${dataset}`,
      `    - ${before}`,
      `    + ${after}`,
    ]),
    ...(size ? ['', renderSize(size)] : []),
  ];
}

const nameOf = ({ agent, task }: Named): string =>
  task === undefined ? agent : `${agent}, ${JSON.stringify(task)}`;

function renderProfile({ tools, calls, workflows, ...party }: Profile): readonly string[] {
  return [
    `${nameOf(party)}: ${calls} calls of ${workflows} workflows`,
    ...tools.flatMap(({ tool, datasets, bounds, open }) => [
      `  ${tool} on ${datasets.join(', ')}`,
      ...Object.entries(bounds).map(
        ([pointer, bound]) => `    ${pointer} ${JSON.stringify(bound)}`,
      ),
      ...open.map(({ pointer, bound, reason }) =>
        bound === 'request'
          ? `    ${pointer} as the agent names it: ${reason}`
          : `    ${pointer} open: ${reason}`,
      ),
    ]),
  ];
}

function renderSize(size: Measure): string {
  const { tools, grantedTools, dimensions, openDimensions, boundedDimensions, openShare } = size;
  const round = (number: number) => number.toFixed(1);
  return `One workflow may use ${round(grantedTools)} of ${tools} tools. Of the ${dimensions} tools, datasets and arguments of the catalogue, ${round(openDimensions)} are open to it (${round(100 * openShare)} % of everything), ${round(boundedDimensions)} are bounded, and the others are closed.`;
}
