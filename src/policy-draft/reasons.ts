import type { CatalogueTool } from '../catalogue/index.ts';

const VERBS: Readonly<Record<CatalogueTool['action'], string>> = {
  read: 'Reads',
  write: 'Changes',
  delete: 'Deletes in',
  execute: 'Runs commands on',
};

/** Says in full sentences what a tool does in a dataset, and what bounds it. */
export function reasonOfTool(tool: CatalogueTool, root: string): string {
  const { action, tier, secret, sinks, datasets } = tool;
  const sentences = [`${VERBS[action]} ${root} (tier ${tier}).`];
  const from = datasets.flatMap((source) =>
    'argument' in source && source.under === root ? [source.argument] : [],
  );
  if (from.length > 0) {
    sentences.push(
      `A grant on a dataset below ${root} bounds ${listed(from)}: narrow this line to the part that the agent needs.`,
    );
  }
  if (secret) sentences.push('The catalogue calls it secret.');
  if (action === 'read') return sentences.join(' ');
  const other = sinks.filter((sink) => !from.includes(sink));
  if (sinks.length === 0) {
    sentences.push('The catalogue lists no sink, so any call of it is allowed.');
  } else if (other.length > 0) {
    sentences.push(
      `${listed(other)} ${other.length === 1 ? 'decides' : 'decide'} where it goes, and must be bounded.`,
    );
  }
  return sentences.join(' ');
}

/** A list of names as a person writes it. */
const listed = (names: readonly string[]): string =>
  names.length < 2
    ? (names[0] ?? '')
    : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
