import { type Action, checkDataset } from '../capability/index.ts';
import type { DatasetSource, HttpRoute, ToolTier } from '../catalogue/index.ts';
import type { Guess } from './guess.ts';

/** What the method of a route says, and what the name of its operation adds. */
export function actionOfMethod(
  { methods: [method] }: HttpRoute,
  named: { readonly tier: ToolTier; readonly why: string; readonly isKnown: boolean },
): { readonly action: Action; readonly tier: ToolTier; readonly why: string } {
  const why = `its method is ${method}`;
  if (method === 'GET') return { action: 'read', tier: 1, why };
  if (method === 'DELETE') return { action: 'delete', tier: 3, why };
  // A search by POST is a write until a person says otherwise.
  if (!named.isKnown || named.tier <= 2) return { action: 'write', tier: 2, why };
  return { action: 'write', tier: named.tier, why: `${why}, and ${named.why}` };
}

/** `/orders/:id/items`: an item of the dataset `<root>/orders`. Undefined without a parameter. */
export function datasetOfPath(
  { path }: HttpRoute,
  root: string,
): { readonly sources: readonly DatasetSource[]; readonly why: string } | undefined {
  const segments = path.split('/').slice(1);
  const index = segments.findIndex((segment) => /^:\w+\+?$/.test(segment));
  const segment = segments[index];
  if (segment === undefined) return undefined;
  const under = [root, ...segments.slice(0, index)].join('/');
  const name = segment.replace(/^:|\+$/g, '');
  const source = {
    argument: `/${name}`,
    under: checkDataset(under).ok ? under : root,
    ...(!segment.endsWith('+') && { names: 'opaque' as const }),
  };
  return { sources: [source], why: `${JSON.stringify(name)} is the first parameter of its path` };
}

/** What of a route a person has to look at. */
export function routeGuesses({ body, arguments: places = {} }: HttpRoute): readonly Guess[] {
  const guesses: Guess[] = [];
  if (body === 'bytes') {
    guesses.push({ member: 'route', why: 'no check reads this body: look at its types and size' });
  }
  if (Object.values(places).some(({ whole }) => whole)) {
    guesses.push({ member: 'route', why: 'its body has no listed members: it is one argument' });
  }
  return guesses;
}
