import type { FeedEntry, Watermark } from '../../../src/feed/index.ts';

interface OrderTimes {
  /** Unix seconds. */
  readonly at: number;
  /** Unix seconds after which no token that it could hit is alive. */
  readonly expires: number;
}

/** Of one workflow or block. */
export type StopOrder = OrderTimes &
  (
    | { readonly kind: 'workflow' | 'block'; readonly id: string }
    /** `gen`: of the tokens that it stops, for that is what makes it another than the last one. */
    | { readonly kind: 'suspension'; readonly id: string; readonly gen: number }
    /** `gen`: of the tokens that live again. */
    | { readonly kind: 'resumption'; readonly id: string; readonly gen: number }
  );

/** Of everything in a scope. */
export type WatermarkOrder = OrderTimes & { readonly kind: 'watermark' } & Watermark;

/** What is to be written to the log; the log gives it its place. */
export type LogOrder = StopOrder | WatermarkOrder;

/** One text for one order: what is ordered twice, or retried, is one entry. */
export function orderKey(order: LogOrder): string {
  switch (order.kind) {
    case 'workflow':
    case 'block':
      return `${order.kind} ${order.id}`;
    case 'suspension':
    case 'resumption':
      return `${stopKey(order.id)}${order.gen} ${order.kind}`;
    case 'watermark':
      return `${order.kind} ${order.scope} ${order.before} ${order.value}`;
  }
}

/** What the keys of all suspensions and resumptions of one workflow begin with. */
export const stopKey = (id: string): string => `stop ${id} `;

export function entryOf(order: LogOrder, seq: number): FeedEntry {
  const position = { seq, at: order.at, expires: order.expires };
  switch (order.kind) {
    case 'workflow':
    case 'block':
    case 'suspension':
      return { kind: order.kind, ...position, id: order.id };
    case 'resumption':
      return { kind: order.kind, ...position, id: order.id, gen: order.gen };
    case 'watermark':
      return {
        kind: order.kind,
        ...position,
        scope: order.scope,
        value: order.value,
        before: order.before,
      };
  }
}
