import type { IndexedWorkflow, ListPosition } from './binding.ts';

const PREFIX = 'recent:';

/** Returns the position after a workflow of a list, as text. */
export const writePosition = ({ began, id }: Pick<IndexedWorkflow, 'began' | 'id'>): string =>
  `${PREFIX}${began}:${id}`;

/** Returns the position of a text that the contract of the route accepts. */
export function readPosition(text: string): ListPosition {
  const [began = '', root = ''] = text.slice(PREFIX.length).split(':', 2);
  return { began: Number(began), root };
}
