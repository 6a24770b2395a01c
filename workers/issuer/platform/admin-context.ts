import type { OrderVia } from '../../../src/audit/index.ts';
import type { Operator } from '../../../src/operators/index.ts';
import type { IssuerEnv } from './env.ts';

/** What a handler of an admin route knows beside its input. */
export interface AdminContext {
  readonly env: IssuerEnv;
  readonly operator: Operator;
  /** The name of the operator, as records have it. */
  readonly actor: string;
  /** How the order came, as records have it. */
  readonly via: OrderVia;
  /** The person who confirmed the order, where it needs two. Their limits count as well. */
  readonly second?: Operator;
  /** The digest of the session that the request came with. */
  readonly session?: string | undefined;
}
