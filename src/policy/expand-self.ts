import { isJsonObject, type Json } from '../canonical-json.ts';
import { type ConstraintsByPointer, parseByPointer } from '../capability/index.ts';
import type { CatalogueTool } from '../catalogue/index.ts';
import { EACH_ELEMENT, pointerTo } from '../json-pointer.ts';
import { originText, type ValueOrigin, valueOrigin } from '../provenance/index.ts';
import type { Principal } from './policy.ts';

const ORIGINS_MAX = 64; // As many as one `from` may have.

/**
 * Returns the constraints with each origin `self` replaced by what the issuer knows of the person:
 * the values of the claim that has the name of the sink's kind. A verifier knows no person.
 *
 * An origin `self` without such a value is left out. If nothing else is in the list, it stays: no
 * value meets it.
 */
export function expandSelf(
  constraints: ConstraintsByPointer,
  tool: Pick<CatalogueTool, 'sink'> | undefined,
  user: Principal | undefined,
): ConstraintsByPointer {
  const ownAt = (pointer: string): readonly ValueOrigin[] => {
    const kind = tool?.sink?.find(({ argument }) => argument === pointer)?.kind;
    const { claims = {} } = user ?? {};
    const own = kind !== undefined && Object.hasOwn(claims, kind) ? [claims[kind]].flat() : [];
    return own.filter((one) => typeof one === 'string' || typeof one === 'number').map(valueOrigin);
  };
  const entries = Object.entries(constraints).map(([pointer, constraint]) => [
    pointer,
    expand(constraint as unknown as Json, pointer, ownAt),
  ]);
  const expanded = parseByPointer(Object.fromEntries(entries));
  // A claim may be longer than a value of a constraint can be.
  return expanded.ok ? expanded.value : constraints;
}

type OwnAt = (pointer: string) => readonly ValueOrigin[];

/** Each kind with constraints inside has them as its value, in a list, or by name. */
function expand(constraint: Json, pointer: string, ownAt: OwnAt): Json {
  if (!isJsonObject(constraint)) return constraint;
  const [[kind, inside] = ['', null]] = Object.entries(constraint);
  switch (kind) {
    case 'from':
      return { from: expandOrigins(inside as never, ownAt(pointer)) as never };
    case 'optional':
      return { optional: expand(inside, pointer, ownAt) };
    case 'orEmpty':
      return { orEmpty: expand(inside, pointer, ownAt) };
    case 'every':
    case 'any':
      return { [kind]: expand(inside, pointerTo(pointer, EACH_ELEMENT), ownAt) };
    case 'allOf':
    case 'anyOf':
      return { [kind]: (inside as readonly Json[]).map((one) => expand(one, pointer, ownAt)) };
    case 'each':
    case 'eachHas': {
      const element = pointerTo(pointer, EACH_ELEMENT);
      const members = Object.entries(inside as object).map(([name, one]) => [
        name,
        expand(one, pointerTo(element, name), ownAt),
      ]);
      return { [kind]: Object.fromEntries(members) };
    }
    default:
      return constraint;
  }
}

function expandOrigins(
  origins: readonly ValueOrigin[],
  own: readonly ValueOrigin[],
): readonly ValueOrigin[] {
  if (!origins.includes('self')) return origins;
  const known = new Map(
    origins.flatMap((one) => (one === 'self' ? own : [one])).map((one) => [originText(one), one]),
  );
  const expanded = [...known.values()].slice(0, ORIGINS_MAX);
  return expanded.length === 0 ? ['self'] : expanded;
}
