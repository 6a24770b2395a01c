import type { Grant } from '../capability/index.ts';
import { type Catalogue, tools } from '../catalogue/index.ts';

/** Returns a grant of each tool on the root of its first dataset: all that it touches there. */
export const wholeGrants = (catalogue: Catalogue): readonly Grant[] =>
  tools(catalogue).flatMap(({ name: tool, action, datasets: [source] }) => {
    const dataset = source && ('fixed' in source ? source.fixed : source.under);
    return dataset === undefined ? [] : [{ tool, action, dataset }];
  });
