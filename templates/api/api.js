// An API with one protected route:  GET /contacts?region=eu
const CONTACTS = { eu: ['Ada', 'Blaise'], us: ['Grace'] };

/** `hewn` is what `protect` returns, or a test's own. Runs for allowed requests only. */
export const createApi = (hewn) =>
  hewn.fetch(
    { tool: 'contacts.search', action: 'read', tier: 1, dataset: 'contacts/:region' },
    ({ args }) => Response.json((CONTACTS[args.region] ?? []).slice(0, args.limit ?? 10)),
  );
