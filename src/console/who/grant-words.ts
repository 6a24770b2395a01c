import type { JsonObject } from '../../canonical-json.ts';

interface Grant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
  readonly constraints?: JsonObject | undefined;
}

/** Returns what a grant allows on a dataset, without the tool. */
export const reachWords = ({ action, dataset }: Grant): string =>
  `${action} ${dataset} and what lies below it`;

/** Returns one line for each argument that a grant limits. */
export const limitWords = ({ constraints }: Grant): readonly string[] =>
  Object.entries(constraints ?? {}).map(
    ([pointer, limit]) => `${pointer === '' ? 'all arguments' : pointer}: ${JSON.stringify(limit)}`,
  );
