import { useEffect, useState } from 'preact/hooks';
import type { UnixMilliseconds } from '../../clock.ts';
import { askChanges } from './changes.ts';
import { faultWords } from './fault-words.ts';
import { issuerNow } from './issuer-clock.ts';

export interface Live {
  readonly mode: 'live' | 'paused' | 'failing' | 'signed_out';
  /** When the issuer last answered. */
  readonly asOf: UnixMilliseconds;
  readonly failingSince?: UnixMilliseconds;
  readonly nextTry?: UnixMilliseconds;
  /** Why the last try failed, in words. */
  readonly why?: string;
  /** Grows each time something has happened: a page that shows data loads it again. */
  readonly changes: number;
}

const POLL_MILLISECONDS = 2000;
/** While a stop is being confirmed, a person waits for each verifier. */
const FAST_MILLISECONDS = 500;
const RETRY_MILLISECONDS_MAX = 30_000;

/**
 * Asks the issuer every two seconds whether anything happened, and only while the page is visible.
 *
 * A stream would keep its Durable Object in memory and billed for as long as a tab is open, and its
 * sign-in would be checked only once; each poll is checked.
 */
export class Poller {
  readonly #listeners = new Set<() => void>();
  #state: Live = { mode: 'live', asOf: issuerNow(), changes: 0 };
  #cursor: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #wait = POLL_MILLISECONDS;
  #fast = 0;

  get state(): Live {
    return this.#state;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    document.addEventListener('visibilitychange', () => this.#onVisible());
    this.#schedule(0);
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#set({ mode: 'paused', asOf: this.#state.asOf, changes: this.#state.changes });
  }

  resume(): void {
    this.#set({ mode: 'live', asOf: this.#state.asOf, changes: this.#state.changes });
    this.#schedule(0);
  }

  /** Polls at once and, until the returned function is called, twice a second. */
  hurry(): () => void {
    this.#fast += 1;
    this.#schedule(0);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#fast -= 1;
    };
  }

  /** Asks at once, and has everything loaded again. */
  reload(): void {
    this.#set({ ...this.#state, changes: this.#state.changes + 1 });
    this.#schedule(0);
  }

  #onVisible(): void {
    if (document.visibilityState === 'visible') this.#schedule(0);
    else clearTimeout(this.#timer);
  }

  #schedule(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#state.mode === 'paused' || this.#state.mode === 'signed_out') return;
    if (document.visibilityState === 'hidden') return;
    this.#timer = setTimeout(() => void this.#poll(), milliseconds);
  }

  async #poll(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const answer = await askChanges(this.#cursor);
    this.#isAsking = false;
    if (this.#state.mode === 'paused') return;
    const now = issuerNow();
    const { changes } = this.#state;
    if (answer.ok) {
      const wasFailing = this.#state.mode === 'failing';
      const hasNews = answer.value !== undefined && answer.value !== this.#cursor;
      const isFirst = this.#cursor === undefined;
      this.#cursor = answer.value ?? this.#cursor;
      this.#wait = POLL_MILLISECONDS;
      const isNew = wasFailing || (hasNews && !isFirst);
      this.#set({ mode: 'live', asOf: now, changes: isNew ? changes + 1 : changes });
      this.#schedule(this.#fast > 0 ? FAST_MILLISECONDS : POLL_MILLISECONDS);
    } else if (answer.error.kind === 'signed_out') {
      this.#set({ mode: 'signed_out', asOf: this.#state.asOf, changes });
    } else {
      this.#wait = Math.min(this.#wait * 2, RETRY_MILLISECONDS_MAX);
      const failingSince = this.#state.failingSince ?? this.#state.asOf;
      const { asOf } = this.#state;
      const why = faultWords(answer.error);
      this.#set({ mode: 'failing', asOf, failingSince, nextTry: now + this.#wait, why, changes });
      this.#schedule(this.#wait);
    }
  }

  #set(state: Live): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Renders again whenever the state of the poller changes. */
export function usePoller(poller: Poller): Live {
  const [state, setState] = useState(poller.state);
  useEffect(() => {
    setState(poller.state);
    return poller.listen(() => setState(poller.state));
  }, [poller]);
  return state;
}
