import { readSeconds } from '../../../src/clock.ts';
import type { SignedHead } from '../../../src/feed/index.ts';
import type { AuditNote } from './audit-note.ts';
import type { LogEntries } from './entries.ts';
import type { LogHeads } from './heads.ts';
import type { LogMaintenance } from './maintenance.ts';
import { readPosition, readSubscriber, type Subscribers } from './subscribers.ts';
import type { TreeRounds } from './tree/rounds.ts';

interface NewsParts {
  readonly entries: LogEntries;
  readonly heads: LogHeads;
  readonly subscribers: Subscribers;
  readonly rounds: TreeRounds;
  readonly audit: AuditNote;
  readonly maintenance: LogMaintenance;
}

/** Answers questions for the newest head, and sends the subscribers what changed. */
export class LogNews {
  readonly #ctx: DurableObjectState;
  readonly #parts: NewsParts;

  constructor(ctx: DurableObjectState, parts: NewsParts) {
    this.#ctx = ctx;
    this.#parts = parts;
  }

  /**
   * Returns the newest head, signed. If the log has witnesses, it carries their cosignatures, as
   * far as they answer in time.
   */
  async head(): Promise<SignedHead> {
    const { maintenance, rounds, audit } = this.#parts;
    await maintenance.compareOnce();
    if (rounds.isOn) {
      await this.#sign();
      this.#ctx.waitUntil(audit.freshen());
      await rounds.freshen();
    }
    return this.#sign();
  }

  /** Opens a socket with the newest head as its first message. */
  async answer(request: Request): Promise<Response> {
    const since = readPosition(new URL(request.url).searchParams.get('since'));
    if (!since) return new Response(null, { status: 400 });
    const { heads, subscribers } = this.#parts;
    const greeting = heads.messageSince(await this.head(), since);
    const socket = subscribers.accept(greeting, readSubscriber(request.headers));
    // Sockets end, and polling meanwhile costs little more.
    return socket ?? new Response(null, { status: 429, headers: { 'retry-after': '30' } });
  }

  /** Sends the news at once, and again when the witnesses have seen them. */
  async notify(seq: number): Promise<void> {
    const { subscribers, rounds, entries } = this.#parts;
    const news = (from: number) => this.#since(from);
    await subscribers.notify(seq, news);
    if (!rounds.isOn) return;
    await rounds.freshen();
    await subscribers.notify(entries.state.seq, news);
  }

  async #since(seq: number): Promise<Uint8Array<ArrayBuffer>> {
    const { maintenance, heads } = this.#parts;
    await maintenance.compareOnce();
    return heads.newsSince(await this.#sign(), seq);
  }

  /** Signs a head. Subscribers also get the entry that it may have needed: see `LogTree.settle`. */
  async #sign(): Promise<SignedHead> {
    const { entries, heads, rounds, maintenance } = this.#parts;
    const { seq } = entries.state;
    const head = await heads.newest(readSeconds());
    const end = entries.state.seq;
    if (rounds.isOn && end > seq) {
      this.#ctx.waitUntil(this.notify(seq));
      this.#ctx.waitUntil(maintenance.isArchived(end));
    }
    return head;
  }
}
