import type { Json, JsonObject } from '../../canonical-json.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Denial } from '../decision.ts';
import type { VerifyRequest } from '../verify-request.ts';
import { PLACEHOLDER, type Route, type RouteInput, type RouteValue } from './route.ts';

/** A described call, whose arguments the handler gets as well. */
export type DescribedCall = VerifyRequest & { readonly args: JsonObject };

/** Why a route's call cannot be described. `error`: what a function of the route threw. */
export interface DescribeFailure {
  readonly denial: Denial;
  readonly error?: unknown;
}

/**
 * Describes the call that a request to the route makes. A function that throws or returns nothing
 * has met a request that the route was not written for, so the call is denied.
 */
export function describeCall(
  route: Route,
  input: RouteInput,
  argsFault: string | undefined,
): Result<DescribedCall, DescribeFailure> {
  const { method } = input;
  try {
    if (argsFault !== undefined && route.args === undefined) return failed(argsFault);
    const args = evaluate(route.args ?? input.args, input);
    const [tool, action, tier] = [route.tool, route.action, route.tier].map((member) =>
      evaluate<unknown>(member, input),
    ) as [VerifyRequest['tool'], VerifyRequest['action'], VerifyRequest['tier']];
    const dataset = datasetsOf(route, input);
    if ([args, tool, action, tier, dataset].some((value) => value === undefined)) {
      return failed('the route names no value for a part of the call');
    }
    return ok({ tool, action, tier, dataset: dataset as string[], args, method });
  } catch (error) {
    return refuse({ ...failed('the route cannot describe the call').error, error });
  }
}

const failed = (why: string) =>
  refuse({ denial: { code: 'arguments_invalid', pointer: '', why } as const });

const evaluate = <T>(value: RouteValue<T>, input: RouteInput): T =>
  typeof value === 'function' ? (value as (input: RouteInput) => T)(input) : value;

/** Fills in placeholders of datasets that are written down. A function returns finished names. */
function datasetsOf({ dataset }: Route, input: RouteInput): readonly unknown[] | undefined {
  if (typeof dataset === 'function') {
    const named = dataset(input);
    return named === undefined ? undefined : [named].flat();
  }
  return [dataset].flat().map((name) => fillIn(name, input.args));
}

/** An argument that is no single segment leaves a name that is not valid, which is denied. */
const fillIn = (template: string, args: JsonObject): string =>
  template.replace(PLACEHOLDER, (_, before: string, name: string) => {
    const value: Json | undefined = Object.hasOwn(args, name) ? args[name] : undefined;
    return `${before}${typeof value === 'string' && !value.includes('/') ? value : ''}`;
  });
