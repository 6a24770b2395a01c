interface Grant {
  readonly tool: string;
  readonly action: string;
  readonly dataset: string;
}

/** Returns what a grant allows on a dataset, without the tool. */
export const reachWords = ({ action, dataset }: Grant): string =>
  `${action} ${dataset} and what lies below it`;
