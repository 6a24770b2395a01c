/** Where the counted issuer answers with its tallies. */
export const TALLIES_PATH = '/bench/tallies';
