/** A token of the delegation tree, or several alike that share a box. */
export interface TreeNode {
  readonly id: string;
  /** The token it was narrowed or delegated from; absent for the capability itself. */
  readonly up?: string | undefined;
}

/** Where a box stands, from its upper left corner. */
export interface Box<Node extends TreeNode> {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
}

/** The picture of a delegation tree: boxes, the lines between them, and its size. */
export interface TreeLayout<Node extends TreeNode> {
  readonly boxes: readonly Box<Node>[];
  /** Each line as the `d` of an SVG path. */
  readonly edges: readonly { readonly key: string; readonly path: string }[];
  readonly width: number;
  readonly height: number;
}

export const BOX = { width: 172, height: 62 } as const;
const GAP = { x: 44, y: 12 } as const;
const EDGE = 2; // Room for the frame of a box at the edge of the picture.

/**
 * Places the boxes of a delegation tree: a column for each step away from the capability, and each
 * box in the middle of the boxes below it. A box whose parent is missing begins a tree of its own,
 * and so does one in a circle: the picture shows every box exactly once.
 */
export function layOutTree<Node extends TreeNode>(nodes: readonly Node[]): TreeLayout<Node> {
  const known = new Set(nodes.map(({ id }) => id));
  const below = new Map<string | undefined, Node[]>();
  for (const node of nodes) {
    const up = node.up !== undefined && known.has(node.up) ? node.up : undefined;
    below.set(up, [...(below.get(up) ?? []), node]);
  }
  const places = new Map<string, Box<Node>>();
  let leaves = 0;
  let depth = 0;
  const place = (node: Node, column: number): Box<Node> => {
    const box: Box<Node> = { node, x: column * (BOX.width + GAP.x) + EDGE, y: 0 };
    places.set(node.id, box); // Before its children, so that a circle ends here.
    depth = Math.max(depth, column + 1);
    const children = (below.get(node.id) ?? []).flatMap((child) =>
      places.has(child.id) ? [] : [place(child, column + 1)],
    );
    const [first] = children;
    const last = children.at(-1);
    const y = first && last ? (first.y + last.y) / 2 : leaves++ * (BOX.height + GAP.y) + EDGE;
    const placed = { ...box, y };
    places.set(node.id, placed);
    return placed;
  };
  for (const node of [...(below.get(undefined) ?? []), ...nodes]) {
    if (!places.has(node.id)) place(node, 0);
  }
  const boxes = [...places.values()];
  return {
    boxes,
    edges: boxes.flatMap((box) => edgeTo(box, places)),
    width: Math.max(1, depth) * (BOX.width + GAP.x) - GAP.x + 2 * EDGE,
    height: Math.max(1, leaves) * (BOX.height + GAP.y) - GAP.y + 2 * EDGE,
  };
}

/** Returns the line from the box above, drawn from its right side. */
function edgeTo<Node extends TreeNode>(
  box: Box<Node>,
  places: ReadonlyMap<string, Box<Node>>,
): TreeLayout<Node>['edges'] {
  const above = box.node.up === undefined ? undefined : places.get(box.node.up);
  if (!above || above.x >= box.x) return [];
  const [x, y] = [above.x + BOX.width, above.y + BOX.height / 2];
  const end = box.y + BOX.height / 2;
  const middle = (x + box.x) / 2;
  const path = `M${x} ${y}C${middle} ${y} ${middle} ${end} ${box.x} ${end}`;
  return [{ key: box.node.id, path }];
}

/** How many characters of a line fit into a box. */
const LINE_CHARACTERS_MAX = 25;

/** Returns a text that fits into a box, with an ellipsis if it was cut. */
export const boxText = (text: string): string => {
  const characters = [...text];
  return characters.length <= LINE_CHARACTERS_MAX
    ? text
    : `${characters.slice(0, LINE_CHARACTERS_MAX - 1).join('')}…`;
};
