import type { JsonObject } from '../canonical-json.ts';

/** A call by the name that its tool has in the catalogue. */
export interface NamedCall {
  readonly tool: string;
  readonly args: JsonObject;
}
