import type { JsonObject } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import { CALL_DATASETS_MAX } from '../limits.ts';
import { anything, type Members, optional, readOptions } from '../options.ts';
import type { Origins } from '../provenance/index.ts';
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
  /**
   * RFC 6901 pointers to arguments that are content, such as the text of a message. They may have
   * any number and any URL, and no constraint but `present` allows them. The segment `*` is every
   * element of an array.
   */
  readonly content?: readonly string[];
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
  /** Where the values in the arguments come from. Absent if no check reads it. */
  readonly origins?: readonly Origins[];
}

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
  const named = checkMembers(call);
  if (!named.ok) return named;
  // Only a missing member means no arguments. A `null` is refused.
  const args = call.args === undefined ? {} : call.args;
  const nodes = argumentNodes(args, call.content);
  if (!nodes.ok) return nodes;
  const checked = { ...call, dataset: datasetsOf(call), nodes: nodes.value };
  return ok(
    reads('args_sha256') ? { ...checked, argsDigest: await argumentsDigest(args) } : checked,
  );
}

function checkDatasets(dataset: Call['dataset']): Result<unknown, CallError> {
  const datasets = datasetsOf({ dataset });
  if (!Array.isArray(datasets)) {
    return refuse({
      code: 'name_invalid',
      kind: 'dataset',
      why: 'not a string or a list of strings',
    });
  }
  // Invariant 6: a call without a dataset would be authorized for all datasets.
  if (datasets.length === 0) return refuse({ code: 'dataset_missing' });
  if (datasets.length > CALL_DATASETS_MAX) {
    return refuse({ code: 'datasets_count', count: datasets.length });
  }
  for (const one of datasets) {
    const checked = checkDataset(one);
    if (!checked.ok) return checked;
  }
  return ok(null);
}

const checkAction = (action: unknown): Result<unknown, CallError> =>
  isAction(action)
    ? ok(null)
    : refuse({
        code: 'name_invalid',
        kind: 'action',
        why: 'not one of read, write, delete and execute',
      });

const checkContent = (content: readonly string[]): Result<unknown, CallError> =>
  Array.isArray(content) && content.every((one) => typeof one === 'string' && readPointer(one))
    ? ok(null)
    : refuse({
        code: 'arguments_invalid',
        pointer: '',
        why: 'content that is not a list of pointers',
      });

interface Member<Value, Required extends boolean = boolean> {
  readonly required: Required;
  readonly check: (value: Value) => Result<unknown, CallError>;
}

/** The members in the order of their checks. A member without an entry does not compile. */
const MEMBERS: {
  readonly [Name in keyof Call]-?: undefined extends Call[Name]
    ? Member<Exclude<Call[Name], undefined>, false>
    : Member<Call[Name], true>;
} = {
  tool: { required: true, check: checkTool },
  action: { required: true, check: checkAction },
  dataset: { required: true, check: checkDatasets },
  method: { required: false, check: checkMethod },
  path: { required: false, check: checkPath },
  // `checkCall` checks the arguments last, where it reads their nodes.
  args: { required: false, check: () => ok(null) },
  // The server's own code states it, as the other members of the route.
  content: { required: false, check: checkContent },
  // The verifier computes it from the key of a proof that it verified.
  holder: { required: false, check: () => ok(null) },
};

const NAMES = Object.keys(MEMBERS) as (keyof Call)[];

/** The members of a call. Their values are checked by `checkCall`, and denied. */
export const CALL_MEMBERS = Object.fromEntries(
  NAMES.map((name) => [name, MEMBERS[name].required ? anything : optional(anything)]),
) as Members<Call>;

/** Checks a required member even if it is missing, so that the call is denied. */
function checkMembers(call: Call): Result<null, CallError> {
  for (const name of NAMES) {
    const { required, check } = MEMBERS[name] as Member<never>;
    if (call[name] === undefined && !required) continue;
    const checked = check(call[name] as never);
    if (!checked.ok) return checked;
  }
  return ok(null);
}

/** Returns the datasets of a call as a list. */
export const datasetsOf = ({ dataset }: Pick<Call, 'dataset'>): readonly string[] =>
  typeof dataset === 'string' ? [dataset] : dataset;
