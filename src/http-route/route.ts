/** A method of HTTP that a route may have. HEAD follows GET. */
export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** A method that a route may have. */
export type HttpMethod = (typeof HTTP_METHODS)[number];

/** What the text of a path, query, header or form can be read as. Each value has one spelling. */
export const TEXT_TYPES = ['string', 'integer', 'number', 'boolean'] as const;
/** What a text is read as: one of `TEXT_TYPES`. */
export type TextType = (typeof TEXT_TYPES)[number];

/** Where a request has an argument. */
export interface ArgumentPlace {
  readonly in: 'path' | 'query' | 'header' | 'body';
  /** Its name there; by default that of the argument. */
  readonly name?: string | undefined;
  /** By default a text; in a JSON body, any value. */
  readonly type?: TextType | undefined;
  /** Whether a query or form may repeat it. The argument is then a list, even of one value. */
  readonly list?: boolean | undefined;
  /** Whether it is the JSON body as a whole, and not a member of it. */
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
  /** By the name of the argument. A parameter of the path has its place without it. */
  readonly arguments?: Readonly<Record<string, ArgumentPlace>> | undefined;
  readonly body?: BodyForm | undefined;
  /** The media types that the body may have; for `bytes`, what may be uploaded. */
  readonly contentTypes?: readonly string[] | undefined;
  /** The most bytes of a body that is passed on unread. */
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
