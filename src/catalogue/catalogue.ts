import type { Action, Call } from '../capability/index.ts';

/** How fresh a verifier's head must be for the tool (src/verifier says what each number means). */
export type ToolTier = 0 | 1 | 2 | 3;

/** How one dataset of a call is found: in an argument, or always the same. */
export type DatasetSource =
  | {
      /**
       * RFC 6901 pointer into the arguments; a segment `*` stands for every element of an array.
       */
      readonly argument: string;
      /** The dataset that the argument's path is relative to. */
      readonly under: string;
    }
  | { readonly fixed: string };

export interface CatalogueTool {
  readonly name: string;
  readonly action: Action;
  readonly tier: ToolTier;
  /** Every top-level argument that a call may bring. */
  readonly arguments: readonly string[];
  readonly datasets: readonly DatasetSource[];
  /**
   * The arguments that say where something goes (a recipient, a path, a URL, an account, an
   * amount), as RFC 6901 pointers; a segment `*` stands for every element of an array.
   */
  readonly sinks: readonly string[];
}

/** Tools by name. What is not in it cannot be called. */
export type Catalogue = ReadonlyMap<string, CatalogueTool>;

export const tools = (catalogue: Catalogue): readonly CatalogueTool[] => [...catalogue.values()];

export type CatalogueError =
  | { readonly code: 'catalogue_too_large' }
  | { readonly code: 'toml_invalid'; readonly line: number; readonly why: string }
  | {
      readonly code: 'catalogue_invalid';
      /** Where in the file, as in `tool.3.datasets.0.under`; tools count from 0. */
      readonly where: string;
      readonly why: string;
    };

export type DescribedCall = Call & {
  readonly dataset: readonly string[];
  readonly tier: ToolTier;
};

/** Why a call cannot be described; `pointer` is RFC 6901 into the arguments. */
export type DescribeError =
  | { readonly code: 'tool_unknown' }
  | { readonly code: 'argument_unlisted'; readonly pointer: string }
  | { readonly code: 'dataset_missing'; readonly pointer: string }
  | { readonly code: 'dataset_unmappable'; readonly pointer: string; readonly why: string };
