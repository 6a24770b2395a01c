/** In a variable, so that the bundler leaves the import to the browser. */
const FILE = '/console/plot.js';

/** Loads the plot of the console, which only one page needs. */
export const loadPlot = (): Promise<typeof import('../plot/index.ts')> => import(FILE);
