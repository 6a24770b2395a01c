/** Bundles the Workers of a deployment with wrangler, exactly as `wrangler deploy` would. */
export {
  type BundledModule,
  type BundledWorker,
  type BundledWorkers,
  bundleWorkers,
} from './bundle.ts';
export {
  findWrangler,
  importBeside,
  runsWrangler,
  runWrangler,
  WRANGLER_RANGE,
  type Wrangler,
} from './wrangler-tool.ts';
