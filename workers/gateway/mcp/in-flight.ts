/** A request of an agent. Its id is unique only together with the workflow and the server. */
export interface AgentRequest {
  readonly workflow: string;
  readonly server: string;
  readonly id: string | number;
}

const REQUESTS_MAX = 10_000; // Far more than an isolate has open at once.

/**
 * Requests that wait for their answer, under ids of the gateway's own. Agents number their requests
 * from one, and a server that tells its clients apart by these numbers alone gives the answer of
 * one workflow to another (GHSA-345p-7cg4-v4c7). Our ids are unique.
 */
export class InFlight {
  readonly #ids = new Map<string, readonly string[]>();

  /** Returns a new id for the request. Call `end` when its answer is there. */
  begin(request: AgentRequest): string {
    const id = `hewn-${crypto.randomUUID()}`;
    // Requests that the runtime cut off never end, so their entries would add up.
    if (this.#ids.size >= REQUESTS_MAX) this.#ids.clear();
    this.#ids.set(keyOf(request), [...this.#of(request), id]);
    return id;
  }

  end(request: AgentRequest, id: string): void {
    const others = this.#of(request).filter((one) => one !== id);
    if (others.length > 0) this.#ids.set(keyOf(request), others);
    else this.#ids.delete(keyOf(request));
  }

  /** Returns our id of a request; undefined if none waits here, or two that look the same. */
  find(request: AgentRequest): string | undefined {
    const ids = this.#of(request);
    return ids.length === 1 ? ids[0] : undefined;
  }

  #of(request: AgentRequest): readonly string[] {
    return this.#ids.get(keyOf(request)) ?? [];
  }
}

// As JSON, because the number 1 and the string "1" are two ids.
const keyOf = ({ workflow, server, id }: AgentRequest): string =>
  JSON.stringify([workflow, server, id]);
