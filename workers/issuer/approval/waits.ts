/** As many as an agent may have open questions. */
export const WAITS_PER_AGENT_MAX = 8;
/** Of all agents. Each holds a request of a Worker open. */
export const WAITS_MAX = 256;

/** `full`: too many wait already, so this one has to poll. */
export type Waited = 'answered' | 'over' | 'full';

interface Wait {
  readonly id: string;
  readonly agent: string;
  readonly end: (how: Waited) => void;
}

/**
 * The requests that wait for a person, in one object. A restart of the object ends them; their
 * agents poll again.
 */
export class Waits {
  readonly #waits = new Set<Wait>();

  /** Waits until `wake` is called for the question, or the time is up. */
  until(id: string, agent: string, milliseconds: number): Promise<Waited> {
    const own = [...this.#waits].filter((one) => one.agent === agent);
    if (own.length >= WAITS_PER_AGENT_MAX || this.#waits.size >= WAITS_MAX) {
      return Promise.resolve('full');
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => wait.end('over'), milliseconds);
      const wait: Wait = {
        id,
        agent,
        end: (how) => {
          clearTimeout(timer);
          this.#waits.delete(wait);
          resolve(how);
        },
      };
      this.#waits.add(wait);
    });
  }

  /** Ends every wait for a question. */
  wake(id: string): void {
    for (const wait of this.#waits) if (wait.id === id) wait.end('answered');
  }
}
