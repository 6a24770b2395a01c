import type { JsonObject } from '../canonical-json.ts';
import { CALL_DATASETS_MAX } from '../limits.ts';
import { anything, type Members, optional, readOptions } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import {
  type ArgumentError,
  type ArgumentNode,
  argumentNodes,
  argumentsDigest,
} from './arguments.ts';
import {
  type Action,
  checkDataset,
  checkMethod,
  checkPath,
  checkTool,
  isAction,
  type NameError,
} from './names.ts';

/**
 * One call as a verifier's route describes it: exactly one tool and one action, and what it
 * touches.
 */
export interface Call {
  readonly tool: string;
  readonly action: Action;
  /** One dataset, or several: everything that the call touches. */
  readonly dataset: string | readonly string[];
  readonly args?: JsonObject;
  /** Upper-case HTTP method, for APIs with more than one endpoint. */
  readonly method?: string;
  /** Decoded URL path. */
  readonly path?: string;
  /** RFC 7638 thumbprint of the key that the caller has proven to hold. */
  readonly holder?: string;
}

/** A call whose names are valid and whose arguments are stated exactly. */
export interface CheckedCall extends Call {
  readonly dataset: readonly string[];
  readonly nodes: readonly ArgumentNode[];
  /** Absent if no check reads it. */
  readonly argsDigest?: Uint8Array<ArrayBuffer>;
}

/** The members of a call. Their values are checked by `checkCall`, and denied. */
export const CALL_MEMBERS: Members<Call> = {
  tool: anything,
  action: anything,
  dataset: anything,
  args: optional(anything),
  method: optional(anything),
  path: optional(anything),
  holder: optional(anything),
};

/** Why a call is denied before any check. */
export type CallError =
  | NameError
  | ArgumentError
  | { readonly code: 'dataset_missing' }
  | { readonly code: 'datasets_count'; readonly count: number };

/**
 * Validates a call before any check of a token runs. Names and arguments with two readings are
 * refused.
 *
 * `reads` returns whether some check or rule reads facts of a name. The digest of the arguments is
 * only computed if one does, since an unread fact cannot change a decision.
 *
 * Throws a TypeError for an unknown member. The server's own code builds the call, and arguments
 * under a misspelt name would be judged as if there were none.
 */
export async function checkCall(
  call: Call,
  reads: (fact: string) => boolean = () => true,
): Promise<Result<CheckedCall, CallError>> {
  readOptions(call, 'call', CALL_MEMBERS);
  const named = checkNames(call);
  if (!named.ok) return named;
  // Only a missing member means no arguments. A `null` is refused.
  const args = call.args === undefined ? {} : call.args;
  const nodes = argumentNodes(args);
  if (!nodes.ok) return nodes;
  const checked = { ...call, dataset: datasetsOf(call), nodes: nodes.value };
  return ok(
    reads('args_sha256') ? { ...checked, argsDigest: await argumentsDigest(args) } : checked,
  );
}

function checkNames(call: Call): Result<null, CallError> {
  const tool = checkTool(call.tool);
  if (!tool.ok) return tool;
  if (!isAction(call.action)) {
    return refuse({
      code: 'name_invalid',
      kind: 'action',
      why: 'not one of read, write, delete and execute',
    });
  }
  // Invariant 6: a call without a dataset would be authorized for all datasets.
  const datasets = datasetsOf(call);
  if (!Array.isArray(datasets)) {
    return refuse({ code: 'name_invalid', kind: 'dataset', why: 'not a text or a list of texts' });
  }
  if (datasets.length === 0) return refuse({ code: 'dataset_missing' });
  if (datasets.length > CALL_DATASETS_MAX) {
    return refuse({ code: 'datasets_count', count: datasets.length });
  }
  for (const dataset of datasets) {
    const checked = checkDataset(dataset);
    if (!checked.ok) return checked;
  }
  const method = call.method === undefined ? ok('') : checkMethod(call.method);
  if (!method.ok) return method;
  const path = call.path === undefined ? ok('') : checkPath(call.path);
  return path.ok ? ok(null) : path;
}

/** Returns the datasets of a call as a list. */
export const datasetsOf = ({ dataset }: Pick<Call, 'dataset'>): readonly string[] =>
  typeof dataset === 'string' ? [dataset] : dataset;
