import { NEVER_EXPIRES } from '../format/entry.ts';
import type { Head, HeadWatermark } from '../format/head.ts';

/** Returns whether a watermark of a head denies a tool, instead of stopping tokens. */
export const isDeniedTool = ({ scope, expires }: HeadWatermark): boolean =>
  scope === 'tool' && expires === NEVER_EXPIRES;

type Moment = Pick<Head, 'epoch' | 'seq' | 'issued_at'>;

/**
 * The tools that an operator denies now. Each head lists all of them, so a head without a tool
 * lifts its denial. A denial applies as soon as its head is opened. A lift applies only once its
 * head is applied, and never through a head that is older than the denial.
 */
export class DeniedTools {
  #tools: ReadonlySet<string> = new Set();
  #newest: Moment = { epoch: 0, seq: 0, issued_at: 0 };

  has(tool: string): boolean {
    return this.#tools.has(tool);
  }

  open(head: Head): void {
    const denied = deniedBy(head);
    if (denied.length > 0) this.#tools = new Set([...this.#tools, ...denied]);
    if (isNotBefore(head, this.#newest)) this.#newest = head;
  }

  apply(head: Head): void {
    if (isNotBefore(head, this.#newest)) this.#tools = new Set(deniedBy(head));
  }
}

const deniedBy = ({ watermarks }: Head): readonly string[] =>
  watermarks.filter(isDeniedTool).map(({ value }) => value);

const isNotBefore = (head: Moment, other: Moment): boolean =>
  head.epoch >= other.epoch && head.seq >= other.seq && head.issued_at >= other.issued_at;
