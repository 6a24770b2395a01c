/**
 * What a workflow has read, as labels, and what it may still do: the labels that a call raises, and
 * the decision about a call that leaves.
 */
export { attestedTexts } from './attested.ts';
export { flowOf } from './call-flow.ts';
export { mayAsk } from './decide.ts';
export {
  FamilyLabels,
  type LabelClient,
  type LabelRefusal,
  type LabelRequest,
} from './family-labels.ts';
export { labelsOfCall } from './raised.ts';
