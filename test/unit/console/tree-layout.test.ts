import { describe, expect, test } from 'vitest';
import { BOX, boxText, layOutTree } from '../../../src/console/workflow/tree-layout.ts';

const tree = (text: string) =>
  text.split(' ').map((pair) => {
    const [id = '', up] = pair.split('<');
    return { id, up };
  });
const at = (layout: ReturnType<typeof layOutTree>, id: string) => {
  const box = layout.boxes.find(({ node }) => node.id === id);
  if (!box) throw new Error(`no box ${id}`);
  return box;
};

describe('the layout of a delegation tree', () => {
  test('places each token right of the one it came from', () => {
    const layout = layOutTree(tree('root read<root mail<root child<root step<child'));
    expect(at(layout, 'root').x).toBeLessThan(at(layout, 'read').x);
    expect(at(layout, 'read').x).toBe(at(layout, 'mail').x);
    expect(at(layout, 'child').x).toBeLessThan(at(layout, 'step').x);
    expect(layout.edges.map(({ key }) => key).sort()).toEqual(['child', 'mail', 'read', 'step']);
    expect(layout.edges.every(({ path }) => /^M[\d. ]+C[\d. ]+$/.test(path))).toBe(true);
  });

  test('places a token in the middle of those below it', () => {
    const layout = layOutTree(tree('root a<root b<root c<root'));
    expect(at(layout, 'root').y).toBe(at(layout, 'b').y);
  });

  test('lets no two boxes overlap, and none leave the picture', () => {
    const nodes = tree('r a<r b<r c<a d<a e<c f<b g<b h<r i<h j<i k<h');
    const { boxes, width, height } = layOutTree(nodes);
    expect(boxes).toHaveLength(nodes.length);
    for (const one of boxes) {
      expect(one.x + BOX.width).toBeLessThan(width);
      expect(one.y + BOX.height).toBeLessThan(height);
      for (const other of boxes) {
        const isApart =
          Math.abs(one.x - other.x) >= BOX.width || Math.abs(one.y - other.y) >= BOX.height;
        expect(one === other || isApart).toBe(true);
      }
    }
  });

  test('shows every token once, even with a missing parent or in a circle', () => {
    const layout = layOutTree(tree('a<gone b<a c<d d<c e<e'));
    expect(layout.boxes.map(({ node }) => node.id).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(layout.edges.map(({ key }) => key).sort()).toEqual(['b', 'd']);
  });

  test('has a size even without a token', () => {
    expect(layOutTree([])).toMatchObject({ boxes: [], edges: [] });
    expect(layOutTree([]).width).toBeGreaterThan(0);
  });

  test('cuts a text that does not fit into a box, between characters', () => {
    expect(boxText('report agent · 5 grants')).toBe('report agent · 5 grants');
    expect(boxText('🙂'.repeat(40))).toBe(`${'🙂'.repeat(24)}…`);
  });
});
