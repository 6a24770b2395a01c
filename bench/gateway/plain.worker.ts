/** The floor: a Worker that forwards every request and decides nothing. */
export default {
  fetch: (request: Request, { UPSTREAM }: { readonly UPSTREAM: string }): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    return fetch(`${UPSTREAM}${pathname}${search}`, request);
  },
};
