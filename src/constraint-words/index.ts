/** What the arguments of a call may be, in words for a person. */
export { argumentWords, constraintWords, limitWords } from './words.ts';
