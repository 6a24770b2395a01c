/** Bundles the Workers of a deployment with wrangler, exactly as `wrangler deploy` would. */
export {
  type BundledModule,
  type BundledWorker,
  type BundledWorkers,
  type BundleError,
  type BundleOptions,
  bundleWorkers,
} from './bundle.ts';
export {
  findWrangler,
  importBeside,
  runWrangler,
  type Wrangler,
  type WranglerError,
} from './wrangler-tool.ts';
