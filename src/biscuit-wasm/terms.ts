import type { Datalog, Parameter } from '../capability/index.ts';
import { toHex } from '../encoding.ts';

/** Values in the form that the reference's `addCodeWithParameters` reads. */
export function toParameters(datalog: Datalog): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(datalog.parameters)) {
    parameters[name] = toTerm(value);
  }
  return parameters;
}

function toTerm(value: Parameter): unknown {
  if (value instanceof Date) return { date: value.toISOString() };
  if (value instanceof Uint8Array) return { bytes: toHex(value) };
  if (value instanceof Set) return { set: [...value] };
  return value;
}
