import {
  type Catalogue,
  type CatalogueGet,
  fetchVerified,
  toolDifferences,
  type VerifiedCatalogue,
} from '../../src/catalogue/index.ts';
import { catalogueOf, type Head } from '../../src/feed/index.ts';
import { report } from '../../src/report.ts';
import { SingleFlight } from '../../src/single-flight.ts';

/** How long a call waits for a catalogue that its head names and that is not here yet. */
export const CATALOGUE_WAIT_MILLISECONDS = 1_000;
const LOOK_MILLISECONDS = 250; // Between two looks of a call that waits.
const FETCH_MILLISECONDS_MAX = 4_000; // A slow fetch ends in the background, for later calls.
const RETRY_MILLISECONDS_MIN = 250; // After a failure, doubled with each further one.
const RETRY_MILLISECONDS_MAX = 10_000;
/** Between two requests for a head while the newest one leaves no catalogue in force. */
const NO_CATALOGUE_PAUSE_MILLISECONDS = 1_000;
const KEPT_MAX = 4; // To say where a denial's two catalogues differ, and for a quick way back.

/** By which catalogue a call is judged. */
export interface Judging {
  /** Undefined if no catalogue was verified yet: no tool can be called. */
  readonly catalogue: Catalogue | undefined;
  readonly hash: string | undefined;
  /** The hash that the head of shard 0 names; undefined if it names none. */
  readonly named: string | undefined;
  /** False until the named catalogue was fetched: then only reads are judged. */
  readonly isCurrent: boolean;
}

/** Where the catalogue of a token's mint and the one of its denial differ. */
export interface CatalogueGap {
  readonly minted: string;
  readonly judged: string;
  /** What differs about the tool. Undefined if the catalogue of the mint is not at hand. */
  readonly differences: readonly string[] | undefined;
}

/** What the catalogues follow: shard 0 of the feed. */
export interface CatalogueFeed {
  readonly head: Head | undefined;
  refresh(): Promise<unknown>;
}

export interface CataloguesOptions {
  readonly feed: CatalogueFeed;
  readonly get: CatalogueGet;
  /** From the entry file: in force while the head names none. */
  readonly configured?: VerifiedCatalogue | undefined;
}

/** The catalogues of an isolate. The newest head says which one is in force. */
export class Catalogues {
  readonly #feed: CatalogueFeed;
  readonly #get: CatalogueGet;
  readonly #configured: VerifiedCatalogue | undefined;
  /** By hash, the one that was used last at the end. */
  readonly #kept = new Map<string, VerifiedCatalogue>();
  /** The one that was in force last. */
  #last: VerifiedCatalogue | undefined;
  /** When the catalogue of an earlier mint may be fetched again. */
  #earlierAt = 0;
  /** When another head may be requested because nothing is in force. */
  #nextHeadAt = 0;
  #failure: { hash: string; count: number; until: number } | undefined;
  // Requests share the catalogue and never the promise of it (docs/decisions, 2).
  readonly #fetching = new SingleFlight(() => this.#fetchNamed(), {
    millisecondsMax: LOOK_MILLISECONDS,
    patienceMilliseconds: FETCH_MILLISECONDS_MAX,
  });

  constructor({ feed, get, configured }: CataloguesOptions) {
    this.#feed = feed;
    this.#get = get;
    this.#configured = configured;
    if (configured) this.#kept.set(configured.hash, configured);
  }

  /**
   * Returns by which catalogue a call is judged that arrives now. Waits for the named one, within
   * the bound and not at all after a failure. The first call of an isolate asks for a head.
   */
  async judging(): Promise<Judging> {
    await this.#askForHead();
    await this.#fetchIfDue();
    const named = this.#named();
    const inForce = named === undefined ? this.#configured : this.#kept.get(named);
    if (inForce) {
      this.#last = inForce;
      this.#use(inForce);
    }
    const { catalogue, hash } = inForce ?? this.#last ?? {};
    return { catalogue, hash, named, isCurrent: inForce !== undefined };
  }

  /**
   * A gateway that started before the first version was activated has a head that names no
   * catalogue, and could judge nothing until that head is too old for a call.
   */
  async #askForHead(): Promise<void> {
    const isJudged = this.#named() !== undefined || this.#configured !== undefined;
    if (this.#feed.head && (isJudged || performance.now() < this.#nextHeadAt)) return;
    this.#nextHeadAt = performance.now() + NO_CATALOGUE_PAUSE_MILLISECONDS;
    await this.#feed.refresh();
  }

  /** Whether the head has moved on to another catalogue meanwhile. */
  hasMoved({ named }: Judging): boolean {
    return this.#named() !== named;
  }

  /** After an answer: fetches a catalogue that the newest head names, before a call needs it. */
  async bringForward(): Promise<void> {
    await this.#fetchIfDue();
  }

  /**
   * Returns where the catalogue of a mint differs from the one by which its call was judged.
   * Fetches the former if it is not here, within the bound.
   */
  async gapOf(
    minted: string | undefined,
    { hash }: Judging,
    tool: string,
  ): Promise<CatalogueGap | undefined> {
    if (minted === undefined || hash === undefined || minted === hash) return undefined;
    await this.#fetchEarlier(minted);
    const [before, after] = [this.#kept.get(minted), this.#kept.get(hash)];
    if (!before || !after) return { minted, judged: hash, differences: undefined };
    const differences = toolDifferences(before.catalogue.get(tool), after.catalogue.get(tool));
    // Both say the same about the tool, so the denial has another reason.
    return differences.length === 0 ? undefined : { minted, judged: hash, differences };
  }

  #named(): string | undefined {
    const { head } = this.#feed;
    return head && catalogueOf(head);
  }

  /** The hash is signed by the issuer, so no caller chooses what is fetched. */
  async #fetchEarlier(hash: string): Promise<void> {
    if (this.#kept.has(hash) || performance.now() < this.#earlierAt) return;
    // One attempt at a time, and a pause after each: a denial is only explained by it.
    this.#earlierAt = performance.now() + RETRY_MILLISECONDS_MAX;
    const fetched = await fetchVerified(this.#get, hash, CATALOGUE_WAIT_MILLISECONDS);
    if (!fetched.ok) return;
    this.#use(fetched.value);
    this.#earlierAt = 0;
  }

  async #fetchIfDue(): Promise<void> {
    const named = this.#named();
    const failure = this.#failure;
    if (named === undefined || this.#kept.has(named)) return;
    if (failure?.hash === named && performance.now() < failure.until) return;
    const until = performance.now() + CATALOGUE_WAIT_MILLISECONDS - LOOK_MILLISECONDS;
    // A fetch that is under way may be for a catalogue that the head no longer names.
    do await this.#fetching.join();
    while (!this.#isHere(this.#named()) && this.#failure === failure && performance.now() < until);
    // The fetch is slow. It continues, and the next calls do not wait for it.
    if (!this.#kept.has(named) && this.#failure === failure) this.#noteFailure(named);
  }

  /** Whether nothing must be fetched to judge by the catalogue of this hash. */
  #isHere(hash: string | undefined): boolean {
    return hash === undefined || this.#kept.has(hash);
  }

  /** Fetches what the head names now. A failure is noted, and never thrown. */
  async #fetchNamed(): Promise<void> {
    const hash = this.#named();
    if (hash === undefined || this.#kept.has(hash)) return;
    const fetched = await fetchVerified(this.#get, hash, FETCH_MILLISECONDS_MAX);
    if (fetched.ok) {
      this.#use(fetched.value);
      return;
    }
    this.#noteFailure(hash);
    report('catalogue.unfetched', { hash, ...fetched.error });
  }

  #noteFailure(hash: string): void {
    const count = this.#failure?.hash === hash ? this.#failure.count + 1 : 1;
    const pause = Math.min(RETRY_MILLISECONDS_MIN * 2 ** (count - 1), RETRY_MILLISECONDS_MAX);
    this.#failure = { hash, count, until: performance.now() + pause };
  }

  #use(catalogue: VerifiedCatalogue): void {
    const { hash } = catalogue;
    if (this.#failure?.hash === hash) this.#failure = undefined;
    this.#kept.delete(hash);
    this.#kept.set(hash, catalogue);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      if (oldest !== this.#configured?.hash) this.#kept.delete(oldest);
    }
  }
}
