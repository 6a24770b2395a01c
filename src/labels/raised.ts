import { covers, type Grant } from '../capability/index.ts';
import { type Catalogue, type CatalogueTool, SECRET } from '../catalogue/index.ts';

/** What a token says about how a workflow may have come by labelled data. */
export interface Reach {
  readonly grants: readonly Pick<Grant, 'tool' | 'dataset'>[];
  /** The workflows above it. */
  readonly ancestors: readonly string[];
}

/**
 * Returns the labels that the answer to a call carries: those of the tool, of the datasets, and
 * `secret` for a secret. A dataset counts if it is within a labelled one, and if it contains one.
 */
export function labelsOfCall(
  { answer, secret, labelled = [] }: CatalogueTool,
  datasets: readonly string[],
): readonly string[] {
  const ofDatasets = labelled
    .filter(({ dataset }) => datasets.some((one) => covers(one, dataset) || covers(dataset, one)))
    .flatMap(({ labels }) => labels);
  return [
    ...new Set([...(answer?.labels ?? []), ...(secret ? [SECRET] : []), ...ofDatasets]),
  ].sort();
}

const watched = new WeakMap<Catalogue, ReadonlySet<string>>();

/**
 * Returns the labels that a rule of the catalogue reads. Only these have to be known before an
 * answer is served. All others are for the record.
 */
export function watchedLabels(catalogue: Catalogue): ReadonlySet<string> {
  const known = watched.get(catalogue);
  if (known) return known;
  const rules = [...catalogue.values()].flatMap(({ flow = [] }) => flow);
  const labels = new Set(rules.flatMap(({ when }) => when));
  watched.set(catalogue, labels);
  return labels;
}

const lasting = new WeakMap<Catalogue, ReadonlyMap<string, number>>();

/**
 * Returns the labels that hold later workflows too, with the seconds for which they do: the longest
 * of all rules that read a label.
 */
export function lastingLabels(catalogue: Catalogue): ReadonlyMap<string, number> {
  const known = lasting.get(catalogue);
  if (known) return known;
  const seconds = new Map<string, number>();
  for (const { flow = [] } of catalogue.values()) {
    for (const { when, lasts = 0 } of flow) {
      for (const label of lasts > 0 ? when : []) {
        seconds.set(label, Math.max(lasts, seconds.get(label) ?? 0));
      }
    }
  }
  lasting.set(catalogue, seconds);
  return seconds;
}

/**
 * Returns every watched label that the grants of a token could have raised, for a verifier that
 * knows nothing else. What a workflow above it has read could be anything, so a child is assumed to
 * have every label.
 */
export function assumedLabels(
  catalogue: Catalogue,
  { grants, ancestors }: Reach,
): readonly string[] {
  const all = watchedLabels(catalogue);
  if (ancestors.length > 0) return [...all].sort();
  const reached = grants.flatMap(({ tool, dataset }) => {
    const entry = catalogue.get(tool);
    // A tool that is not in this catalogue may have been read under an earlier one.
    return entry ? labelsOfCall(entry, [dataset]) : [...all];
  });
  return [...new Set(reached.filter((label) => all.has(label)))].sort();
}
