import type { StatedLimits } from '../call-limits.ts';
import type { JsonObject } from '../canonical-json.ts';
import type { Action, Call } from '../capability/index.ts';
import type { HttpRoute } from '../http-route/index.ts';

/** How fresh a verifier's head must be for a call of the tool; `TIERS` of `hewn/verifier`. */
export type ToolTier = 0 | 1 | 2 | 3;

/** How one dataset of a call is found: it is in an argument, or is always the same. */
export type DatasetSource = DatasetInArgument | { readonly fixed: string };

/** A dataset that is read out of an argument. */
export interface DatasetInArgument {
  /**
   * RFC 6901 pointer into the arguments. The segment `*` matches every array element.
   */
  readonly argument: string;
  /** The dataset that the text in the argument is relative to. */
  readonly under: string;
  /** How the text names a dataset; `plain` if absent. */
  readonly names?: DatasetNames;
  /** The text is an absolute path at or below this folder, which is removed from it. */
  readonly root?: string;
  /** The dataset of a call that leaves out the argument. Without it such a call is denied. */
  readonly default?: string;
  /** Null, an empty text and an empty array count as left out, because the tool reads them so. */
  readonly emptyIsDefault?: true;
}

/**
 * - `plain`: a relative path of plain segments.
 * - `natural`: a relative path whose segments may have any visible character. Only for a tool that
 *   reads the text as it is: with `/` as the only separator, and without decoding it.
 * - `opaque`: the text is one segment, whatever characters it has, such as a title or an id.
 * - `url`: an http or https URL, with or without its scheme, by its host and path.
 */
export type DatasetNames = 'plain' | 'natural' | 'opaque' | 'url';

/** What a catalogue says about one tool. */
export interface CatalogueTool {
  readonly name: string;
  readonly action: Action;
  readonly tier: ToolTier;
  /** All top-level arguments that a call may pass. */
  readonly arguments: readonly string[];
  readonly datasets: readonly DatasetSource[];
  /**
   * The arguments that determine a destination or an amount (a recipient, path, URL or account),
   * as RFC 6901 pointers. The segment `*` matches every element of an array.
   */
  readonly sinks: readonly string[];
  /**
   * The arguments that are content, such as the text of a message, as RFC 6901 pointers. The
   * segment `*` matches every element of an array.
   */
  readonly content?: readonly string[];
  /** Whether the gateway only observes calls of the tool; absent: as its server is configured. */
  readonly mode?: 'observe' | 'enforce';
  /** What one call may take; absent: what its server may. */
  readonly limits?: StatedLimits;
  /** Of a tool of an HTTP API: which requests are calls of it. */
  readonly route?: HttpRoute;
  /** Of a resource of an MCP server: its URI, or an RFC 6570 template of its URIs. */
  readonly resource?: string;
  /** Of a prompt of an MCP server: its name there. */
  readonly prompt?: string;
  /**
   * Of a tool of an MCP server: the arguments that `Mcp-Param-*` headers repeat (`x-mcp-header` in
   * its schema), as RFC 6901 pointers by the name of the header.
   */
  readonly parameterHeaders?: Readonly<Record<string, string>>;
  /** Of a tool of an MCP server: the digest of its definition; see `definitionDigest`. */
  readonly definition?: string;
  /** Of a tool of an MCP server: what its answers may be. */
  readonly answer?: AnswerBounds;
}

/** What the answers of a tool may be. A gateway withholds any other answer. */
export interface AnswerBounds {
  /** The media types of its content. `image/*` stands for every image. */
  readonly mediaTypes?: readonly string[];
  /** The most that one answer may have. */
  readonly bytes?: number;
  /** The JSON Schema of its structured content. */
  readonly schema?: JsonObject;
  /** What happens to members that the schema does not list. They pass if absent. */
  readonly unlisted?: 'remove' | 'deny';
  /** What the source of the answer is, for the record of each call. */
  readonly labels?: readonly string[];
}

/** Tools by name. Other tools cannot be called. */
export type Catalogue = ReadonlyMap<string, CatalogueTool>;

/** Returns the tools of a catalogue, in the order of its file. */
export const tools = (catalogue: Catalogue): readonly CatalogueTool[] => [...catalogue.values()];

/** Why a catalogue was not read. */
export type CatalogueError =
  | { readonly code: 'catalogue_too_large' }
  | { readonly code: 'toml_invalid'; readonly line: number; readonly why: string }
  | {
      readonly code: 'catalogue_invalid';
      /** Where in the file, as in `tool.3.datasets.0.under`. Tools are counted from 0. */
      readonly where: string;
      readonly why: string;
    };

/** A call with its datasets and its tier, as a verifier takes it. */
export type DescribedCall = Call & {
  readonly dataset: readonly string[];
  readonly tier: ToolTier;
};

/** Why a call cannot be described. `pointer` is RFC 6901, into the arguments. */
export type DescribeError =
  | { readonly code: 'tool_unknown' }
  | { readonly code: 'argument_unlisted'; readonly pointer: string }
  | { readonly code: 'dataset_missing'; readonly pointer: string }
  | { readonly code: 'dataset_unmappable'; readonly pointer: string; readonly why: string };
