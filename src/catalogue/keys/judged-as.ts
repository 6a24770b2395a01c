import * as v from 'valibot';
import { ACTIONS, type Action, checkTool } from '../../capability/index.ts';
import type { ToolTier } from '../catalogue.ts';
import { type CatalogueKey, nameFault } from './key.ts';

/** What a call is judged as: the keys that a grant and the feed are compared with. */

export const name: CatalogueKey<string> = {
  schema: v.string(),
  absent: 'fault',
  faults: (written = '') => nameFault(checkTool(written)),
  // Tools are compared by their names.
  differences: () => [],
};

export const action: CatalogueKey<Action> = {
  schema: v.picklist(ACTIONS),
  absent: 'fault',
  differences: (before, after) => [`the action is ${after} instead of ${before}`],
};

export const tier: CatalogueKey<ToolTier> = {
  schema: v.picklist([0, 1, 2, 3]),
  absent: 'fault',
  differences: (before, after) => [`the tier is ${after} instead of ${before}`],
};

export const mode: CatalogueKey<'observe' | 'enforce'> = {
  schema: v.picklist(['observe', 'enforce']),
  absent: 'nothing',
  differences: (_, after) => [
    after === undefined ? 'the mode is that of its server' : `the mode is ${after}`,
  ],
};
