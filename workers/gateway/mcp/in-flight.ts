/** Whose request it is: an agent's id says nothing without its workflow and server. */
export interface AgentRequest {
  readonly workflow: string;
  readonly server: string;
  readonly id: string | number;
}

const REQUESTS_MAX = 10_000; // What an isolate has open at once, many times over.

/**
 * Requests that wait for their answer, under ids of the gateway's own. Agents number theirs from
 * one, and a server that tells its clients apart by these numbers alone hands the answer of one
 * workflow to another (GHSA-345p-7cg4-v4c7); ours are never the same twice.
 */
export class InFlight {
  readonly #ids = new Map<string, readonly string[]>();

  /** A new id for the request; `end` is owed. */
  begin(request: AgentRequest): string {
    const id = `hewn-${crypto.randomUUID()}`;
    // What a request leaves behind that was cut off at the runtime's bound.
    if (this.#ids.size >= REQUESTS_MAX) this.#ids.clear();
    this.#ids.set(keyOf(request), [...this.#of(request), id]);
    return id;
  }

  end(request: AgentRequest, id: string): void {
    const left = this.#of(request).filter((one) => one !== id);
    if (left.length > 0) this.#ids.set(keyOf(request), left);
    else this.#ids.delete(keyOf(request));
  }

  /** Our id of the request; undefined where none waits here, or two that cannot be told apart. */
  find(request: AgentRequest): string | undefined {
    const ids = this.#of(request);
    return ids.length === 1 ? ids[0] : undefined;
  }

  #of(request: AgentRequest): readonly string[] {
    return this.#ids.get(keyOf(request)) ?? [];
  }
}

// As JSON: the number 1 and the text "1" are two ids.
const keyOf = ({ workflow, server, id }: AgentRequest): string =>
  JSON.stringify([workflow, server, id]);
