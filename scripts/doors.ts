/** The part of package.json that names the public doors. */
export interface Manifest {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

/** One public door: its name after `hewn/`, and its source file. */
export type Door = readonly [name: string, source: string];

/**
 * Returns the public doors. The build keeps the layout of the sources, so the source of
 * `dist/src/agent/index.js` is `src/agent/index.ts`. Leaves out `hewn` itself, which only says
 * which doors there are.
 */
export const doorsOf = ({ exports }: Manifest): readonly Door[] =>
  Object.entries(exports)
    .filter(([name]) => name !== '.')
    .map(([name, { default: built }]) => [
      name.slice('./'.length),
      built.slice('./dist/'.length).replace(/\.js$/, '.ts'),
    ]);

/**
 * Tells the doors of the Workers, which a deployment's entry files import, from those of the
 * library. They load in workerd only, and their types need those of workerd.
 */
export const isWorkerDoor = ([, source]: Door): boolean => source.startsWith('workers/');
