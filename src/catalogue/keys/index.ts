/** The keys of `[[tool]]` in a catalogue. */
import type { CatalogueTool } from '../catalogue.ts';
import { answer } from './answer.ts';
import { listedArguments } from './arguments.ts';
import { content } from './content.ts';
import { datasets } from './datasets.ts';
import { definition } from './definition.ts';
import { flow, labelled, leaves } from './flows.ts';
import { action, mode, name, tier } from './judged-as.ts';
import type { CatalogueKey } from './key.ts';
import { limits } from './limits.ts';
import { field, secret, sink } from './marks.ts';
import { parameterHeaders, prompt, resource } from './offers.ts';
import { route } from './route.ts';
import { sinks } from './sinks.ts';

export { FOR_ALL_TOOLS, SECRET, statedForAll, withStated } from './for-all-tools.ts';
export { type CatalogueKey, pointerFault } from './key.ts';
export { URL_KIND } from './marks.ts';

/** What a tool has besides is written in tables of its own: see `../history.ts`. */
export type ToolKey = Exclude<keyof CatalogueTool, 'history'>;

/**
 * Every key. To add one, add its member to `CatalogueTool`, write its entry in a file of this
 * folder, and list it here. The compiler then names its row in the documentation
 * (`scripts/docs/catalogue-keys.ts`). The parser, the differences of two catalogues and the draft
 * of `hewn catalogue import` use this table, in this order.
 */
export const TOOL_KEYS: {
  readonly [K in ToolKey]-?: CatalogueKey<Required<CatalogueTool>[K]>;
} = {
  name,
  action,
  tier,
  arguments: listedArguments,
  datasets,
  sinks,
  sink,
  field,
  secret,
  leaves,
  flow,
  labelled,
  content,
  mode,
  limits,
  route,
  resource,
  prompt,
  parameterHeaders,
  definition,
  answer,
};

/** The entries, for code that treats all keys alike. */
export const TOOL_KEY_ENTRIES = Object.entries(TOOL_KEYS) as readonly (readonly [
  ToolKey,
  CatalogueKey<unknown>,
])[];

/** A key of `[[tool]]`, and the value of a tool that lacks it; undefined if it then has none. */
export interface CatalogueKeyInfo {
  readonly key: ToolKey;
  readonly isRequired: boolean;
  readonly absent?: unknown;
}

/** Returns the keys of `[[tool]]` in the order in which a catalogue is usually written. */
export const catalogueKeys = (): readonly CatalogueKeyInfo[] =>
  TOOL_KEY_ENTRIES.map(([key, { absent }]) => ({
    key,
    isRequired: absent === 'fault',
    ...(typeof absent === 'object' && { absent: absent.value }),
  }));
