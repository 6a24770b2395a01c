/** The HTTP methods that a route may have. A route with GET also accepts HEAD. */
export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** A method that a route may have. */
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** What the text of a path, query, header or form can be read as. Each value has one spelling. */
export const TEXT_TYPES = ['string', 'integer', 'number', 'boolean'] as const;
/** What a text is read as: one of `TEXT_TYPES`. */
export type TextType = (typeof TEXT_TYPES)[number];

/** The place of an argument in a request. */
export interface ArgumentPlace {
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** The name of the parameter, header or member. Defaults to the name of the argument. */
  readonly name?: string | undefined;
  /** Defaults to `string`; in a JSON body, to any value. */
  readonly type?: TextType | undefined;
  /** Whether a query or form may repeat the argument. It is then a list, even of one value. */
  readonly list?: boolean | undefined;
  /** Whether the argument is the whole JSON body, and not a member of it. */
  readonly whole?: boolean | undefined;
}

/** How a route reads a body: as JSON, as a form, or not at all, as bytes that are passed on. */
export const BODY_FORMS = ['json', 'form', 'bytes'] as const;
/** How a route reads a body: one of `BODY_FORMS`. */
export type BodyForm = (typeof BODY_FORMS)[number];

/** Which requests of an HTTP API are calls of a tool, and where they have its arguments. */
export interface HttpRoute {
  /** The name of the API in `/http/<server>/…`. */
  readonly server: string;
  readonly methods: readonly HttpMethod[];
  /** A path below the URL of the API: URLPattern syntax without expressions and options. */
  readonly path: string;
  /** By the name of the argument. A parameter of `path` needs no entry. */
  readonly arguments?: Readonly<Record<string, ArgumentPlace>> | undefined;
  readonly body?: BodyForm | undefined;
  /** The media types that the body may have. Required for `bytes`. */
  readonly contentTypes?: readonly string[] | undefined;
  /** The maximum size of a body that is passed on unread. */
  readonly bytes?: number | undefined;
  /** Headers of a request that are passed on without being judged, besides the usual ones. */
  readonly headers?: readonly string[] | undefined;
  /** Headers of an answer that are passed on, besides the usual ones. */
  readonly answerHeaders?: readonly string[] | undefined;
}

/** Returns where the route has an argument; undefined if it has no such argument. */
export function placeOf(route: HttpRoute, argument: string): ArgumentPlace | undefined {
  const { arguments: places = {} } = route;
  return Object.hasOwn(places, argument) ? places[argument] : undefined;
}
