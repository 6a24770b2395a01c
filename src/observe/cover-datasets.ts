import type { ObservedCall } from './observed-call.ts';

/** The datasets that a profile may touch with one tool. */
export interface DatasetCover {
  readonly datasets: readonly string[];
  readonly generalised: readonly {
    readonly to: string;
    readonly from: readonly string[];
    readonly records: readonly string[];
  }[];
}

interface Node {
  /** Records that name exactly this dataset. */
  readonly records: Set<string>;
  readonly children: Map<string, Node>;
}

const emptyNode = (): Node => ({ records: new Set(), children: new Map() });

/**
 * Returns the smallest datasets that cover the recorded ones, where a parent replaces its children
 * only if at least `support` of them were recorded, by different records. `keepBelow` are datasets
 * that no parent may reach: a grant on the root of a sink would leave the sink open.
 */
export function coverDatasets(
  calls: readonly Pick<ObservedCall, 'id' | 'datasets'>[],
  support: number,
  keepBelow: readonly string[],
): DatasetCover {
  const root = emptyNode();
  for (const { id, datasets } of calls) {
    for (const dataset of datasets) {
      let node = root;
      for (const segment of dataset.split('/')) {
        const next = node.children.get(segment) ?? emptyNode();
        node.children.set(segment, next);
        node = next;
      }
      node.records.add(id);
    }
  }
  const generalised: DatasetCover['generalised'][number][] = [];
  const visit = (node: Node, path: string): readonly string[] => {
    // A grant on a dataset covers everything below it.
    if (node.records.size > 0 && path !== '') return [path];
    const isRoot = path === '' || keepBelow.includes(path);
    const records = recordsBelow(node);
    if (!isRoot && node.children.size >= support && records.length >= support) {
      generalised.push({ to: path, from: datasetsBelow(node, path), records });
      return [path];
    }
    return [...node.children].flatMap(([segment, child]) =>
      visit(child, path === '' ? segment : `${path}/${segment}`),
    );
  };
  return { datasets: [...visit(root, '')].sort(), generalised };
}

const recordsBelow = ({ records, children }: Node): readonly string[] => [
  ...new Set([...records, ...[...children.values()].flatMap(recordsBelow)]),
];

const datasetsBelow = (node: Node, path: string): readonly string[] => [
  ...(node.records.size > 0 ? [path] : []),
  ...[...node.children].flatMap(([segment, child]) => datasetsBelow(child, `${path}/${segment}`)),
];
