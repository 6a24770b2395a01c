import type { ArgumentConstraints, ConstraintsByPointer } from '../../../src/capability/index.ts';
import { boundSinks, type CatalogueTool } from '../../../src/catalogue/index.ts';

export type Tool = Pick<CatalogueTool, 'action' | 'sinks' | 'datasets'>;
export const openSinks = (of: Omit<Tool, 'action'>, constraints: ArgumentConstraints | undefined) =>
  boundSinks(
    { action: 'write', ...of },
    { dataset: 'files/reports', ...(constraints && { constraints }) },
    constraints?.constraints ?? {},
  )
    .filter(({ bound }) => bound === 'nothing')
    .map(({ pointer }) => pointer);

export const tool = {
  datasets: [{ argument: '/path', under: 'files' }, { fixed: 'mail' }],
  sinks: ['/path', '/to/*', '/options/callback', '/amount'],
};
export const names = ['path', 'to', 'options', 'amount', 'body'];
export const open = (constraints: ConstraintsByPointer, listed: readonly string[] = names) =>
  openSinks(tool, { arguments: listed, constraints });
