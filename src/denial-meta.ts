/**
 * Where the machine form of a denial is in the `_meta` of a tool's result. Never in
 * `structuredContent`: some clients show a model only that, and hide the text.
 */
export const DENIAL_META = 'hewn.dev/denial';
