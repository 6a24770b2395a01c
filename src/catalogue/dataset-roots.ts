import type { CatalogueTool } from './catalogue.ts';

/**
 * Returns the datasets of a tool as the catalogue names them, in its order and each once. All that
 * a call of the tool touches is one of them, or is below one.
 */
export const datasetRoots = ({ datasets }: Pick<CatalogueTool, 'datasets'>): readonly string[] => [
  ...new Set(datasets.map((source) => ('fixed' in source ? source.fixed : source.under))),
];
