import type * as v from 'valibot';

type ObjectSchema = v.GenericSchema<Record<string, unknown>, Record<string, unknown>>;

/** One answer of a public route. */
export interface PublicAnswer {
  readonly description: string;
  readonly contentType?: string;
  readonly schema?: v.GenericSchema;
}

/** Who may call a route. */
export type Caller = 'anyone' | 'operator_or_verifier' | 'verifier' | 'capability' | 'receiver';

/**
 * The contract of a route for agents, verifiers and receivers. Their protocols define how a request
 * is read, so the handler does that; the path, the method and the query come from here.
 */
export interface PublicRoute {
  readonly method: 'GET' | 'POST';
  readonly path: `/${string}`;
  readonly summary: string;
  /** The specification that defines the route. */
  readonly specification?: string;
  readonly caller: Caller;
  /** Unknown and repeated parameters are refused. Absent: the route reads none. */
  readonly query?: ObjectSchema;
  readonly request?: { readonly contentType: string; readonly schema: v.GenericSchema };
  readonly answers: Readonly<Record<number, PublicAnswer>>;
}

export type PublicRoutes = Readonly<Record<string, PublicRoute>>;
