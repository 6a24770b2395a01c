import type { StatedLimits } from '../call-limits.ts';
import type { JsonObject, JsonScalar } from '../canonical-json.ts';
import type { Action, Call } from '../capability/index.ts';
import type { HistoryRule } from '../history/index.ts';
import type { HttpRoute } from '../http-route/index.ts';
import type { FieldAuthor } from '../provenance/index.ts';

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
  /** How the text names a dataset. Defaults to `plain`. */
  readonly names?: DatasetNames;
  /** The text is an absolute path at or below this folder, which is removed from it. */
  readonly root?: string;
  /** The dataset of a call that leaves out the argument. Without `default`, the call is denied. */
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
  /** What is known of single sinks. Each of them is one of `sinks`. */
  readonly sink?: readonly SinkMark[];
  /** The fields of an answer whose values someone vouches for. */
  readonly field?: readonly FieldMark[];
  /**
   * What the tool reads is secret, such as a passport: no grant has it by default, and its answers
   * carry the label `secret`.
   */
  readonly secret?: true;
  /** A call can carry data to someone else: a message, a payment, a request of a URL. */
  readonly leaves?: true;
  /** What a call of a tool that leaves may still do after labelled reads. */
  readonly flow?: readonly FlowRule[];
  /** Labels of single datasets, which every answer about them carries. */
  readonly labelled?: readonly LabelledDataset[];
  /**
   * The arguments that are content, such as the text of a message, as RFC 6901 pointers. The
   * segment `*` matches every element of an array.
   */
  readonly content?: readonly string[];
  /** Whether the gateway only observes calls of the tool. Defaults to the mode of its server. */
  readonly mode?: 'observe' | 'enforce';
  /** The limits of one call. Defaults to those of its server. */
  readonly limits?: StatedLimits;
  /** For a tool of an HTTP API: the requests that are calls of it. */
  readonly route?: HttpRoute;
  /** For a resource of an MCP server: its URI, or an RFC 6570 template of its URIs. */
  readonly resource?: string;
  /** For a prompt of an MCP server: its name on that server. */
  readonly prompt?: string;
  /**
   * For a tool of an MCP server: the arguments that `Mcp-Param-*` headers repeat (`x-mcp-header` in
   * its schema), as RFC 6901 pointers by the name of the header.
   */
  readonly parameterHeaders?: Readonly<Record<string, string>>;
  /** For a tool of an MCP server: the digest of its definition. See `definitionDigest`. */
  readonly definition?: string;
  /** For a tool of an MCP server: the bounds of its answers. */
  readonly answer?: AnswerBounds;
  /**
   * The rules over history that bound its calls, or that remember them. They are not keys of
   * `[[tool]]`: each is a `[[history]]` of the file, and names its tools.
   */
  readonly history?: readonly HistoryRule[];
}

/**
 * Where the value of a sink may come from. `prompt`: the request of the user. `approved`: a person
 * has approved the call. A field counts only if its object was named, with ` named` behind it.
 */
export type ValueSource = FieldAuthor | `${FieldAuthor} named` | 'prompt' | 'approved';

/** What is known of one sink. */
export interface SinkMark {
  /** RFC 6901 pointer, in which the segment `*` is every element of an array. */
  readonly argument: string;
  /** What its values are, such as `iban`: an id of one collection means nothing in another. */
  readonly kind: string;
  /** Where its values may come from. Defaults to the request and an approval. */
  readonly takes?: readonly ValueSource[];
  /** Values that harm no one, even if an attacker chose them. */
  readonly safe?: readonly JsonScalar[];
  /**
   * `true`: a call may leave it out. `unchanged`: what a call leaves out, or sends as null, stays
   * as it is.
   */
  readonly optional?: true | 'unchanged';
  /**
   * Destinations of the owner of this deployment, who owns what its tools read as well. A `*` at
   * the start stands for one plain name, as in `*@example.com`.
   */
  readonly sameOwner?: readonly string[];
  /** Of a sink with the kind `url` on a read that leaves: which pages it may request. */
  readonly url?: UrlBounds;
}

/** Which URLs a read may request, besides those of its grants and of attested values. */
export interface UrlBounds {
  /** Exact names of hosts. */
  readonly hosts?: readonly string[];
  /** Segments that a path may have, decoded. */
  readonly segments?: readonly string[];
}

/** A field of an answer whose values someone vouches for. */
export interface FieldMark {
  /** RFC 6901 pointer into the answer, in which `*` is every element or member. */
  readonly pointer: string;
  readonly kind: string;
  readonly by: FieldAuthor;
  /** Why the author of the field can be trusted with it. A person who approves reads it. */
  readonly reason: string;
}

/**
 * What happens to a call that leaves, once the workflow or one of its family has read everything
 * that `when` names.
 */
export interface FlowRule {
  /** Labels, all of which must have been read. */
  readonly when: readonly string[];
  /** `ask`: a person has to approve the call. `deny`: no one can allow it. */
  readonly leaving: 'ask' | 'deny';
  /** The call stays free if each of its sinks has one of the destinations of `sameOwner`. */
  readonly exceptSameOwner?: true;
  /**
   * The seconds for which its labels also hold workflows that the same agent begins for the same
   * subject.
   */
  readonly lasts?: number;
  /** A person who is asked, and the record of a denial, read it. */
  readonly reason: string;
}

/** Labels of a dataset and of everything below it. */
export interface LabelledDataset {
  readonly dataset: string;
  readonly labels: readonly string[];
}

/** The bounds of a tool's answers. A gateway withholds any other answer. */
export interface AnswerBounds {
  /** The media types that the content may have. `image/*` means any image type. */
  readonly mediaTypes?: readonly string[];
  /** The maximum size of one answer, in bytes. */
  readonly bytes?: number;
  /** The JSON Schema of the structured content. */
  readonly schema?: JsonObject;
  /** What happens to members that the schema does not list. By default, they pass. */
  readonly unlisted?: 'remove' | 'deny';
  /**
   * Describes the source of the answer, such as `untrusted`. The record of each call has it, and a
   * workflow that read it keeps it.
   */
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
      /** Where in the file, as in `tool.3.datasets.0.under` or `history.0.most`, from 0. */
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
