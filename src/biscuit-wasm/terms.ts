import type { Datalog, Parameter } from '../capability/index.ts';
import { toHex } from '../encoding.ts';

/** Returns the parameters in the form that `addCodeWithParameters` of the reference expects. */
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
