import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { checkPath } from '../../capability/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Denial } from '../decision.ts';
import type { VerifyRequest } from '../verify-request.ts';
import { PLACEHOLDER, type Route, type RouteInput, type RouteValue } from './route.ts';
import type { ReadInput } from './route-input.ts';

/** A described call, whose arguments the handler gets as well. */
export type DescribedCall = VerifyRequest & { readonly args: JsonObject };

/** Why a route's call cannot be described. `error`: what a function of the route threw. */
export interface DescribeFailure {
  readonly denial: Denial;
  readonly error?: unknown;
}

/** The request is at fault. Whatever else a function of the route throws is reported. */
class Undescribable extends Error {}

/**
 * Describes the call that a request to the route makes. A function that throws or returns nothing
 * has met a request that the route was not written for, so the call is denied.
 */
export function describeCall(
  route: Route,
  read: ReadInput,
): Result<DescribedCall, DescribeFailure> {
  const input = inputOf(read);
  const { method, url } = read;
  try {
    const args = route.args === undefined ? argsOf(input) : evaluate(route.args, input);
    const [tool, action, tier] = [route.tool, route.action, route.tier].map((member) =>
      evaluate<unknown>(member, input),
    ) as [VerifyRequest['tool'], VerifyRequest['action'], VerifyRequest['tier']];
    const dataset = datasetsOf(route, input) as readonly string[];
    if ([args, tool, action, tier, dataset].some((value) => value === undefined)) {
      return failure('the route names no value for a part of the call');
    }
    return ok({ tool, action, tier, dataset, args, method, path: pathOf(url) });
  } catch (error) {
    if (error instanceof Undescribable) return failure(error.message);
    return refuse({ ...failure('the route cannot describe the call').error, error });
  }
}

/** Returns the tool alone, of a call that cannot be described; undefined if that fails too. */
export function toolFor({ tool }: Route, read: ReadInput): unknown {
  try {
    return evaluate<unknown>(tool, inputOf(read));
  } catch {
    return undefined;
  }
}

function inputOf({ carried, isAmbiguous, ...parts }: ReadInput): RouteInput {
  return {
    ...parts,
    get args() {
      // The judge would take one of the values, and the handler perhaps another.
      if (isAmbiguous) throw new Undescribable('an argument is given in two places');
      return carried;
    },
  };
}

const failure = (why: string) =>
  refuse({ denial: { code: 'arguments_invalid', pointer: '', why } as const });

/** Decoded, as caveats have it. A path with two readings stays as it is, and is denied. */
const pathOf = ({ pathname }: URL): string =>
  checkPath(pathname).ok ? decodeURIComponent(pathname) : pathname;

function argsOf({ body, args }: RouteInput): JsonObject {
  if (body === undefined || isJsonObject(body)) return args;
  // It has no members, so it would reach the handler unjudged.
  throw new Undescribable('the body is not an object');
}

const evaluate = <T>(value: RouteValue<T>, input: RouteInput): T =>
  typeof value === 'function' ? (value as (input: RouteInput) => T)(input) : value;

/** Fills in placeholders of datasets that are written down. A function returns finished names. */
function datasetsOf({ dataset }: Route, input: RouteInput): readonly unknown[] | undefined {
  if (typeof dataset === 'function') {
    const named = dataset(input);
    return named === undefined ? undefined : [named].flat();
  }
  return [dataset].flat().map((name) => fillIn(name, input));
}

/**
 * An argument that is no single segment leaves a name that is not valid, which is denied. One with
 * a tilde could be taken for the encoded form of another.
 */
const fillIn = (template: string, input: RouteInput): string =>
  template.replace(PLACEHOLDER, (_, before: string, name: string) => {
    const { args } = input;
    const value: Json | undefined = Object.hasOwn(args, name) ? args[name] : undefined;
    return `${before}${typeof value === 'string' && !/[/~]/.test(value) ? value : ''}`;
  });
