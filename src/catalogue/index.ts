/** The tool catalogue: what each tool does, to which datasets, and how bad that can get. */

export type {
  ArgumentPlace,
  BodyForm,
  HttpMethod,
  HttpRoute,
  TextType,
} from '../http-route/index.ts';
export type { FieldAuthor } from '../provenance/index.ts';
export {
  type AnswerBounds,
  type Catalogue,
  type CatalogueError,
  type CatalogueTool,
  type DatasetInArgument,
  type DatasetNames,
  type DatasetSource,
  type DescribedCall,
  type DescribeError,
  type FieldMark,
  type FlowRule,
  type LabelledDataset,
  type SinkMark,
  type ToolTier,
  tools,
  type UrlBounds,
  type ValueSource,
} from './catalogue.ts';
export { datasetRoots } from './dataset-roots.ts';
export { definitionDigest } from './definition.ts';
export { describeCall } from './describe.ts';
export { toolDifferences } from './differences.ts';
export { type CatalogueFault, findCatalogueFaults } from './faults.ts';
export {
  type CatalogueFetchError,
  type CatalogueGet,
  fetchVerified,
  type VerifiedCatalogue,
} from './fetch.ts';
export { historyRules } from './history.ts';
export { type CatalogueKeyInfo, catalogueKeys, SECRET, URL_KIND } from './keys/index.ts';
export { type CatalogueWarning, lintCatalogue } from './lint.ts';
export {
  type CompletedArguments,
  type CompletionTarget,
  describeCompletion,
  describePrompt,
  describeResource,
  findResource,
} from './offers/describe-offer.ts';
export { type FoundResource, type Offers, offersOf } from './offers/offers.ts';
export { parseCatalogue } from './parse.ts';
export { sinkMarkAt } from './sink-mark.ts';
export { type BoundSink, boundSinks, type SinkBound } from './sinks.ts';
export { type FieldAt, TAKEN_BY_DEFAULT } from './taken-origins.ts';
