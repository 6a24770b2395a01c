import type { Grant } from '../capability/index.ts';
import { type Catalogue, datasetRoots, tools } from '../catalogue/index.ts';

/** Returns a grant of each tool on the root of its first dataset: all that it touches there. */
export const wholeGrants = (catalogue: Catalogue): readonly Grant[] =>
  tools(catalogue).flatMap(({ name: tool, action, datasets }) => {
    const [dataset] = datasetRoots({ datasets });
    return dataset === undefined ? [] : [{ tool, action, dataset }];
  });
