import { importsOf, type SourceFile } from './source.ts';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Files that import each other, directly or by way of others, one text for each such group. Imports
 * of types count: two files that need each other's types are one idea in two places, and cannot be
 * read, moved or replaced apart. What both need belongs in a file below both.
 */
export function importCircles(files: readonly SourceFile[]): readonly string[] {
  const graph = graphOf(files);
  const isSelf = (file: string): boolean => graph.get(file)?.has(file) === true;
  return groupsOf(graph)
    .filter((group) => group.length > 1 || group.some(isSelf))
    .map((group) => arrowsWithin(group, graph).join('\n'));
}

function graphOf(files: readonly SourceFile[]): Graph {
  const paths = new Set(files.map(({ path }) => path));
  return new Map(
    files.map((file) => {
      const targets = importsOf(file).map(({ to }) => to);
      return [file.path, new Set(targets.filter((to) => paths.has(to)))];
    }),
  );
}

/** The strongly connected components of the graph (Tarjan, 1972), sorted inside. */
function groupsOf(graph: Graph): readonly (readonly string[])[] {
  const indexes = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];

  /** The lowest index on the stack that the file leads to. */
  const visit = (file: string): number => {
    const index = indexes.size;
    indexes.set(file, index);
    const depth = stack.push(file) - 1;
    let lowest = index;
    for (const target of graph.get(file) ?? []) {
      const seen = indexes.get(target);
      if (seen === undefined) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, seen);
    }
    if (lowest === index) groups.push(stack.splice(depth).sort());
    return lowest;
  };

  for (const file of graph.keys()) if (!indexes.has(file)) visit(file);
  return groups;
}

/** Which import has to go is seen from the arrows, not from the names. */
const arrowsWithin = (group: readonly string[], graph: Graph): readonly string[] =>
  group.flatMap((from) =>
    group.filter((to) => graph.get(from)?.has(to)).map((to) => `${from} imports ${to}`),
  );
